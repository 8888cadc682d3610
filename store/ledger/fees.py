"""A fee in one line of words, from however many columns a ledger spreads it over."""

import re
from functools import lru_cache

from store.ledger.header import Column
from store.ledger.record import Record
from store.ledger.sheets import words

BARE = re.compile(r"\d+(?:\.\d+)?")
PER = re.compile(r"元\s*[/·]\s*([^\s/元、,，·\d⁻−-]{1,6})")
WAN = re.compile(r"万元")


def words_of(record: Record) -> str | None:
    """The fee's words; a bare number gets the unit that its header names."""
    per = record.text("fee_per")
    told = [(column, _one(column, said, per)) for column, _, said in record.held("fee")]
    if len(record.at.get("fee", ())) > 1:
        return "；".join(f"{column.title}：{said}" for column, said in told) or None
    return "；".join(dict.fromkeys(said for _, said in told)) or None


def _one(column: Column, said: str, per: str | None) -> str:
    if not BARE.fullmatch(said.replace(",", "")):
        return f"{said}/{per}" if per and "/" not in said else said
    yuan, unit = _named("、".join(column.path))
    unit = per or unit
    return f"{said}{yuan or '元'}/{unit}" if unit else f"{said}{yuan}"


@lru_cache(maxsize=256)
def _named(header: str) -> tuple[str, str]:
    """`收费标准（元/小时）`: 元, 小时."""
    tight = words("".join(header.split())).replace("）", "").replace(")", "")
    found = PER.search(tight)
    yuan = "万元" if WAN.search(tight) else "元" if "元" in tight else ""
    return yuan, found[1] if found else ""
