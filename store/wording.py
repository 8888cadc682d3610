"""How written Chinese is tidied for keeping, and folded for comparing."""

import re
import unicodedata
from functools import lru_cache

WIDE = "".join(chr(code) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B)))
WIDE += "".join(chr(code) for code in range(0xFF41, 0xFF5B)) + "－．／＋％＆＿＠＃＊＝\u3000"
NARROW = "".join(unicodedata.normalize("NFKC", char) for char in WIDE)
UNSEEN = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A))
CONTROLS = (*range(9), *range(14, 32), 0x7F, 0xAD, 0xFEFF)
TABLE: dict[int, str | int | None] = {
    **str.maketrans(WIDE, NARROW),
    **dict.fromkeys((*UNSEEN, *CONTROLS)),
    **dict.fromkeys((0xA0, 0x202F), " "),
}
ODD = re.compile(r"[^\x21-\x7e\u4e00-\u9fff、。，；：（）“”·～]")
BREAKS = re.compile(r"\s*[\r\n\v\f\u2028\u2029]\s*")
BLANKS = re.compile(r"[ \t\u2000-\u200a]+")
IDEOGRAPH = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")


@lru_cache(maxsize=1 << 16)
def tidy(text: str) -> str:
    """One line, without unseen characters and needless blanks; wide letters and digits narrowed."""
    if not ODD.search(text):
        return text
    text = BREAKS.sub(_join, text.translate(TABLE).strip())
    return BLANKS.sub(" ", text)


def _join(found: re.Match[str]) -> str:
    """A line break between Chinese characters was only a wrap; elsewhere it parted words."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return "" if IDEOGRAPH.match(before) and IDEOGRAPH.match(after) else " "


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """The same for every way to write the same words: width, case and blanks do not count."""
    once = _folded(text.translate(TABLE))
    return once if once.isascii() else _folded(once)  # folding may bring marks and letters together


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
