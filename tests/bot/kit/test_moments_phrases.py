from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.kit.moments import HERE, Offers, read_period, show_period
from store.errors import Refused

SOON = "尽快"
TABLE = Path(__file__).with_name("moments.txt")


def phrases() -> Iterator[tuple[datetime, str, str]]:
    """What is said when, and what it means."""
    now = None
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("now "):
            now = datetime.fromisoformat(line[4:20]).replace(tzinfo=HERE)
        elif line and not line.startswith("#"):
            assert now is not None
            words, _, shown = line.partition(" => ")
            yield now, words, shown


ALL = list(phrases())


def said(words: str, now: datetime, *, loose: bool = False) -> str:
    """What is made of the words, in the table's own words."""
    try:
        return show_period(read_period(words, now, loose=loose), now)
    except Refused as why:
        offered = why.suggestions if isinstance(why, Offers) else ()
        return " | ".join([f"!{type(why).__name__}", *(show_period(p, now) for p in offered)])


@pytest.mark.parametrize(("now", "words", "shown"), ALL, ids=str)
def test_phrases(now: datetime, words: str, shown: str) -> None:
    """Days to be looked through (`之间`, `尽快`) are had where wanted, else asked about."""
    loose = shown.endswith("之间") or shown.startswith(SOON)
    assert said(words, now, loose=loose) == shown
    if loose and "，" not in shown:
        assert said(words, now).startswith("!Ambiguous")
