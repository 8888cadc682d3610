"""Rules: which concepts together mean which command."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bot.kit.intents.lexicon import Lexicon

FILE = Path(__file__).with_name("rules.toml")
KNOWN = frozenset(
    {"name", "typed", "when", "takes", "allow", "cut", "unless", "shape", "sure"}
    | {"speaks", "strict", "last", "model", "means"}
)
ANY, TEXT = "any", "text"
_SLOT = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    name: str
    typed: str
    """The command, with its slots in braces."""
    slots: tuple[str, ...]
    when: tuple[tuple[int, ...], ...]
    """Any line of these: from each mask of it, one concept must be said."""
    known: int
    """The concepts that may be said; all others make it another matter."""
    thing: bool
    """Whether things may be spoken of."""
    cut: int
    """The concepts that are cut off a story where they begin or end it."""
    unless: re.Pattern[str] | None
    shape: re.Pattern[str] | None
    sure: bool
    """Whether it is meant even where any words would be an answer."""
    speaks: bool
    """Whether what is left must stand in speech: with a number, a moment, a word such as `我`."""
    strict: bool
    """Whether nothing may be left unexplained, be it ever so little."""
    last: bool
    """Whether it may be taken where nothing else fits, though more is said than it knows."""
    model: bool
    means: str

    @classmethod
    def of(cls, row: Mapping[str, Any], lexicon: Lexicon, light: int) -> Self:
        """Read a row; raises ValueError or KeyError for what it can't mean."""
        if row.keys() - KNOWN:
            raise ValueError(f"{row['name']}: {sorted(row.keys() - KNOWN)}")
        slots = tuple(_SLOT.findall(row["typed"]))
        when = [tuple(lexicon.mask(one) for one in line.split()) for line in row["when"]]
        takes, strict = row.get("takes", ""), row.get("strict", False)
        named = [slot for slot in slots if slot in lexicon.bits]
        text = lexicon.mask(" ".join(lexicon.bits)) if takes == TEXT else 0
        known = lexicon.mask(f"{row.get('allow', '')} {takes.replace(TEXT, '')} {' '.join(named)}")
        return cls(
            name=row["name"],
            typed=row["typed"],
            slots=slots,
            when=tuple(when),
            known=known | text | lexicon.soft | _said(when) | (0 if strict else light),
            thing=bool(takes),
            cut=lexicon.mask(row.get("cut", "")),
            unless=re.compile(row["unless"]) if "unless" in row else None,
            shape=re.compile(row["shape"]) if "shape" in row else None,
            sure=row.get("sure", False),
            speaks=row.get("speaks", False),
            strict=strict,
            last=row.get("last", False),
            model=row.get("model", True),
            means=row.get("means", ""),
        )

    def fits(self, said: int) -> bool:
        """Whether enough is said of it."""
        return any(all(said & one for one in line) for line in self.when)

    def knows(self, masks: frozenset[int]) -> bool:
        """Whether nothing else is said."""
        return all(mask & self.known for mask in masks)

    def vetoed(self, text: str, shape: str) -> bool:
        """Whether the words themselves speak against it."""
        return bool(
            (self.unless and self.unless.search(text)) or (self.shape and self.shape.search(shape))
        )

    def command(self, slots: Mapping[str, str]) -> str:
        """The command as one would type it."""
        pieces = (_SLOT.sub(lambda slot: slots.get(slot[1], ""), one) for one in self.typed.split())
        return " ".join(filter(None, pieces))


def _said(when: list[tuple[int, ...]]) -> int:
    known = 0
    for line in when:
        for one in line:
            known |= one
    return known


@dataclass(frozen=True)
class Rules:
    """The whole table, in order of precedence."""

    rows: tuple[Rule, ...]
    bars: int
    """What is never overheard."""
    alone: frozenset[str]
    """The names that are never guessed, and that no guess turns over."""
    careful: frozenset[str]
    """The names that are not guessed where a rule of theirs speaks against it."""

    @classmethod
    def load(cls, lexicon: Lexicon, path: Path = FILE) -> Self:
        """Read the table that ships."""
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        light = lexicon.mask(told["light"])
        rows = tuple(Rule.of(row, lexicon, light) for row in told["intent"])
        alone, careful = (frozenset(told[name].split()) for name in ("alone", "careful"))
        return cls(rows, lexicon.mask(told["bars"]), alone, careful)

    def fitting(self, masks: frozenset[int], soft: int, thing: int) -> list[tuple[Rule, bool]]:
        """The rules that fit; and last, marked, those that fit but for noise or other matters."""
        said = 0
        for mask in masks:
            said |= mask
        hard = frozenset(mask for mask in masks if not mask & (soft | thing))
        enough = [rule for rule in self.rows if rule.fits(said)]
        known = [rule for rule in enough if rule.knows(hard)]
        clean = [rule for rule in known if rule.thing or not said & thing]
        noisy = [rule for rule in known if not (rule.thing or rule.strict)]
        last = [] if said & self.bars else [rule for rule in enough if rule.last]
        marked = [*noisy, *last] if said & thing else last
        return [*((rule, False) for rule in clean), *((rule, True) for rule in marked)]
