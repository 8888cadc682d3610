"""The national service record as a spreadsheet: the columns that it asks for, in its words."""

import io
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from sqlalchemy.ext.asyncio import AsyncSession

from store import person, service_record
from store.link import SignedLink
from store.policies import Policy
from store.service_record import Row, Scope

HERE = ZoneInfo("Asia/Shanghai")
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True, slots=True)
class Table:
    """What goes into the file."""

    rows: Sequence[Row]
    head: str
    """What it is, of when, made when."""


@cache
def words() -> dict[str, Any]:
    """Headings, and what values are called."""
    return tomllib.loads(Path(__file__).with_name("usage.toml").read_text("utf-8"))


async def gather(session: AsyncSession, policy: Policy, row: SignedLink, now: datetime) -> Table:
    """The rows that whoever holds the address may see now; `usage:‹from›:‹to›:‹instrument›`."""
    _, first, last, number = row.subject.split(":")
    start, end = (datetime.fromisoformat(day).replace(tzinfo=HERE) for day in (first, last))
    grants = await person.grants(session, row.person_id)
    scope = Scope(start, end, grants, int(number) or None)
    head = words()["head"].format(
        region=policy.names.region, first=first, last=last, now=now.astimezone(HERE)
    )
    return Table(await service_record.rows(session, scope), head)


def sheet(table: Table) -> bytes:
    """The file, made in memory."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, PLAIN) as book:
        page = book.add_worksheet(words()["title"])
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        page.write_string(0, 0, table.head)
        for across, (key, heading) in enumerate(words()["columns"].items()):
            page.write_string(1, across, heading, bold)
            for down, row in enumerate(table.rows, start=2):
                _write(page, (down, across), _value(key, row[key]))
        page.set_column(0, len(words()["columns"]) - 1, 16)
        page.freeze_panes(2, 2)
        page.autofilter(1, 0, len(table.rows) + 1, len(words()["columns"]) - 1)
    return out.getvalue()


def _write(page: Any, at: tuple[int, int], value: str | float | None) -> None:  # noqa: ANN401
    if isinstance(value, str):
        page.write_string(*at, value)
    elif value is not None:
        page.write_number(*at, value)


def _value(key: str, value: Any) -> Any:  # noqa: ANN401 - text, a number or nothing
    if value is None:
        return None
    if key == "amount_fen":
        return float(value) / 100
    if isinstance(value, datetime):
        return f"{value.astimezone(HERE):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return str(words()["yes" if value else "no"])
    if isinstance(value, float):
        return round(value, 2)
    named = words()["values"].get(key)
    return str(named[str(value)]) if named else value
