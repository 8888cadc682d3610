"""Whatever the account offers to type is there: taps, words in quotes, entries of the menu."""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot import app, topics
from bot.kit import moments
from bot.kit.heard import Act, Heard
from bot.kit.reading import Unreadable, choice, steering, to_change
from bot.kit.route import Routes
from bot.wechat import menu
from handlers import terms_values
from store.errors import Refused
from store.search.index import Index
from tests.conversations.running import START

SOURCES = app.texts().sources
ROUTES = Routes(*topics.ROUTERS)
FLOWS = {flow.name: flow for flow in topics.FLOWS}
TAP = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\]")
QUOTED = re.compile(r"(?:回复|写|重发：回复)「([^「」\[\]]+)」(?!开头|加)")
TYPED = re.compile(r"「([^「」\[\]]+)」")
"""In the guide, all that is quoted is to be typed."""
PLACEHOLDER = re.compile(r"(?P<letters>[A-Z]*)\{(?P<name>[a-z_0-9]+)\}")
SHAPES = {"绑定 邀请码", "姓名 张三", "2027年6月30日", "测农残"}
"""Shown as the shape of what is to be typed, and understood where it is asked for."""
INSTRUMENT, BOOKING, CONTRACT, VOUCHER = ("YQ7",), ("YY7",), ("HT7",), ("CXQ7",)
NUMBERS: Mapping[str, Collection[str]] = {
    "after": BOOKING,
    "answering": BOOKING,
    "booking": INSTRUMENT,
    "booking.asked": BOOKING,
    "booking.booked": BOOKING,
    "bookings": BOOKING,
    "bookings.contract": CONTRACT,
    "charge": BOOKING,
    "closing": INSTRUMENT,
    "contract": CONTRACT,
    "customs": INSTRUMENT,
    "free": INSTRUMENT,
    "notice.ticket": ("GD7", "XQ7"),
    "notice.ticket.demanded": ("XQ7",),
    "notice.voucher": VOUCHER,
    "operating": INSTRUMENT,
    "refused.ContractMissing": CONTRACT,
    "refused.QuoteFirst": BOOKING,
    "refused.RulesUnread": INSTRUMENT,
    "rules": INSTRUMENT,
    "sample": BOOKING,
    "sample.ContractMissing": CONTRACT,
    "search": INSTRUMENT,
    "search_statistics": INSTRUMENT,
    "tariff": INSTRUMENT,
    "terms": INSTRUMENT,
    "ticket": ("GD7", "XQ7"),
    "ticket.next.demand": ("XQ7",),
    "visit": INSTRUMENT,
    "visit.ContractMissing": CONTRACT,
    "visit.NotConfirmed": BOOKING,
    "visit.TooEarly": BOOKING,
    "voucher": VOUCHER,
    "voucher.not_payable": BOOKING,
    "voucher.reserved": BOOKING,
}
"""What `{number}` brings with its letters, by the nearest beginning of the text's path."""
FILLED = {
    "instrument": "YQ7",
    "ticket": "GD7",
    "booking": "YY7",
    "voucher": "CXQ7",
    "example": "YQ7 11月25日9点到11点",
    "typed": "YQ7 11月25日9点到11点",
    "watch": "YQ7 11月25日9点到11点",
    "name": "三坐标",
    "words": "三坐标",
    "code": "a1b2",
    "near1": "11月25日9点到11点",
    "near2": "11月25日9点到11点",
    "near3": "11月25日9点到11点",
}
"""What the others bring; numbers, where nothing is said."""

OPENS = 8


def offers() -> list[tuple[str, str]]:
    """Every text's path with the words that it offers, filled in every way that it can be."""
    found = [
        (path, words or label)
        for path, text in SOURCES.items()
        for label, words in TAP.findall(text)
    ]
    found += [
        (path, words)
        for path, text in SOURCES.items()
        for words in (TYPED if path.startswith("guide.") else QUOTED).findall(text)
    ]
    return [(path, filled) for path, words in found for filled in fillings(path, words)]


def fillings(path: str, words: str) -> list[str]:
    """What people see."""
    bare = any(m["name"] == "number" and not m["letters"] for m in PLACEHOLDER.finditer(words))

    def fill(match: re.Match[str], number: str) -> str:
        if match["letters"]:
            return f"{match['letters']}7"
        return number if match["name"] == "number" else FILLED.get(match["name"], "7")

    fills = [partial(fill, number=each) for each in (numbers(path) if bare else ("",))]
    return [PLACEHOLDER.sub(each, words) for each in fills]


def numbers(path: str) -> Collection[str]:
    """The numbers that a text can get."""
    near = path.partition(":")[0]
    while near not in NUMBERS:
        near = near.rpartition(".")[0]
    return NUMBERS[near]


def leads_somewhere(words: str) -> bool:
    """Whether typing this does something of its own: no search for the words of a command."""
    told = steering(words) is not None or to_change(words) is not None
    return told or choice(words, 9) is not None or ROUTES.command(words) is not None


def _term(words: str, now: datetime) -> object:
    """What a keeper may set, whichever it is."""
    for read in (terms_values.hours, lambda said: terms_values.special(said, now)):
        with suppress(Refused):
            return read(words)
    for term in terms_values.names():
        with suppress(Refused):
            return terms_values.value(term, words)
    raise Unreadable


def _of_a_day(words: str, now: datetime) -> object:
    """From when to when, the day being known."""
    tomorrow = now.date() + timedelta(days=1)
    return moments.read_period(words, now, _by_day, on=tomorrow)


def _by_day(period: moments.Period) -> bool:
    return period.start.hour >= OPENS


READ: Mapping[str, Callable[[str, datetime], object]] = {
    "terms": _term,
    "terms.set.value": _term,
    "answering.propose.slot": _of_a_day,
    "booking.book.slot": _of_a_day,
    "bookings.move.slot": _of_a_day,
}
"""How answers are read that are free words to their questions."""


def answers(path: str, words: str) -> bool:
    """Whether the words answer the question that the text puts, or stands below."""
    asked = path.partition(":")[0]
    if asked.rpartition(".")[2][:1].isupper():
        asked = asked.rpartition(".")[0]
    flow, _, name = asked.rpartition(".")
    step = FLOWS[flow].steps.get(name) if flow in FLOWS else None
    kind = step.kind if step else None
    read = READ.get(asked) or (kind.read if kind and not kind.free else None)
    try:
        return read is not None and read(words, START) is not None
    except Refused:
        return False


@pytest.mark.parametrize(("path", "words"), sorted(set(offers())), ids="|".join)
def test_what_a_text_offers_is_there(path: str, words: str) -> None:
    assert words in SHAPES or leads_somewhere(words) or answers(path, words), path


def test_what_is_not_open_yet_is_offered_nowhere() -> None:
    soon = {
        words
        for _, words in offers()
        if (match := ROUTES.command(words)) and _soon(match.route.name)
    }
    assert soon == set()


def _soon(name: str) -> bool:
    return name.startswith("handlers.coming.")


@pytest.mark.parametrize(
    "entry",
    [each for button in menu.load("https://x.example")["button"] for each in button["sub_button"]],
    ids=lambda entry: str(entry["name"]),
)
def test_the_menu_leads_somewhere(entry: dict[str, str]) -> None:
    tapped = Heard("k", "o", START, Act.TAP, entry["key"])
    match = ROUTES.match(tapped) or ROUTES.command(entry["key"])
    assert match is not None
    assert not _soon(match.route.name)


def searches() -> list[str]:
    """Every search that a text offers as an example."""
    return sorted({words for _, words in offers() if words.startswith("搜 ") and "7" not in words})


@pytest.mark.parametrize("words", searches())
def test_examples_find_something_in_the_sample_ledger(words: str, filled: Path) -> None:
    catalogue = Index.open(filled / "index")
    assert catalogue.ready
    found = catalogue.find(words.removeprefix("搜 "))
    assert found.how.value == "all", found
