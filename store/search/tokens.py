"""How text becomes tokens.

Chinese becomes its single characters and its pairs, so that no word of one or two characters is
lost to a wrong cut. Letters and digits become words, their parts at every change from letters to
digits, and the beginnings of those: `JEM-2100F` is found by `jem2100`, `2100f`, `JEM 2100`.
"""

import re
import unicodedata
from collections.abc import Iterator
from operator import add

LONGEST_QUESTION = 120
"""Characters of a question that are read; no name of an instrument is longer."""
LONGEST_TOKEN = 20
SHORTEST_BEGINNING = 2

HAN = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_ATOM = re.compile(rf"[{HAN}]|\d+|[^\W\d_{HAN}]+")
_LOOSE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_HAN_GAP = re.compile(rf"(?<=[{HAN}])[-\u2010-\u2015\u00b7/()\[\] ]+(?=[{HAN}])")
_LINKED = re.compile(r"[-\u2010-\u2015_/.+\u00b7]")
_HAN_ONLY = re.compile(rf"[{HAN}]+")


def normalise(text: str) -> str:
    """Full-width forms, case, control characters and halves of characters made plain."""
    return unicodedata.normalize("NFKC", _LOOSE.sub(" ", text)).lower()


def clean(text: str) -> str:
    """Text as it may be repeated: in one line, without control characters and halves."""
    return " ".join(_LOOSE.sub(" ", text).split())


def is_han(run: str) -> bool:
    """Whether a run is Chinese characters."""
    return _HAN_ONLY.fullmatch(run) is not None


def atoms(plain: str) -> Iterator[re.Match[str]]:
    """Cut normalised text into Chinese characters, digits and letters."""
    return _ATOM.finditer(plain)


def joined_names(text: str) -> str:
    """Normalised text in which Chinese words are joined across hyphens, blanks and brackets."""
    return _HAN_GAP.sub("", normalise(text))


def squeeze(text: str) -> str:
    """Text as words are compared: normalised, only letters, digits and Chinese characters."""
    return "".join(part.group() for part in atoms(normalise(text)))


def pairs(run: str) -> tuple[str, ...]:
    """The tokens that ask for a run of Chinese characters: itself, or all its pairs."""
    if len(run) < 3:
        return (run,)
    return tuple(dict.fromkeys(map(add, run, run[1:])))


def latin(word: str) -> str:
    """The token that asks for a word of letters and digits."""
    return word[:LONGEST_TOKEN]


def tokens(text: str, *, joined: bool = False) -> frozenset[str]:
    """All tokens by which a text is found; `joined` links words across blanks (for models)."""
    plain = joined_names(text)
    if is_han(plain):
        return frozenset((*plain, *map(add, plain, plain[1:])))
    found: set[str] = set()
    chain: list[str] = []
    end = 0
    for run in _RUN.finditer(plain):
        word = run.group()
        if is_han(word):
            found.update(word, map(add, word, word[1:]))
            continue
        if not _continues(plain[end : run.start()], joined=joined):
            _add_chain(chain, found)
            chain = []
        chain.extend(part.group() for part in atoms(word))
        end = run.end()
    _add_chain(chain, found)
    return frozenset(found)


def _continues(between: str, *, joined: bool) -> bool:
    """Whether two words with this between them are one name, such as ICP-MS."""
    return len(between) <= 1 and (bool(_LINKED.match(between)) or (joined and between == " "))


def _add_chain(chain: list[str], found: set[str]) -> None:
    """Add every part, and what begins at it."""
    for start in range(len(chain)):
        whole = "".join(chain[start : start + LONGEST_TOKEN])[:LONGEST_TOKEN]
        found.add(chain[start][:LONGEST_TOKEN])
        found.update(whole[:size] for size in range(SHORTEST_BEGINNING, len(whole) + 1))
