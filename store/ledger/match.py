"""Which instrument of the catalogue a ledger's row speaks of.

Numbers decide where there are any. Else rows and instruments of one organisation are paired in
stages, from all facts equal down to fewer; within a stage in the order of appearance, so that two
that look alike stay two. What differs in value and in date is another instrument, unless the ledger
is plainly a new edition: everything else that the organisation has is in it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

from store.instrument import likeness
from store.ledger.row import FACTS, Row
from store.wording import fold

Key = Hashable | None
PLACE = {name: at for at, name in enumerate(FACTS)}


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument as the catalogue has it."""

    id: int
    version: int
    likeness: str
    copy: int
    county_id: int | None
    facts: tuple[Any, ...]
    """In the order of store.ledger.row.FACTS."""


def as_kept(value: Any) -> Any:  # noqa: ANN401 - any column's
    """A fact as the table gives it back."""
    return [as_kept(part) for part in value] if isinstance(value, list | tuple) else value


def fact(one: Row | Known, name: str) -> Any:  # noqa: ANN401 - any column's
    """A fact of a row, or of an instrument."""
    return one.facts[PLACE[name]] if isinstance(one, Known) else getattr(one.facts, name)


def _folded(one: Row | Known, *names: str) -> tuple[str, ...] | None:
    """The facts folded; nothing where one is missing."""
    told = tuple(fold(fact(one, name) or "") for name in names)
    return told if all(told) else None


def _same(one: Row | Known) -> tuple[str, str]:
    return fold(fact(one, "name")), fold(fact(one, "model") or "")


def _maker(one: Row | Known) -> str:
    return fold(fact(one, "maker") or "")


def _started(one: Row | Known) -> tuple[Any, Any] | None:
    on = fact(one, "started_on")
    return (on, fact(one, "started_precision")) if on else None


def _with(*parts: Callable[[Row | Known], Any]) -> Callable[[Row | Known], Key]:
    def key(one: Row | Known) -> Key:
        told = tuple(part(one) for part in parts)
        return None if any(part is None for part in told) else told

    return key


def _worth(one: Row | Known) -> int | None:
    worth: int | None = fact(one, "worth_fen")
    return worth


def _named(one: Row | Known) -> tuple[str, ...] | None:
    return _folded(one, "name", "maker")


def _modelled(one: Row | Known) -> tuple[str, ...] | None:
    return _folded(one, "model", "maker")


STAGES: tuple[Callable[[Row | Known], Key], ...] = (
    _with(_same, _maker, _started, _worth),
    _with(_same, _maker, _started),
    _with(_same, _maker, _worth),
    _with(_same, _started, _worth),
    _with(_modelled, _started, _worth),
    _with(_named, _started, _worth),
)


LISTS = frozenset({"service_modes", "prices"})


def _everything(spoken: frozenset[str]) -> Callable[[Row | Known], Key]:
    """All facts that a sheet speaks of, in one key."""
    plain, lists = sorted(spoken - LISTS), sorted(spoken & LISTS)
    of_row = attrgetter("name", *plain)
    of_known = itemgetter(PLACE["name"], *(PLACE[name] for name in plain))

    def key(one: Row | Known) -> Key:
        more = tuple(repr(as_kept(fact(one, name))) for name in lists)
        if isinstance(one, Known):
            return (*of_known(one.facts), *more)
        return (*of_row(one.facts), *more) if one.spoken == spoken else None

    return key


class Pairing:
    """Rows and instruments of one organisation, paired step by step."""

    def __init__(self, rows: Sequence[Row], known: Sequence[Known]) -> None:
        self.pairs: dict[int, Known] = {}
        """By the row's place in `rows`."""
        self.same: set[int] = set()
        """Of these, the rows that say nothing new."""
        self._rows = rows
        self._open = dict(enumerate(rows))
        self._known = {one.id: one for one in known}

    def run(self) -> dict[int, Known]:
        """All pairs; rows that are in none are new."""
        if self._known:
            self._by_all()
            self._by_number()
            for stage in STAGES:
                self._by(stage)
            self._by(_with(_same), fits=_no_contradiction)
            self._as_edition()
        return self.pairs

    def _pair(self, at: int, known: Known) -> None:
        self.pairs[at] = known
        del self._open[at]
        del self._known[known.id]

    def _by_number(self) -> None:
        """Asset numbers that are the only ones of their kind on both sides."""
        mine = Counter(_folded(row, "asset_number") for row in self._open.values())
        theirs = Counter(_folded(known, "asset_number") for known in self._known.values())
        single = {key for key in mine if key and mine[key] == theirs[key] == 1}
        self._by(lambda one: key if (key := _folded(one, "asset_number")) in single else None)

    def _by_all(self) -> None:
        """All that the ledger speaks of is the same."""
        for spoken in {row.spoken for row in self._rows}:
            self._by(_everything(spoken))
        self.same = set(self.pairs)

    def _by(
        self,
        key: Callable[[Row | Known], Key],
        fits: Callable[[Row, Known], bool] = lambda _row, _known: True,
    ) -> None:
        if not self._open or not self._known:
            return
        waiting: defaultdict[Key, list[Known]] = defaultdict(list)
        for known in self._known.values():
            waiting[key(known)].append(known)
        for at, row in list(self._open.items()):
            told = key(row)
            found = waiting.get(told, []) if told is not None else []
            fit = next((one for one in found if _numbers_agree(row, one) and fits(row, one)), None)
            if fit:
                found.remove(fit)
                self._pair(at, fit)

    def _as_edition(self) -> None:
        """Value and date changed, in a ledger that has all else of what the organisation has."""
        alike = {likeness(row.facts.name, row.facts.model) for row in self._open.values()}
        if self.pairs and all(known.likeness in alike for known in self._known.values()):
            self._by(_with(_same))


def _numbers_agree(row: Row, known: Known) -> bool:
    """Two different asset or serial numbers are two instruments."""
    for name in ("asset_number", "serial_number"):
        mine, theirs = _folded(row, name), _folded(known, name)
        if mine and theirs and mine != theirs and not _equal_asset(row, known):
            return False
    return True


def _equal_asset(row: Row, known: Known) -> bool:
    mine = _folded(row, "asset_number")
    return mine is not None and mine == _folded(known, "asset_number")


def _no_contradiction(row: Row, known: Known) -> bool:
    """Nothing that both sides say of value and date differs."""
    both = ((_worth(row), _worth(known)), (_started(row), _started(known)))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in both)
