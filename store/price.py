"""What using an instrument costs, as a ledger's words say it."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

Json = dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Price:
    """One price: so much per hour, sample, element…; amounts in fen."""

    fen: int
    per: str
    """A key of store/prices.toml; empty when nothing says per what."""
    to_fen: int | None = None
    """The upper end, where the words give a range."""
    label: str = ""
    """For whom or for what: 校内, 校外, 开机费…"""

    def to_json(self) -> Json:
        """As the instrument's row keeps it."""
        return {"fen": self.fen, "per": self.per, "to_fen": self.to_fen, "label": self.label}


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee column's words, read."""

    prices: tuple[Price, ...] = ()
    negotiable: bool = False
    free: bool = False

    @property
    def read(self) -> bool:
        """Whether anything was understood; if not, the words are shown and no price is known."""
        return bool(self.prices) or self.negotiable or self.free


@cache
def per_words() -> dict[str, str]:
    """What each way to write a unit means."""
    data = tomllib.loads(Path(__file__).with_name("prices.toml").read_text("utf-8"))
    return {word: per for per, entry in data.items() for word in entry["words"]}


@cache
def per_label(per: str) -> str:
    """A unit as people read it; raises KeyError for an unknown one."""
    data = tomllib.loads(Path(__file__).with_name("prices.toml").read_text("utf-8"))
    return str(data[per]["label"])


@cache
def _pattern() -> tuple[re.Pattern[str], re.Pattern[str]]:
    units = "|".join(sorted(map(re.escape, per_words()), key=len, reverse=True))
    amount = r"(?P<low>\d[\d,]*(?:\.\d+)?)(?:元)?(?:[-~至到](?P<high>\d[\d,]*(?:\.\d+)?))?"
    money = rf"[¥$]?{amount}(?P<wan>万)?(?:元|块|rmb)?(?:人民币)?"
    behind = re.compile(rf"{money}(?:(?:/|每|per|一)+(?:1|一|个)?(?P<per>{units})(?![a-z]))?")
    before = re.compile(
        rf"(?:每|按)(?:1|一|个|台)?(?P<per>{units})(?:收费|计费|计|收)?[:,]?{money}"
    )
    return before, behind


NEGOTIABLE = re.compile(r"议价|面议|协商|洽谈|另议|商定|约定|协议|电询|面谈|咨询")
FREE = re.compile(r"免费|无偿|不收费|公益|^0元?$")
PARTS = re.compile(r"[;,、\n。]|(?<=[^\d])\s+(?=[^\d\s/]*\d)")
GAPS = re.compile(r"(?<=[\d/每元])[ \t]+(?=[^\d\s])|[ \t]+(?=[/元])")
LABEL = re.compile(r"^[\s:(（\[【]+|[\s:)）\]】]+$")


@lru_cache(maxsize=1 << 14)
def read(words: str) -> Fee:
    """The prices in a fee column's words; what can't be read is left to the words themselves."""
    text = unicodedata.normalize("NFKC", words).casefold().replace("―", "-").replace("—", "-")
    text = GAPS.sub("", re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text))
    prices = (_one(part.strip()) for part in PARTS.split(text) if part and part.strip())
    found = tuple(price for price in prices if price)
    return Fee(found, bool(NEGOTIABLE.search(text)), not found and bool(FREE.search(text)))


def _one(part: str) -> Price | None:
    before, behind = _pattern()
    found = before.search(part) or behind.search(part)
    if not found or not _plain(part, found):
        return None
    wan = Decimal(10_000 if found["wan"] else 1)
    high = found["high"]
    label = LABEL.sub("", part[: found.start()])
    per = per_words().get(found["per"] or "", "")
    return Price(_fen(found["low"], wan), per, _fen(high, wan) if high else None, label)


def _plain(part: str, found: re.Match[str]) -> bool:
    """A number is a price only where 元, a sign or `/unit` says so, or where it stands alone."""
    said = found["per"] or found["wan"] or re.search("[元块¥$]|rmb", found[0])
    return bool(said) or found[0] == part


def _fen(amount: str, times: Decimal) -> int:
    return int((Decimal(amount.replace(",", "")) * times * 100).to_integral_value())
