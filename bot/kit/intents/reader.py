"""From a message to the command that it means, or to nothing when that is not sure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from bot.kit.intents import slots
from bot.kit.intents.guess import Guess, features
from bot.kit.intents.lexicon import PREFIXES, THING, Lexicon, Token
from bot.kit.intents.rules import ANY, TEXT, Rule, Rules
from bot.kit.reading import number, plain

LONGEST_NOISE = 8
"""Characters of what is left that don't matter, where they are no sign of an instrument."""
LONGEST_THING = 40
"""Characters of what is left; more is a story, and for those that take one."""
KEPT = 4_096
"""Messages, and combinations of concepts, whose meaning is remembered."""
LIKELY, LIKELIER = 0.2, 0.4
"""How likely a guess must be where no rule fits, and where one does."""
SHORTEST = 3
"""Characters of a message that says enough to be guessed at."""
SEARCH = "search"
"""The guess that nothing is wanted but an instrument."""


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
    guessed: bool = False
    """Whether no rule says so."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a wish speaks of, apart from the wish itself."""

    number: int | None
    """The instrument's."""
    thing: str
    when: str


class Said:
    """A message, taken apart."""

    def __init__(self, words: str, text: str, tokens: list[Token], lexicon: Lexicon) -> None:
        self.words, self.text, self.tokens = words, text, tokens
        left = [text[token.start : token.end] for token in tokens if token.name == THING]
        self.left = sum(map(len, left))
        self.noise = self.left <= LONGEST_NOISE and lexicon.signs.isdisjoint("".join(left))
        self.asks = any(token.mask & lexicon.asking for token in tokens)
        """Whether it asks or wishes."""
        self.speaks = "," in text or any(token.mask & lexicon.speech for token in tokens)
        """Whether it is speech, not the name of a thing."""
        self.shape = slots.shape(tokens, text)
        self.mask = 0
        for token in tokens:
            self.mask |= token.mask

    def denies(self, rule: Rule) -> bool:
        """Whether its words or their order speak against a rule."""
        return rule.vetoed(self.text, self.shape)

    def allows(self, rule: Rule, *, noisy: bool) -> bool:
        """Whether nothing speaks against a rule that fits."""
        if (noisy and not self.noise) or (self.left > LONGEST_THING and TEXT not in rule.slots):
            return False
        if (noisy or (rule.speaks and self.left)) and not self.speaks:
            return False
        return not self.denies(rule)


class Reader:
    """The tables, ready to be asked."""

    def __init__(self, lexicon: Lexicon, rules: Rules, guess: Guess) -> None:
        self._lexicon, self._rules, self._guess = lexicon, rules, guess
        self._fitting: Callable[[frozenset[int]], list[tuple[Rule, bool]]]
        self._fitting = lru_cache(KEPT)(self._fit)
        self.read = lru_cache(KEPT)(self._read)
        """The command that words mean, where that is sure; takes any text."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every row, in order of precedence."""
        return self._rules.rows

    @classmethod
    def load(cls) -> "Reader":
        """Read the tables that ship."""
        lexicon = Lexicon.load()
        return cls(lexicon, Rules.load(lexicon), Guess.load())

    @cached_property
    def choices(self) -> dict[str, Rule]:
        """The rules that a model may choose, by name."""
        return {rule.name: rule for rule in self.rules if rule.model and rule.means}

    def _read(self, words: str) -> Intent | None:
        text = plain(words)
        told = self._lexicon.touches(text) & self._tells
        if not (told or self._lexicon.numbered.search(text)):
            return None
        said = Said(words, text, self._lexicon.tokens(text), self._lexicon)
        rules = self._fitting(frozenset(token.mask for token in said.tokens))
        fits = next((rule for rule, noisy in rules if said.allows(rule, noisy=noisy)), None)
        if fits is not None and fits.name in self._rules.alone:
            return self._intent(fits, said)
        name, chance = self._guess.most(features(text, said.tokens, self._lexicon))
        if fits is None:
            likely = chance > LIKELY and len(text) >= SHORTEST
            return self._guessed(name, said) if likely else None
        if name not in {fits.name, SEARCH} and chance > LIKELIER:
            return self._guessed(name, said) or self._intent(fits, said)
        return self._intent(fits, said)

    def _guessed(self, name: str, said: Said) -> Intent | None:
        """The command of a name, unless its rules object; it never stands for an answer."""
        named = self._named.get(name, ())
        if not named or name in self._rules.alone:
            return None
        close = [rule for rule in named if rule.fits(said.mask)]
        if name in self._rules.careful and any(map(said.denies, close)):
            return None
        intent = self._intent(close[0] if close else named[0], said)
        return replace(intent, sure=False, asks=False, guessed=True)

    @cached_property
    def _named(self) -> dict[str, list[Rule]]:
        """The rules of each name, those that take most first."""
        named: dict[str, list[Rule]] = {}
        for rule in sorted(self.rules, key=lambda rule: -len(rule.slots)):
            named.setdefault(rule.name, []).append(rule)
        return named

    def _intent(self, rule: Rule, said: Said) -> Intent:
        filled = self._slots(rule, said.tokens, said.words, said.text)
        asks = rule.sure or said.asks
        sure = asks and not said.left and TEXT not in rule.slots
        return Intent(rule.name, rule.command(filled), filled, sure, asks)

    def parts(self, words: str) -> Parts:
        """The instrument, the moment and all else that words speak of."""
        text = plain(words)
        tokens = self._lexicon.tokens(text)
        known = slots.by_name(tokens, text)
        found = int(known["yq"].removeprefix("YQ")) if "yq" in known else None
        return Parts(found, known[THING], known["when"])

    @cached_property
    def _tells(self) -> int:
        """The concepts without which a message is what is looked for."""
        lexicon = self._lexicon
        hard = lexicon.mask(" ".join(lexicon.bits)) & ~lexicon.soft
        return hard | lexicon.speech | lexicon.mask("hello|thanks")

    def _fit(self, masks: frozenset[int]) -> list[tuple[Rule, bool]]:
        return self._rules.fitting(masks, self._lexicon.soft, self._lexicon.bits[THING])

    def _slots(self, rule: Rule, tokens: Sequence[Token], words: str, text: str) -> dict[str, str]:
        """What fills the rule's slots."""
        known = slots.by_name(tokens, text)
        known[ANY] = next((known[each] for each in PREFIXES if each in known), "")
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
        after = self._lexicon.mask("|".join(("bit", *PREFIXES)))
        return self._lexicon.mask("filler|want|person|hello|ask") | after, after
