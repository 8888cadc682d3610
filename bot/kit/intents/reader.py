"""From a message to the command that it means, or to nothing when that is not sure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from bot.kit.intents import slots
from bot.kit.intents.lexicon import THING, Lexicon, Token
from bot.kit.intents.rules import ANY, TEXT, Rule, load
from bot.kit.intents.slots import LITTLE
from bot.kit.reading import number, plain

LONGEST_THING = 40
"""Characters of what is left; more is a story, and for those that take one."""
KEPT = 4_096
"""Combinations of concepts whose rules are remembered."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants done."""

    name: str
    typed: str
    """The command that does it, as one would type it."""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    sure: bool = True
    """Whether it can't be an answer in any words: all of it is accounted for, and it asks."""
    asks: bool = True
    """Whether it asks or wishes: a noun may answer an open question."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a wish speaks of, apart from the wish itself."""

    number: int | None
    """The instrument's."""
    thing: str
    when: str


class Reader:
    """The tables, ready to be asked."""

    def __init__(self, lexicon: Lexicon, rules: Sequence[Rule]) -> None:
        self._lexicon = lexicon
        self.rules = tuple(rules)
        self._fitting: Callable[[frozenset[int]], tuple[Rule, ...]] = lru_cache(KEPT)(self._fit)

    @classmethod
    def load(cls) -> "Reader":
        """Read the tables that ship."""
        lexicon = Lexicon.load()
        return cls(lexicon, load(lexicon))

    @cached_property
    def choices(self) -> dict[str, Rule]:
        """The rules that a model may choose, by name."""
        return {rule.name: rule for rule in self.rules if rule.model and rule.means}

    def read(self, words: str) -> Intent | None:
        """The command that the words mean, where that is sure; takes any text."""
        text = plain(words)
        hard = self._lexicon.touches(text) & ~self._lexicon.soft
        if not hard and not self._lexicon.numbered.search(text) and not self._polite(text):
            return None
        tokens = self._lexicon.tokens(text)
        rules = self._fitting(frozenset(token.mask for token in tokens))
        if not rules:
            return None
        shape = " ".join(token.name for token in tokens if token.name not in LITTLE)
        left = sum(token.end - token.start for token in tokens if token.name == THING)
        for rule in rules:
            if (left <= LONGEST_THING or TEXT in rule.slots) and not rule.vetoed(text, shape):
                filled = self._slots(rule, tokens, words, text)
                asks = self._asks(rule, tokens)
                sure = asks and not left and TEXT not in rule.slots
                return Intent(rule.name, rule.command(filled), filled, sure, asks)
        return None

    def _asks(self, rule: Rule, tokens: Sequence[Token]) -> bool:
        """Whether the message asks or wishes."""
        return rule.sure or any(token.mask & self._asking for token in tokens)

    @cached_property
    def _asking(self) -> int:
        return self._lexicon.mask("ask|how|howmuch|which|where|who|askwhen|want|view|mine|status")

    def parts(self, words: str) -> Parts:
        """The instrument, the moment and all else that words speak of."""
        text = plain(words)
        tokens = self._lexicon.tokens(text)
        known = slots.by_name(tokens, text)
        found = int(known["yq"].removeprefix("YQ")) if "yq" in known else None
        return Parts(found, known[THING], known["when"])

    def _polite(self, text: str) -> bool:
        """Whether nothing but politeness is in a short text."""
        return bool(self._lexicon.touches(text) & self._manners) and len(text) <= LONGEST_THING

    @cached_property
    def _manners(self) -> int:
        return self._lexicon.mask("hello|thanks|how|mine|which")

    def _fit(self, masks: frozenset[int]) -> tuple[Rule, ...]:
        said = 0
        for mask in masks:
            said |= mask
        thing = self._lexicon.bits[THING]
        hard = frozenset(mask for mask in masks if not mask & (self._lexicon.soft | thing))
        return tuple(
            rule
            for rule in self.rules
            if (rule.thing or not said & thing) and rule.fits(said, hard)
        )

    def _slots(self, rule: Rule, tokens: Sequence[Token], words: str, text: str) -> dict[str, str]:
        """What fills the rule's slots."""
        known = slots.by_name(tokens, text)
        known[ANY] = next((known[each] for each in slots.PREFIXES if each in known), "")
        if "nth" in known and "yq" not in known and self._is_number(rule, tokens):
            known["yq"] = f"YQ{number(known.pop('nth'))}"
            known["when"] = slots.joined(tokens, text, {"when"})
        if TEXT in rule.slots:
            known[TEXT] = self._story(rule, tokens, words, text)
        return {slot: known[slot] for slot in rule.slots if known.get(slot)}

    def _is_number(self, rule: Rule, tokens: Sequence[Token]) -> bool:
        """Whether `12号` is an instrument, not a day."""
        asked = any(token.mask & self._lexicon.bits["askwhen"] for token in tokens)
        return "yq" in rule.slots and ("when" not in rule.slots or asked)

    def _story(self, rule: Rule, tokens: Sequence[Token], words: str, text: str) -> str:
        """The words without what announces them and without the number that is known."""
        before, after = self._around
        said = self._lexicon.soft | rule.cut | after
        if all(token.mask & said for token in tokens):
            return ""
        first = slots.reach(tokens, before, rule.cut)
        first += slots.run(tokens[first:], after)
        last = 0 if first else slots.reach(tokens[::-1], before, rule.cut)
        start = tokens[first - 1].end if first else 0
        return slots.cut(words, text, start, tokens[-last].start if last else len(text))

    @cached_property
    def _around(self) -> tuple[int, int]:
        """What may stand before a cue, and what after it is no part of the story."""
        after = self._lexicon.mask("|".join(("bit", *slots.PREFIXES)))
        return self._lexicon.mask("filler|want|person|hello|ask") | after, after
