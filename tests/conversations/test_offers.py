"""Whatever the account offers to type is there: taps, words in quotes, entries of the menu."""

import re
from pathlib import Path

import pytest

from bot import app, topics
from bot.kit.heard import Act, Heard
from bot.kit.reading import choice, steering, to_change
from bot.kit.route import Routes
from bot.wechat import menu
from store.search.index import Index
from tests.conversations.running import START

SOURCES = app.texts().sources
ROUTES = Routes(*topics.ROUTERS)
TAP = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\]")
QUOTED = re.compile(r"(?:回复|写|重发：回复)「([^「」\[\]]+)」")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
NOT_TYPED = {"绑定 邀请码", "姓名 张三", "2027年6月30日"}
"""Shown as the shape of what is to be typed, and understood where it is asked for."""


def offers() -> list[tuple[str, str]]:
    """Every text's path with the words that it offers."""
    found = [
        (path, words or label)
        for path, text in SOURCES.items()
        for label, words in TAP.findall(text)
    ]
    found += [(path, words) for path, text in SOURCES.items() for words in QUOTED.findall(text)]
    return [(path, PLACEHOLDER.sub("7", words)) for path, words in found]


def leads_somewhere(words: str) -> bool:
    """Whether typing this does something of its own: no search for the words of a command."""
    told = steering(words) is not None or to_change(words) is not None
    return told or choice(words, 9) is not None or ROUTES.command(words) is not None


@pytest.mark.parametrize(("path", "words"), sorted(set(offers())), ids="|".join)
def test_what_a_text_offers_is_there(path: str, words: str) -> None:
    assert words in NOT_TYPED or leads_somewhere(words), path


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
