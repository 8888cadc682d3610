"""Programmes of innovation vouchers (科技创新券): who, how much, how long, what for; from TOML.

What a region's documents leave open is left open (`"open"`): nobody can apply until the bureau has
decided it. A file marked `example` is another region's, shipped to try the account with.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from store.policies import Rule

FOLDER = Path(__file__).with_name("programmes")
OPEN = "open"


class ProgrammeBroken(ValueError):  # noqa: N818 - said of the file, not of the program
    """A programme's file has an unknown, missing or malformed key; the message names it."""


class Applicant(StrEnum):
    """Who may apply."""

    SMALL_TECH = "small_tech"  #: small and micro technology firm, by its evaluation number
    INCUBATED = "incubated"  #: firm in an incubator
    TEAM = "team"  #: team without a firm


class Beneficiary(StrEnum):
    """To whom a redeemed voucher is paid."""

    USER = "user"
    PROVIDER = "provider"  #: the holder of the instrument (Alxa 四)


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to so much of a service, so much per cent of it; the last tier has no end."""

    up_to_fen: int | None
    percent: int


@dataclass(frozen=True, slots=True)
class Window:
    """When vouchers are redeemed each year: the first and the last day, as (month, day)."""

    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, day: date) -> bool:
        """Whether a day lies in it; one that ends before it begins goes over New Year."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True)
class Programme:
    """One region's rules of one year. Amounts are fen; a rule of None is left open."""

    code: str
    year: int
    region: str
    name: str
    example: bool
    """Another region's rules, to try the account with: never to be taken for one's own."""
    hash: str
    text: str
    budget_fen: Rule[int | None]
    applicants: Rule[tuple[Applicant, ...]]
    application_fen: Rule[int | None]
    """The most of one application."""
    held_fen: Rule[int | None]
    """The most that one firm may hold at once."""
    year_fen: Rule[int | None]
    """The most that one firm is granted in a year."""
    tiers: Rule[tuple[Tier, ...]]
    """What part of a service's price a voucher pays."""
    valid_months: Rule[int | None]
    services: Rule[tuple[str, ...]]
    excluded: Rule[tuple[str, ...]]
    unrelated: Rule[bool]
    """Whether the provider may be no related party of the firm's."""
    platform_only: Rule[bool]
    """Whether it pays only for instruments on the provincial platform."""
    beneficiary: Rule[Beneficiary]
    papers: Rule[tuple[str, ...]]
    windows: Rule[tuple[Window, ...]]
    """When it is redeemed; at any time where there is none."""
    two_stages: Rule[bool]
    """Whether the county looks at it before the city."""
    audit_percent: Rule[int | None]
    publicity_days: Rule[int | None]

    @property
    def complete(self) -> bool:
        """Whether all is decided that granting needs."""
        needed = (self.budget_fen, self.application_fen, self.held_fen, self.year_fen)
        return all(rule.value is not None for rule in (*needed, self.valid_months)) and bool(
            self.tiers.value
        )

    def covers(self, fen: int) -> int:
        """What a voucher pays of a service's price, tier by tier, rounded down to the fen."""
        paid = below = 0
        for tier in self.tiers.value:
            top = fen if tier.up_to_fen is None else min(fen, tier.up_to_fen)
            paid += max(0, top - below) * tier.percent // 100
            below = max(below, top)
        return paid

    def redeemable(self, day: date) -> bool:
        """Whether vouchers are redeemed on this day."""
        return not self.windows.value or any(one.holds(day) for one in self.windows.value)


def _left_open(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value == OPEN else read(value)


def _whole(value: Any) -> int:  # noqa: ANN401 - whatever TOML holds
    if type(value) is not int or value < 0:
        raise ProgrammeBroken(f"{value!r} is no whole number")
    return value


def _fen(value: Any) -> int:  # noqa: ANN401
    return _whole(value) * 100


def _yes(value: Any) -> bool:  # noqa: ANN401
    if type(value) is not bool:
        raise ProgrammeBroken(f"{value!r} is neither true nor false")
    return value


def _words(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ProgrammeBroken(f"{value!r} is no list of words")
    return tuple(value)


def _applicants(value: Any) -> tuple[Applicant, ...]:  # noqa: ANN401
    return tuple(Applicant(one) for one in _words(value))


def _tiers(value: Any) -> tuple[Tier, ...]:  # noqa: ANN401
    """`[[10_000, 100], [0, 50]]`: yuan and per cent; 0 has no end."""
    tiers = tuple(Tier(_fen(top) or None, _whole(percent)) for top, percent in value)
    tops = [tier.up_to_fen or 0 for tier in tiers[:-1]]
    unended = 0 in tops or (tiers and tiers[-1].up_to_fen is not None)
    if unended or tops != sorted(set(tops)) or any(tier.percent > 100 for tier in tiers):
        raise ProgrammeBroken(f"{value!r} are no tiers that rise and end with 0")
    return tiers


def _windows(value: Any) -> tuple[Window, ...]:  # noqa: ANN401
    """`["11-01/11-30"]`."""
    found = [re.fullmatch(r"(\d\d)-(\d\d)/(\d\d)-(\d\d)", one) for one in _words(value)]
    if None in found:
        raise ProgrammeBroken(f"{value!r} are no windows such as '11-01/11-30'")
    days = [tuple(map(int, one.groups())) for one in found if one]
    for day in days:
        date(2024, day[0], day[1])
        date(2024, day[2], day[3])
    return tuple(Window((day[0], day[1]), (day[2], day[3])) for day in days)


READ: Mapping[str, Callable[[Any], Any]] = {
    "budget_fen": _left_open(_fen),
    "applicants": _applicants,
    "application_fen": _left_open(_fen),
    "held_fen": _left_open(_fen),
    "year_fen": _left_open(_fen),
    "tiers": _tiers,
    "valid_months": _left_open(_whole),
    "services": _words,
    "excluded": _words,
    "unrelated": _yes,
    "platform_only": _yes,
    "beneficiary": Beneficiary,
    "papers": _words,
    "windows": _windows,
    "two_stages": _yes,
    "audit_percent": _left_open(_whole),
    "publicity_days": _left_open(_whole),
}
HEAD = {"year": int, "region": str, "name": str, "example": bool}


def codes(folder: Path = FOLDER) -> list[str]:
    """The programmes that are shipped."""
    return sorted(path.stem for path in folder.glob("*.toml"))


@cache
def load(code: str, folder: Path = FOLDER) -> Programme:
    """Read a programme; raises ProgrammeBroken, naming file and key."""
    path = folder / f"{code}.toml"
    if code not in codes(folder):
        raise ProgrammeBroken(f"no programme {code!r}; there are {', '.join(codes(folder))}")
    text = path.read_text("utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise ProgrammeBroken(f"{path.name}: {why}") from None
    head, rules = table.get("programme", {}), table.get("rules", {})
    _whole_file(path.name, table, head, rules)
    read: dict[str, Any] = {key: _rule(path.name, key, rules[key]) for key in READ}
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Programme(code=code, hash=digest, text=text, **head, **read)


def _whole_file(name: str, table: dict[str, Any], head: dict[str, Any], rules: Any) -> None:  # noqa: ANN401
    """Every key that there must be, and no other."""
    for found, known in ((table, {"programme", "rules"}), (head, set(HEAD)), (rules, set(READ))):
        if wrong := sorted(set(found) ^ known):
            raise ProgrammeBroken(f"{name}: unknown or missing {', '.join(wrong)}")
    for key, kind in HEAD.items():
        if type(head[key]) is not kind:
            raise ProgrammeBroken(f"{name}: {key} is no {kind.__name__}")


def _rule(name: str, key: str, rule: Any) -> Rule[Any]:  # noqa: ANN401
    if not isinstance(rule, dict) or set(rule) != {"value", "document", "article"}:
        raise ProgrammeBroken(f"{name}: {key} must have value, document and article")
    try:
        return Rule(READ[key](rule["value"]), rule["document"], rule["article"])
    except (ValueError, TypeError) as why:
        raise ProgrammeBroken(f"{name}: {key}: {why}") from None


def _agree() -> None:
    """Every rule of the class has its reader."""
    hints = get_type_hints(Programme).items()
    rules = {name for name, hint in hints if get_args(hint) and "Rule" in str(hint)}
    assert rules == set(READ), rules ^ set(READ)  # noqa: S101 - a mistake of ours, at import


_agree()
