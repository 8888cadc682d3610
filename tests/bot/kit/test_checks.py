import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import app, topics
from bot.kit.checks import Keys, check, keys_in, refusals_under
from bot.kit.reading import OutOfRange, Unreadable
from bot.kit.route import Router, Routes
from bot.kit.texts import Texts, untapped
from store.errors import Refused
from tests.bot.kit import example, test_route
from tests.bot.kit.example import Note, Taken

ROOT = Path(__file__).parents[3]
GOOD = {
    "example.note:title": "记",
    "example.note.text": "记什么？",
    "example.note.text:title": "内容",
    "example.note.text:again": "写一句。",
    "example.Taken": "YQ{instrument} 被约走。",
    "search.card": "{name} [[看看|YQ12]] [[确认]] [[下页|下一页]] [[{name}|{number}]]",
    "notice.booking.approve.owner": "好",
}
KEYS = Keys(frozenset({"search.card"}), frozenset({"notice.booking.*.*", "*:again"}))


def problems(
    sources: Mapping[str, str], keys: Keys = KEYS, refusals: tuple[type[Refused], ...] = (Taken,)
) -> list[str]:
    texts = Texts(sources, untapped, untapped)
    return check(texts, [Note], refusals, Routes(test_route.router), keys)


def test_what_fits_is_well() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("gone", "problem"),
    [
        ("example.note:title", "example.note:title: no text"),
        ("example.note.text", "example.note.text: no text"),
        ("example.note.text:title", "example.note.text:title: no text"),
        ("example.note.text:again", "example.note.text: no other wording"),
        ("example.Taken", "refused.Taken: no text"),
        ("search.card", "search.card: no text"),
    ],
)
def test_what_is_missing_is_named(gone: str, problem: str) -> None:
    found = problems({key: text for key, text in GOOD.items() if key != gone})
    assert [line for line in found if line.startswith(problem)]


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("search.gone", "x", "search.gone: nobody says it"),
        ("example.note.old", "x", "example.note.old: nobody says it"),
        ("example.note.text:again", "记什么？", "example.note.text: no other wording"),
        ("example.note.text", "{nothing}？", "example.note.text: nothing fills {nothing}"),
        ("example.Taken", "{hours}", "example.Taken: nothing fills {hours}"),
        ("search.card", "[[去哪儿]]", "search.card: nobody understands 去哪儿"),
    ],
)
def test_what_does_not_fit_is_named(key: str, text: str, problem: str) -> None:
    assert [line for line in problems({**GOOD, key: text}) if line.startswith(problem)]


def test_words_that_the_desk_knows_are_known() -> None:
    texts = Texts({"search.card": "[[撤回]]"}, untapped, untapped)
    for known, count in (((), 1), (("撤回",), 0)):
        assert len(check(texts, [], [], Routes(Router("x")), KEYS, known)) == count


def test_two_refusals_of_one_name_are_named() -> None:
    @dataclass(eq=False)
    class Taken(Refused):
        """Another."""

    assert "Taken: 2 refusals have this name" in problems(GOOD, refusals=(Taken, example.Taken))


def test_keys_are_found_in_the_code(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'Say("a.b")\nHEARS = {"x": "n.approve"}\nSay(f"n.{verb}.{who}")\nf("a b.c")\nsay("x.y")\n',
        encoding="utf-8",
    )
    keys = keys_in([tmp_path])
    assert keys.said == {"a.b"}
    assert keys.mentioned == {"a.b", "n.approve", "n.*.*", "x.y"}


def test_all_refusals_are_found() -> None:
    assert {Unreadable, OutOfRange, Taken} <= refusals_under()


def test_the_account_s_copy_fits_its_code() -> None:
    """In a process of its own: other tests load refusals that no chat ever says."""
    code = f"import {__name__} as checks; print(*checks.mistakes(), sep='\\n')"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == ""


def mistakes() -> list[str]:
    """What is wrong with the account's copy, by what the account itself loads."""
    keys = keys_in(ROOT / folder for folder in ("bot", "handlers", "notifications", "store"))
    refusals = {each for each in refusals_under() if not each.__module__.startswith("tests.")}
    return list(check(app.texts(), topics.FLOWS, refusals, Routes(*topics.ROUTERS), keys))
