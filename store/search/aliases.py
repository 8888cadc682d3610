"""What instruments are called: full names, other names, wider words, and words that say nothing."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path

from store.search.tokens import atoms, is_han, normalise

FOLDER = Path(__file__).parent
ALIASES = FOLDER / "aliases.toml"
MANNERS = FOLDER / "manners.toml"
WIDE = "~"
HEAD = 2

_CLAUSE = re.compile("[、，。；：！？,;:!?|\n\"'“”‘’「」《》<>]+")


@dataclass(frozen=True, slots=True)
class Known:
    """One word of the lexicon, as it is compared: normalised, without blanks and hyphens."""

    key: str
    concepts: tuple[str, ...] = ()
    """Full names that this is another name of."""
    wider: tuple[str, ...] = ()
    """Full names that this word takes in, and more."""
    place: bool = False
    polite: bool = False
    weak: bool = False

    @property
    def means(self) -> bool:
        """Whether it names something."""
        return bool(self.concepts or self.wider or self.place)

    @property
    def says_nothing(self) -> bool:
        """Whether it may be left out of a question."""
        return self.polite or self.weak


@dataclass(frozen=True, slots=True)
class Match:
    """A known word in a clause: which of its atoms."""

    start: int
    end: int
    known: Known


@dataclass(frozen=True)
class Lexicon:
    """All known words, found by their first two characters."""

    words: Mapping[str, Known]
    wider: Mapping[str, tuple[str, ...]]
    """Of each full name, the keys of its wider words."""
    heads: Mapping[str, tuple[Known, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        heads: dict[str, list[Known]] = {}
        longest_first = sorted(self.words.values(), key=lambda known: -len(known.key))
        for known in longest_first:
            heads.setdefault(known.key[:HEAD], []).append(known)
        for head, found in heads.items():
            if len(head) == HEAD:
                found.extend(heads.get(head[0], ()))
        object.__setattr__(self, "heads", {head: tuple(found) for head, found in heads.items()})

    def with_places(self, names: Iterable[str]) -> "Lexicon":
        """The same, knowing these places by their full and short names."""
        ends = manners()["place_ends"]
        words = dict(self.words)
        for key in filter(None, map(squeeze, names)):
            short = key[:-1] if len(key) > HEAD and key[-1] in ends else key
            words.setdefault(key, Known(key, place=True))
            words.setdefault(short, Known(short, place=True))
        return Lexicon(words, self.wider)

    def scan(
        self, words: Sequence[str], *, asked: bool = False, manners: bool = False
    ) -> Iterator[Match]:
        """The longest known words among atoms, from left to right.

        `asked` takes wider words and places too, `manners` also those that say nothing.
        """
        text = "".join(words)
        starts = list(accumulate(map(len, words), initial=0))
        done = 0
        for index, at in enumerate(starts[:-1]):
            if at < done:
                continue
            near = self.heads.get(text[at : at + HEAD]) or self.heads.get(text[at])
            found = near and _longest(near, text, at, starts, asked=asked, manners=manners)
            if found:
                done = at + len(found.key)
                yield Match(index, starts.index(done), found)

    def concepts(self, text: str) -> frozenset[str]:
        """The tokens of what a text names: `#` and the full name, `~` and the wider words."""
        found: set[str] = set()
        for clause in clauses(normalise(text)):
            words = clause if is_han(clause) else [atom.group() for atom in atoms(clause)]
            for match in self.scan(words):
                for name in match.known.concepts:
                    found.add(f"#{name}")
                    found.update(f"{WIDE}{wide}" for wide in self.wider.get(name, ()))
        return frozenset(found)


def _longest(
    near: Iterable[Known],
    text: str,
    at: int,
    ends: Sequence[int],
    *,
    asked: bool,
    manners: bool,
) -> Known | None:
    """The longest known word that begins here and ends where a part does."""
    for known in near:
        if not text.startswith(known.key, at) or at + len(known.key) not in ends:
            continue
        if known.concepts or (asked and known.means) or (manners and known.says_nothing):
            return known
    return None


def clauses(plain: str) -> list[str]:
    """Normalised text cut at its punctuation."""
    return [clause for clause in _CLAUSE.split(plain) if clause]


def squeeze(text: str) -> str:
    """Text as words are compared: normalised, only letters, digits and Chinese characters."""
    return "".join(part.group() for part in atoms(normalise(text)))


@cache
def manners() -> dict[str, list[str]]:
    """Words that say nothing, by their kind."""
    return tomllib.loads(MANNERS.read_text(encoding="utf-8"))


@cache
def lexicon() -> Lexicon:
    """The lexicon of the files here, without places."""
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(ALIASES.read_text(encoding="utf-8"))
    exact: dict[str, list[str]] = {}
    wide: dict[str, list[str]] = {}
    wider: dict[str, tuple[str, ...]] = {}
    for names in tables.values():
        for name, others in names.items():
            for other in (name, *(word for word in others if not word.startswith(WIDE))):
                exact.setdefault(squeeze(other), []).append(name)
            wider[name] = tuple(squeeze(word) for word in others if word.startswith(WIDE))
            for key in wider[name]:
                wide.setdefault(key, []).append(name)
    words = {
        key: Known(key, tuple(exact.get(key, ())), tuple(wide.get(key, ())))
        for key in exact.keys() | wide.keys()
    }
    for word in (squeeze(word) for word in manners()["polite"]):
        words.setdefault(word, Known(word, polite=True))
    for word in (squeeze(word) for word in manners()["weak"]):
        words.setdefault(word, Known(word, weak=True))
    return Lexicon(words, wider)


@cache
def fingerprint() -> str:
    """Changes whenever an index made with these files must be made anew."""
    code = b"".join(
        path.read_bytes()
        for path in (ALIASES, FOLDER / "tokens.py", FOLDER / "entry.py", FOLDER / "layout.py")
    )
    return blake2b(code, digest_size=8).hexdigest()
