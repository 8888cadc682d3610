"""Learn the guess at what people want from the phrases that are kept with the tests.

Run: python -m scripts.learn_wishes; takes a minute or two and gives the same file each time.
The labelled questions of the benchmark are never learnt from: they measure it.
"""

import gzip
import hashlib
import json
import math
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bot.kit.intents import guess
from bot.kit.intents.guess import features, weight
from bot.kit.intents.lexicon import THING, Lexicon
from bot.kit.reading import plain

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests" / "bot" / "kit"
WRAPPING = Path(__file__).with_suffix(".toml")
INSTRUMENTS = tuple(sorted((ROOT / "store" / "search").glob("*.toml")))
LEARNT = (
    TESTS / "intents.toml",
    TESTS / "wishes.toml",
    WRAPPING,
    ROOT / "bot/kit/intents/words.toml",
)
SEARCH = "search"
OTHER_NAMES = {"none": SEARCH}
EPOCHS, RATE, COOLING = 10, 1.5, 0.8
SEARCH_COUNTS = 0.5
"""What a search weighs against a wish: there are far more of them to learn from."""
RARE, LEAST, SMALLEST = 2, 5, 1e-3
"""Features of fewer phrases, weights of fewer hundredths, and steps below this are left out."""
BARE_NAMES, ASKED_NAMES = 1_500, 1_000
SHORT_NAME, SHORT_THING = range(2, 9), 8
SEED = 7
Said = tuple[str, str]
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def main() -> None:
    """Learn, and write the file."""
    learner = Learner([(frozenset(of(words)), name) for words, name in everything()])
    for epoch in range(EPOCHS):
        learner.go_through(RATE * COOLING**epoch)
    guess.FILE.write_bytes(learner.packed())


def stamp() -> str:
    """Which phrases these are."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in LEARNT)).hexdigest()


@cache
def lexicon() -> Lexicon:
    """The words that ship."""
    return Lexicon.load()


@cache
def says() -> int:
    """The concepts by which a name may look like a wish."""
    words = lexicon()
    return words.mask(" ".join(words.bits)) & ~words.soft | words.speech


def of(words: str) -> set[str]:
    """The features of words."""
    text = plain(words)
    return features(text, lexicon().tokens(text), lexicon())


def everything() -> list[Said]:
    """All there is to learn from: what was written, what it is wrapped in, and names alone."""
    dice, told = random.Random(SEED), _read(WRAPPING)  # noqa: S311 - nothing secret
    names = sorted(instruments())
    short = [name for name in names if len(name) in SHORT_NAME]
    every = sorted({*written(), *families(told["families"], dice, short)})
    more = [one for said in every for one in wrapped(said, told, dice, short)]
    asked = [dice.choice(told["asks"]).format(dice.choice(short)) for _ in range(ASKED_NAMES)]
    alike = [name for name in names if lexicon().touches(plain(name)) & says()]
    bare = [*dice.sample(names, BARE_NAMES), *alike]
    searches = [(words, SEARCH) for words in (*bare, *asked)]
    return [*every, *more, *searches]


def written() -> Iterator[Said]:
    """The phrases kept with the tests."""
    for name, table in _read(LEARNT[0]).items():
        for several in table.values():
            yield from ((words, OTHER_NAMES.get(name, name)) for words in several if words.strip())
    for name, several in _read(LEARNT[1]).items():
        yield from ((words, name) for words in several)


def families(told: dict[str, list[str]], dice: random.Random, names: list[str]) -> Iterator[Said]:
    """What the families of phrases give: each line a few times, its choices taken by chance."""
    for intent, several in told.items():
        for line in several:
            for _ in range(1 + min(line.count("["), 5) * 2):
                said = _CHOICE.sub(lambda part: dice.choice(part[1].split("|")), line)
                yield said.replace("{}", dice.choice(names)), intent


def wrapped(
    said: Said, told: Mapping[str, list[str]], dice: random.Random, names: list[str]
) -> Iterator[Said]:
    """The same with other words around it, and about other instruments."""
    words, name = said
    if name != SEARCH or dice.random() < SEARCH_COUNTS:
        yield dice.choice(told["before"]) + words, name
        yield words + dice.choice(told["after"]), name
    if name != SEARCH and (place := about(words)):
        text = plain(words)
        for _ in range(2):
            yield text[: place[0]] + dice.choice(names) + text[place[1] :], name


def about(words: str) -> tuple[int, int] | None:
    """Where the one instrument stands that words are about."""
    text = plain(words)
    things = [
        (token.start, token.end)
        for token in lexicon().tokens(text)
        if token.name == THING and not lexicon().signs.isdisjoint(text[token.start : token.end])
    ]
    one = len(things) == 1 and things[0][1] - things[0][0] <= SHORT_THING
    return things[0] if one else None


def instruments() -> set[str]:
    """Names of instruments, methods and needs, as the search knows them."""
    found: set[str] = set()
    for path in INSTRUMENTS:
        if path.name not in {"manners.toml", "filters.toml"}:
            _strings(_read(path), found)
    return {name for name in found if 1 < len(name) < SHORT_THING * 5}


def _strings(value: object, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value)
    elif isinstance(value, dict):
        found.update(value)
        for inner in value.values():
            _strings(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _strings(inner, found)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


class Learner:
    """Logistic regression over all names, a phrase at a time."""

    def __init__(self, rows: list[tuple[frozenset[str], str]]) -> None:
        common = Counter(feature for said, _ in rows for feature in said)
        kept = {feature for feature, times in common.items() if times >= RARE}
        self.names = sorted({name for _, name in rows})
        place = {name: at for at, name in enumerate(self.names)}
        self.rows = [(sorted(said & kept), place[name]) for said, name in rows]
        self.weights = {feature: [0.0] * len(self.names) for feature in sorted(kept)}
        self.bias = [0.0] * len(self.names)
        self.dice = random.Random(SEED)  # noqa: S311 - nothing secret

    def go_through(self, rate: float) -> None:
        """Learn from every phrase once, in another order."""
        self.dice.shuffle(self.rows)
        for said, right in self.rows:
            self._learn(said, right, rate)

    def _learn(self, said: list[str], right: int, rate: float) -> None:
        rows, unit = [self.weights[feature] for feature in said], weight(len(said))
        scores = [
            unit * sum(row) + bias for row, bias in zip(_columns(rows), self.bias, strict=False)
        ]
        top = max(scores, default=0.0)
        chances = [math.exp(score - top) for score in scores]
        whole = sum(chances)
        count = SEARCH_COUNTS if self.names[right] == SEARCH else 1.0
        for at, chance in enumerate(chances):
            step = rate * count * ((at == right) - chance / whole)
            if abs(step) > SMALLEST:
                self.bias[at] += step * 0.1
                for row in rows:
                    row[at] += step * unit * 0.1

    def packed(self) -> bytes:
        """The file: what weighs enough, in hundredths."""
        rows = {feature: _kept(row) for feature, row in self.weights.items()}
        told = {
            "stamp": stamp(),
            "names": self.names,
            "bias": [round(one, 3) for one in self.bias],
            "rows": {feature: row for feature, row in rows.items() if row},
        }
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return gzip.compress(text.encode(), mtime=0)


def _columns(rows: list[list[float]]) -> Iterator[tuple[float, ...]]:
    return zip(*rows, strict=True)


def _kept(row: list[float]) -> list[int]:
    whole = [(at, round(100 * one)) for at, one in enumerate(row)]
    return [part for at, one in whole if abs(one) >= LEAST for part in (at, one)]


if __name__ == "__main__":
    main()
