"""A fee in one line of words, from however many columns a ledger spreads it over."""

import re
from functools import lru_cache

from store.ledger.cells import text
from store.ledger.header import Column
from store.ledger.rows import Record
from store.ledger.sheets import Cell, words

BARE = re.compile(r"\d+(?:\.\d+)?")
PER = re.compile(r"元\s*/\s*([^\s/元、,，]{1,6})")
WAN = re.compile(r"万元")


def words_of(record: Record) -> str | None:
    """The fee's words; a bare number gets the unit that its header names."""
    held = record.cells.get("fee", ())
    per = text(record.cell("fee_per"))
    several = len({column.at for column, _ in held}) > 1
    told = [_labelled(column, _one(column, cell, per), several=several) for column, cell in held]
    return "；".join(dict.fromkeys(part for part in told if part)) or None


def _labelled(column: Column, said: str | None, *, several: bool) -> str | None:
    return f"{column.title}：{said}" if said and several else said


def _one(column: Column, cell: Cell, per: str | None) -> str | None:
    said = text(cell)
    if said is None or not BARE.fullmatch(said.replace(",", "")):
        return f"{said}/{per}" if said and per and "/" not in said else said
    yuan, unit = _named("".join(column.path))
    unit = per or unit
    return f"{said}{yuan}/{unit}" if unit else f"{said}{yuan}"


@lru_cache(maxsize=256)
def _named(header: str) -> tuple[str, str]:
    """`收费标准（元/小时）`: 元, 小时."""
    tight = words("".join(header.split())).replace("）", "").replace(")", "")
    found = PER.search(tight)
    return "万元" if WAN.search(tight) else "元", found[1] if found else ""
