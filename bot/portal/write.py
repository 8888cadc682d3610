"""Writes the portal: an index by national class, a page an instrument, all of it as JSON.

Only what changed is written, and pages of what was withdrawn go, so that a web server may serve
the folder all the while and a copy of it is quickly brought up to date.
"""

import asyncio
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.kit.moments import HERE as ZONE
from bot.kit.moments import show_date
from store import card
from store.database import Database
from store.instrument import Row
from store.policies import Names
from store.published import published

HERE = Path(__file__).parent
PAGE = re.compile(r"YQ[0-9]+\.html")
"""The pages that are ours to take away."""
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the folder."""

    instruments: int
    changed: int
    removed: int


class Portal:
    """The templates and their words."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._words = tomllib.loads((HERE / "portal.toml").read_text("utf-8"))
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def files(self, rows: Iterable[Row], now: datetime) -> dict[str, bytes]:
        """Every file by its name."""
        shown = [card.facts(*row) for row in rows]
        made = {f"{one['number']}.html": self._instrument(one) for one in shown}
        made["index.html"] = self._index(shown, now)
        made["instruments.json"] = orjson.dumps(
            [_public(one) for one in shown], option=orjson.OPT_INDENT_2
        )
        made["portal.css"] = (HERE / "templates" / "portal.css").read_bytes()
        return made

    def _index(self, shown: list[dict[str, Any]], now: datetime) -> bytes:
        classes: dict[str, list[Facts]] = {}
        for one in shown:
            classes.setdefault(one["category"] or self._words["other"], []).append(one)
        ordered = sorted(classes.items(), key=lambda item: -len(item[1]))
        day = show_date(now.astimezone(ZONE).date())
        told = {"count": len(shown), "day": day, "account": self._names.account}
        lead = str(self._words["lead"]).format(**told)
        return self._page("index.html", self._words["title"], lead=lead, classes=ordered)

    def _instrument(self, one: dict[str, Any]) -> bytes:
        labels = self._words["fields"].items()
        facts = [(label, one[field]) for field, label in labels if one.get(field)]
        if one["status"] == "paused" and one["reason"]:
            facts.insert(0, (self._words["reason"], one["reason"]))
        book = self._words["book"].format(account=self._names.account, number=one["number"])
        return self._page("instrument.html", one["name"], one=one, facts=facts, book=book)

    def _page(self, template: str, title: str, **facts: Any) -> bytes:  # noqa: ANN401 - its facts
        page = self._templates.get_template(template)
        told = {"title": title, "names": self._names, "words": self._words}
        return page.render(**told, **facts).encode()


KEPT = ("latitude", "longitude", "name", "english", "model", "maker", "nation", "category")
ALSO = ("functions", "fields", "technical", "rules", "open_hours", "fee", "contact", "phone")
FURTHER = ("number", "organisation", "county", "address", "modes", "worth", "started", "status")


def _public(one: Facts) -> dict[str, Any]:
    """What the documents publish of an instrument."""
    return {name: one[name] for name in (*FURTHER, *KEPT, *ALSO) if one[name] is not None}


async def publish(
    database: Database, names: Names, folder: Path, now: datetime, *, dry: bool = False
) -> Written:
    """Bring the folder up to date with the ledger; `dry`: only count what would change."""
    async with database.read() as session:
        rows = await published(session)
    return await asyncio.to_thread(_brought, folder, Portal(names).files(rows, now), dry=dry)


def _brought(folder: Path, files: Mapping[str, bytes], *, dry: bool) -> Written:
    changed = [name for name, content in files.items() if _differs(folder / name, content)]
    old = [path for path in folder.glob("YQ*.html") if PAGE.fullmatch(path.name)]
    gone = [path for path in old if path.name not in files]
    if not dry:
        folder.mkdir(parents=True, exist_ok=True)
        for name in changed:
            _write(folder / name, files[name])
        for path in gone:
            path.unlink()
    return Written(sum(map(bool, map(PAGE.fullmatch, files))), len(changed), len(gone))


def _differs(path: Path, content: bytes) -> bool:
    return not path.exists() or path.read_bytes() != content


def _write(path: Path, content: bytes) -> None:
    """Write a file, never half of it."""
    half = path.with_suffix(f"{path.suffix}.new")
    half.write_bytes(content)
    half.replace(path)
