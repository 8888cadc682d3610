"""A guess at what is wanted, for words that no rule is sure of: weights learnt from phrases."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.kit.intents.lexicon import PREFIXES, THING, Lexicon, Token

FILE = Path(__file__).with_name("guess.json.gz")
LONGEST = 120
"""Characters that are looked at."""
GRAMS = (1, 2, 3)
FACTS = frozenset((*PREFIXES, "when", "stars", "amount", "nth", "shifted", "value", "code"))
"""Tokens that count by their kind, not by their characters."""
SAYS_LITTLE = frozenset({"filler", "bit"})
FACT, BEGIN, END = "\x01", "^", "$"
INSTRUMENT = "=instrument"
"""What is left of a message, where it has a sign of an instrument."""
SCALE = 4.0
"""What the features of a message weigh together: as much for a short one as for a long one."""

Row = tuple[int, ...]


@dataclass(frozen=True)
class Guess:
    """What each feature of a message says for each name."""

    names: tuple[str, ...]
    bias: tuple[float, ...]
    rows: Mapping[str, Row]
    """By feature: a name's place, its weight in hundredths, the next name's place, and so on."""
    stamp: str
    """From which phrases it was learnt."""

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """Read what was learnt by `python -m scripts.learn_wishes`."""
        told = json.loads(gzip.decompress(path.read_bytes()))
        rows = {feature: tuple(row) for feature, row in told["rows"].items()}
        return cls(tuple(told["names"]), tuple(told["bias"]), rows, told["stamp"])

    def most(self, said: set[str]) -> tuple[str, float]:
        """The likeliest name, and how likely it is."""
        sums = [0] * len(self.names)
        for feature in said:
            row = self.rows.get(feature, ())
            for at in range(0, len(row), 2):
                sums[row[at]] += row[at + 1]
        unit = weight(len(said)) / 100
        scores = [one * unit + bias for one, bias in zip(sums, self.bias, strict=True)]
        top = max(scores)
        return self.names[scores.index(top)], 1 / sum(math.exp(one - top) for one in scores)


def weight(features: int) -> float:
    """What each of so many features weighs."""
    return SCALE / math.sqrt(features or 1)


def features(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> set[str]:
    """What is looked at: concepts, their order, and runs of characters."""
    said: set[str] = set()
    letters, before = [BEGIN], BEGIN
    for token in tokens:
        if token.end > LONGEST:
            break
        fact = token.name in FACTS
        letters += FACT if fact else text[token.start : token.end]
        name = token.name
        if name != THING:
            said |= lexicon.features[token.mask]
        elif not lexicon.signs.isdisjoint(text[token.start : token.end]):
            name = INSTRUMENT
            said.add(INSTRUMENT)
        if name not in SAYS_LITTLE:
            said.add(f"{before}>{name}")
            before = name
    said.add(f"{before}>{END}")
    run = "".join((*letters, END))
    for size in GRAMS:
        said.update(run[at : at + size] for at in range(len(run) - size + 1))
    return said
