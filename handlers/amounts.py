"""Money and prices as people type them, and as they read them."""

from datetime import datetime

from bot.kit.kinds import Kind
from bot.kit.reading import Unreadable, clean
from store import price
from store.money import yuan
from store.price import Price
from store.tariff.words import priced

NEGOTIABLE = "negotiable"


def _one(said: str) -> Price:
    found = price.read(clean(said)).prices
    if len(found) != 1 or found[0].label or found[0].to_fen is not None:
        raise Unreadable
    return found[0]


def read_amount(said: str, _now: datetime) -> int:
    """`380`, `380元`, `1,200.50`: fen. Raises Unreadable."""
    if price.read(clean(said)).free:
        return 0
    found = _one(said)
    if found.per:
        raise Unreadable
    return found.fen


def read_rate(said: str, _now: datetime) -> str:
    """`200元/小时` as `20000/hour`; the words for a price to be agreed, and for free, as such."""
    fee = price.read(clean(said))
    if fee.free:
        return "0/"
    if fee.negotiable and not fee.prices:
        return NEGOTIABLE
    found = _one(said)
    if not found.per:
        raise Unreadable
    return f"{found.fen}/{found.per}"


def rate(value: str) -> tuple[int | None, str]:
    """What `read_rate` kept: fen, or nothing where it is to be agreed, and the unit."""
    if value == NEGOTIABLE:
        return None, ""
    fen, _, per = value.partition("/")
    return int(fen), per


def _load_rate(value: object) -> str:
    text = str(value)
    rate(text)
    return text


def show_rate(value: str) -> str:
    """As a summary says it."""
    fen, per = rate(value)
    return priced(fen, None, per)


AMOUNT: Kind[int] = Kind("amount", read_amount, show=yuan)
"""An amount of money, in fen."""
RATE: Kind[str] = Kind("rate", read_rate, load=_load_rate, show=show_rate)
"""So much a unit."""
