"""The words and rules of tariff.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from store.money import yuan
from store.price import per_label
from store.tariff.table import Part


@cache
def data() -> dict[str, Any]:
    """All of tariff.toml."""
    return tomllib.loads(Path(__file__).with_name("tariff.toml").read_text("utf-8"))


def say(key: str, **facts: str) -> str:
    """One of its phrases, filled."""
    return str(data()["words"][key]).format(**facts)


def group_label(group: str) -> str:
    """A group as people read it; nothing for `all`."""
    return str(data()["groups"][group]["label"])


def cost_label(part: Part) -> str:
    """A component of the cost as people read it."""
    return str(data()["costs"][part])


@cache
def meanings() -> dict[str, tuple[Part, str | None]]:
    """What a ledger's label means: a part, and the group where it names one."""
    groups = {
        word: (Part.USE, key) for key, entry in data()["groups"].items() for word in entry["words"]
    }
    parts: dict[str, tuple[Part, str | None]] = {
        word: (Part(part), None) for part, words in data()["parts"].items() for word in words
    }
    return {**groups, **parts}


def priced(fen: int | None, to_fen: int | None, per: str, label: str = "") -> str:
    """One price in words: `200 元/小时`."""
    if fen is None:
        return say("quote")
    if to_fen is not None:
        key, facts = ("range", {"per": per_label(per)}) if per else ("range_bare", {})
        text = say(key, low=yuan(fen), high=yuan(to_fen), **facts)
    elif per:
        text = say("price", yuan=amount(fen), per=per_label(per))
    else:
        text = amount(fen)
    return say("labelled", label=label, price=text) if label else text


def amount(fen: int) -> str:
    """`400 元`."""
    return say("yuan", amount=yuan(fen))


def everybody() -> str:
    """Whom a price is for that names no group."""
    return say("everybody")


def needs_quote(price: Mapping[str, Any]) -> bool:
    """Whether a booking's prices leave it to the keeper to name one (按项目议价)."""
    used = [row for row in price.get("prices", ()) if row["part"] == Part.USE]
    return all(row["fen"] is None for row in used)
