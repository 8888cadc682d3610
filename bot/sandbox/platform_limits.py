"""The platform's limits as data: `limits.toml`, each with where it comes from."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from bot.sandbox.platform_account import Kind

FILE = Path(__file__).with_name("limits.toml")


class Errcode(Exception):  # noqa: N818 - an answer, not a fault
    """The platform says no, with a code."""

    def __init__(self, code: int, detail: str = "", **extra: Any) -> None:  # noqa: ANN401
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.extra = extra
        """Further fields of the answer."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One number, and the code that guards it (0: none, the platform only acts on it)."""

    value: float
    cites: str
    code: int = 0
    test: float | None = None
    """The value for test accounts, where it differs."""


@dataclass(frozen=True, slots=True)
class Window:
    """How many customer-service messages something grants, for how long."""

    count: int
    seconds: int
    cites: str


@dataclass(frozen=True, slots=True)
class Field:
    """What the fields of a template may hold, by the beginning of their key."""

    pattern: str
    fits: str
    breaks: str
    cites: str
    registered: bool = False
    """Whether only values that were registered with the template are taken."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of an API a day."""

    day: int
    cites: str
    test: int | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """What accounts of a kind may not do."""

    features: tuple[str, ...]
    code: int
    cites: str


@dataclass(frozen=True)
class Limits:
    """All of them, for accounts of one kind."""

    kind: Kind
    limit: Mapping[str, Limit]
    window: Mapping[str, Window]
    field: Mapping[str, Field]
    quota: Mapping[str, Quota]
    lacks: Mapping[str, Lack]
    lacks_kinds: Mapping[str, Lack]
    errmsg: Mapping[str, str]

    @classmethod
    def load(cls, kind: Kind = Kind.SERVICE, path: Path = FILE) -> Self:
        """Read the file; an unknown word in it raises TypeError."""
        told = tomllib.loads(path.read_text("utf-8"))
        return cls(
            kind=kind,
            limit={name: Limit(**row) for name, row in told["limit"].items()},
            window={name: Window(**row) for name, row in told["window"].items()},
            field={name: Field(**row) for name, row in told["field"].items()},
            quota={name: Quota(**row) for name, row in told["quota"].items()},
            lacks={name: _lack(row) for name, row in told["lacks"].items()},
            lacks_kinds={name: _lack(row) for name, row in told["lacks_kinds"].items()},
            errmsg=told["errmsg"],
        )

    def __getitem__(self, name: str) -> int:
        """A number, as it is for this kind of account."""
        return int(self._number(name))

    def span(self, name: str) -> timedelta:
        """A number of seconds."""
        return timedelta(seconds=self._number(name))

    def _number(self, name: str) -> float:
        limit = self.limit[name]
        return limit.test if self.kind is Kind.TEST and limit.test is not None else limit.value

    def at_most(self, name: str, number: int) -> None:
        """Raise the limit's code when it is passed."""
        if number > self[name]:
            raise Errcode(self.limit[name].code)

    def a_day(self, path: str) -> int | None:
        """Calls a day of an API, or None when nobody counts."""
        quota = self.quota.get(path)
        if quota is None:
            return None
        return quota.test if self.kind is Kind.TEST and quota.test is not None else quota.day

    def check_feature(self, feature: str, message_kind: str = "") -> None:
        """Raise when accounts of this kind may not."""
        lack = self.lacks.get(self.kind)
        if lack and feature in lack.features:
            raise Errcode(lack.code)
        lack = self.lacks_kinds.get(self.kind)
        if lack and message_kind in lack.features:
            raise Errcode(lack.code)

    def lowered(self, **values: float) -> Self:
        """The same with other numbers: for trying what a limit does without reaching it."""
        changed = {
            name: replace(self.limit[name], value=v, test=None) for name, v in values.items()
        }
        return replace(self, limit={**self.limit, **changed})

    def say(self, code: int) -> str:
        """The platform's words for a code."""
        return self.errmsg.get(str(code), "error")

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """The fields' rules, compiled."""
        return {name: re.compile(field.pattern) for name, field in self.field.items()}


def _lack(row: Mapping[str, Any]) -> Lack:
    return Lack(tuple(row["features"]), row["code"], row["cites"])
