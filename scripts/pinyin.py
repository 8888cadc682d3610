"""Write store/search/pinyin.txt: how the common Chinese characters are read.

Run: python scripts/pinyin.py, with `pypinyin` installed (MIT; needed for nothing else).
A character's readings are those that the phrases of its dictionary give it often enough.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal

FILE = Path(__file__).parents[1] / "store" / "search" / "pinyin.txt"
HEAD = """\
# How the 6,763 characters of GB 2312 are read, by syllable; behind the bar, less often so.
# Written by scripts/pinyin.py from pypinyin's data (MIT). `v` stands for the u with two dots.
"""
SHARE, TIMES = 0.08, 4
"""A reading counts when this part of a character's phrases, and so many of them, have it."""


def main() -> None:
    """Write the file."""
    spoken = _spoken()
    first: defaultdict[str, list[str]] = defaultdict(list)
    other: defaultdict[str, list[str]] = defaultdict(list)
    for character in _characters():
        usual = plain(lazy_pinyin(character, style=Style.NORMAL)[0])
        counted = spoken[character]
        first[usual].append(character)
        for syllable, times in counted.items():
            often = times >= TIMES and times >= SHARE * counted.total()
            if syllable != usual and often:
                other[syllable].append(character)
    lines = [
        f"{syllable} {''.join(first[syllable])}|{''.join(other[syllable])}".rstrip("|")
        for syllable in sorted(first.keys() | other.keys())
    ]
    FILE.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")


def plain(syllable: str) -> str:
    """A syllable in small ASCII letters."""
    return syllable.replace("ü", "v").replace("ê", "e")


def _characters() -> Iterator[str]:
    """All of GB 2312, the commoner half first, as it orders them."""
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes([row, cell]).decode("gb2312")
            except UnicodeDecodeError:
                continue


def _spoken() -> defaultdict[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in PHRASES_DICT.items():
        for character, syllable in zip(phrase, syllables, strict=False):
            found[character][plain(to_normal(syllable[0]))] += 1
    return found


if __name__ == "__main__":
    main()
