"""How well the account understands: the project's own labelled questions, and what they cost.

Run: python -m benchmarks.understanding [section …] [--write] [--wrong KIND]. Each section stands
between its two marks in docs/understanding.md; `--write` puts what was measured there.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import select

from benchmarks import intents, moments
from benchmarks.questions import load
from benchmarks.questions.load import NONE, Row, Search
from bot.kit.intents import Reader
from bot.kit.moments import read_period
from store import card, ledger
from store.base import Base
from store.county import County
from store.database import Database
from store.errors import Refused
from store.instrument import Instrument
from store.organisation import Organisation
from store.search.found import Found
from store.search.index import Index

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "bot" / "sandbox" / "data" / "jinzhong-first-batch.xlsx"
PAGE = ROOT / "docs" / "understanding.md"
NOW = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
FIRST = 3
ROUNDS = 5


@dataclass
class Tally:
    """How the questions of one kind were answered."""

    asked: int = 0
    first: int = 0
    """Right at the first place."""
    soon: int = 0
    """Right among the first three; of a question that nothing fits: nothing found, and said so."""
    empty: int = 0
    """Nothing found at all."""
    times: list[float] = field(default_factory=list[float])
    """Seconds a question, the fastest of some."""

    def line(self, kind: str) -> str:
        """One row of the table."""
        first = "" if kind == NONE else _share(self.first, self.asked)
        times = sorted(self.times)
        p50, p95 = (times[int(len(times) * part)] * 1e6 for part in (0.5, 0.95))
        cells = (first, _share(self.soon, self.asked), _share(self.empty, self.asked))
        return f"| {kind} | {self.asked} | {' | '.join(cells)} | {p50:.0f} | {p95:.0f} |"

    def __iadd__(self, other: "Tally") -> Self:
        self.asked += other.asked
        self.first += other.first
        self.soon += other.soon
        self.empty += other.empty
        self.times += other.times
        return self


def main() -> None:
    """Measure the sections asked for, by default all."""
    told = argparse.ArgumentParser()
    told.add_argument("section", nargs="*", default=list(SECTIONS))
    told.add_argument("--write", action="store_true", help="put the tables into the page")
    told.add_argument("--wrong", metavar="KIND", help="show what is answered wrongly")
    args = told.parse_args()
    for name in args.section:
        table = asyncio.run(SECTIONS[name](args.wrong))
        print(table)
        if args.write:
            put(name, table)


def put(name: str, table: str) -> None:
    """Replace what stands between a section's marks."""
    page = PAGE.read_text("utf-8")
    marks = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    changed, found = re.subn(marks, lambda m: f"{m[1]}{table}\n{m[2]}", page, flags=re.DOTALL)
    if not found:
        raise SystemExit(f"{PAGE.name} has no place for {name}")
    PAGE.write_text(changed, "utf-8")


async def searches(wrong: str | None = None) -> str:
    """What people type to find an instrument, asked of the sample ledger."""
    before = _resident()
    with tempfile.TemporaryDirectory() as folder:
        index, rows = await catalogue(Path(folder))
        tallies: dict[str, Tally] = {}
        for question in load.searches():
            tally = tallies.setdefault(question.kind, Tally())
            if not _ask(index, rows, question, tally) and wrong == question.kind:
                _show(index, rows, question)
        grown = _resident() - before
        await index.close()
    return _table(tallies, grown)


async def catalogue(folder: Path) -> tuple[Index, dict[int, Row]]:
    """The sample ledger's index, and its rows as the labels name their columns."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'yixiang.db'}")
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await ledger.write(database, ledger.read(SAMPLE), NOW)
    index = Index.open(folder)
    await index.rebuild(database)
    query = select(Instrument, Organisation, County)
    query = query.join(Organisation, Organisation.id == Instrument.organisation_id)
    query = query.outerjoin(County, County.id == Instrument.county_id)
    async with database.read() as session:
        rows = {
            one.id: _row(one, unit, county) for one, unit, county in await session.execute(query)
        }
    await database.close()
    return index, rows


def _row(one: Instrument, unit: Organisation, county: County | None) -> Row:
    fields = {name: getattr(one, name) or "" for name in ("name", "model", "maker", "nation")}
    more = {"unit": unit.name, "county": county.name if county else ""}
    modes = card.modes(one.service_modes) or ""
    return {
        **fields,
        **more,
        "mode": modes,
        "open_hours": one.open_hours or "",
        "fee": one.fee or "",
    }


def _ask(index: Index, rows: dict[int, Row], question: Search, tally: Tally) -> bool:
    found, took = _timed(index, question.ask)
    right = [load.right(question, rows[number]) for number in found.ids[:FIRST]]
    good = not found.ids if question.kind == NONE else any(right)
    tally.asked += 1
    tally.first += right[:1] == [True]
    tally.soon += good
    tally.empty += not found.ids
    tally.times.append(took)
    return good


def _timed(index: Index, words: str) -> tuple[Found, float]:
    """The answer, and how long it takes when it is not kept ready."""
    best = float("inf")
    for _ in range(ROUNDS):
        index.forget()
        began = time.perf_counter()
        found = index.find(words)
        best = min(best, time.perf_counter() - began)
    return found, best


def _show(index: Index, rows: dict[int, Row], question: Search) -> None:
    found = index.find(question.ask)
    names = [f"{rows[number]['name']} {rows[number]['model']}" for number in found.ids[:FIRST]]
    wants = {**dict(question.wants), "most": question.most, "not": question.foreign_to}
    print(question.ask, "|", found.meant, "|", found.how, found.total, names, "|", wants)


def _table(tallies: dict[str, Tally], grown: float) -> str:
    fitting, every = Tally(), Tally()
    lines = [
        "| kind | questions | hit@1 | hit@3 (none: said so) | nothing found | p50 us | p95 us |"
    ]
    lines.append("| --- " * 7 + "|")
    for kind, tally in tallies.items():
        lines.append(tally.line(kind))
        every += tally
        if kind != NONE:
            fitting += tally
    lines.append(fitting.line("all that fit"))
    mean = statistics.mean(every.times) * 1e6
    lines += [
        "",
        f"Mean {mean:.0f} us a question; {grown:.0f} MB more resident, catalogue and all.",
    ]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _resident() -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def wishes(wrong: str | None = None) -> str:
    """What people write to have something done."""
    return intents.table(wrong=wrong is not None)


async def times(wrong: str | None = None) -> str:
    """What people write to say when."""
    del wrong
    return moments.table()


async def any_text(wrong: str | None = None) -> str:
    """What the longest and oddest texts cost, understood in every way in turn."""
    del wrong
    with tempfile.TemporaryDirectory() as folder:
        index, _rows = await catalogue(Path(folder))
        reader, _kilobytes = intents.opened()
        taken = sorted(_understood(index, reader, odd(n)) for n in range(ODD))
        await index.close()
    p50, p99, most = (taken[int((len(taken) - 1) * part)] * 1e3 for part in (0.5, 0.99, 1))
    return "\n".join(
        [
            "| texts of up to 4,000 characters | p50 ms | p99 ms | longest ms |",
            "| --- | --- | --- | --- |",
            f"| {ODD} | {p50:.2f} | {p99:.2f} | {most:.2f} |",
        ]
    )


ODD = 1_000
PIECES = (
    *("😀", "\x00", "\u202e", "\ud83d", "7", "#", " ", "一", "第", "不", "或", "％", "ｘｒｄ"),
    *("预约", "下周三", "上午9点到", "YQ12", "200元以下", "太谷", "Fe2O3", "saomiaodianjing"),
    *("测土壤重金属", "扫描电竟"),
)


def odd(seed: int) -> str:
    """A text of many pieces, or of one piece many times."""
    dice = random.Random(seed)
    some = dice.sample(PIECES, dice.choice((1, 1, 2, 3, len(PIECES))))
    return "".join(dice.choice(some) for _ in range(4_000))[:4_000]


def _understood(index: Index, reader: Reader, words: str) -> float:
    began = time.perf_counter()
    reader.read(words)
    with suppress(Refused):
        read_period(words, NOW)
    index.find(words)
    return time.perf_counter() - began


Section = Callable[[str | None], Coroutine[None, None, str]]
SECTIONS: dict[str, Section] = {
    "searches": searches,
    "intents": wishes,
    "moments": times,
    "any": any_text,
}
"""What can be measured; each needs its marks in the page."""


if __name__ == "__main__":
    main()
