"""What a conversation last spoke of, for words that name nothing: `空闲`, `为什么`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.kit.say import Say
from bot.kit.state import Talk

NUMBER = re.compile(r"(?:YQ)?(\d+)", re.ASCII)
NESTED = (dict, list, tuple)
MOST = 24
"""Keys of one answer that are kept."""


def now(facts: Mapping[str, Any], talk: Talk | None) -> Mapping[str, Any]:
    """What is spoken of as a message comes: an open talk's instrument before an earlier one."""
    about: Mapping[str, Any] = facts.get("about", {})
    number = instrument(talk) if talk is not None else None
    return about if number is None else {**about, "instrument": number}


def instrument(talk: Talk) -> int | None:
    """The instrument that an open talk is about."""
    said = next((given.value for given in talk.answers if given.step == "instrument"), None)
    found = NUMBER.match(str(said)) if said is not None else None
    return int(found[1]) if found else None


def of(say: Say, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What of a conversation's facts an answer changes: what it spoke of, or refused."""
    keys = list(_keys(say))
    told = {"said": keys[:MOST]} if any(map(_explained, keys)) else {}
    if not told and not say.about:
        return {}
    kept, new = facts.get("about", {}), say.about or {}
    if new.get("instrument", kept.get("instrument")) != kept.get("instrument"):
        kept = {}  # another instrument: nothing of the one before
    return {"about": {**kept, **told, **new}}


def _explained(key: str) -> bool:
    """Whether one may ask why: a refusal, or a summary."""
    last = key.rpartition(".")[2]
    return last == "confirm" or last[:1].isupper()


def _keys(say: Say) -> Iterator[str]:
    yield say.key
    yield from _inner(say.args)
    if say.then is not None:
        yield from _keys(say.then)


def _inner(facts: object) -> Iterator[str]:
    """The keys of texts within facts, which are JSON."""
    inner: Iterable[Any] = ()
    if isinstance(facts, dict):
        if isinstance(facts.get("key"), str):
            yield facts["key"]
        inner = facts.values()
    elif isinstance(facts, list | tuple):
        inner = facts
    for value in inner:
        if isinstance(value, NESTED):  # every answer is looked through: no call for plain values
            yield from _inner(value)
