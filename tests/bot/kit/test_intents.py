"""What people want done: every table of phrases, any text at all, and what it costs."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.kit.intents import Intent, Reader, reader
from bot.kit.intents.lexicon import Lexicon
from bot.kit.intents.rules import Rule

HERE = Path(__file__).parent
SEARCH_TABLES = sorted((HERE.parents[2] / "store" / "search").glob("*.toml"))
Table = dict[str, dict[str, list[str]]]
PHRASES: Table = tomllib.loads((HERE / "intents.toml").read_text("utf-8"))
MORE: dict[str, list[str]] = tomllib.loads((HERE / "wishes.toml").read_text("utf-8"))
MISSED = {"在么", "码是 K3M8Q-77PLT", "成本价还是市场价", "真空泵有异响", "仪器总表"}
"""What is still taken for a search."""
OWN = {"name", "phone", "email", "organisation"}
"""What is one's own, part by part."""
BUDGET = 0.000_3
"""Seconds at the median, with room for a slow machine; benchmarks/intents.py measures it."""
MANNERS = {"manners.toml", "filters.toml"}


def read(words: str) -> tuple[str, str]:
    intent = reader().read(words)
    return (intent.name, intent.typed) if intent else ("none", "")


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        (name, typed, words)
        for name, table in PHRASES.items()
        for typed, several in table.items()
        for words in several
    ],
)
def test_a_phrase_is_the_command_that_it_means(name: str, typed: str, words: str) -> None:
    assert read(words) == (name, typed)


@pytest.mark.parametrize(
    ("name", "words"),
    [(name, words) for name, several in MORE.items() for words in several if words not in MISSED],
)
def test_more_phrases(name: str, words: str) -> None:
    got = read(words)[0].replace("none", "search")
    assert got == name or (got in OWN and name == "my_data")


def test_every_intent_has_its_phrases() -> None:
    told = {name: sum(map(len, table.values())) for name, table in PHRASES.items()}
    told |= {name: told.get(name, 0) + len(several) for name, several in MORE.items()}
    steers = {"next_page", "back", "cancel", "resume", "confirm"}
    asked = {rule.name for rule in reader().rules if rule.when} - {"contact"}
    assert {name for name in asked if told.get(name, 0) < (2 if name in steers else 6)} == set()


def known_names() -> list[str]:
    """Names of instruments, methods and needs, as the search knows them."""
    found: set[str] = set()
    for path in SEARCH_TABLES:
        if path.name not in MANNERS:
            _strings(tomllib.loads(path.read_text("utf-8")), found)
    return sorted(name for name in found if 1 < len(name) < 40)


def _strings(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value)
    elif isinstance(value, dict):
        found.update(value)
        for inner in value.values():
            _strings(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _strings(inner, found)


def test_what_can_be_looked_for_is_no_wish() -> None:
    names = known_names()
    taken = {name: read(name)[1] for name in names if reader().read(name)}
    assert len(names) > 1_000
    assert len(taken) <= len(names) / 1_000, taken


@pytest.mark.parametrize("name", sorted(reader().choices))
def test_what_a_model_may_choose_is_said_in_a_line(name: str) -> None:
    assert reader().choices[name].means
    assert reader().choices[name].model


@given(st.text(max_size=300))
@example("😀" * 4_000)
@example("7" * 3_000)
@example("预约" * 2_000)
@example("约12号" * 800)
@example("\ud83d" * 100)
@example("\x00\u202e约\u200b电\u200d镜")
@example("ＹＱ１２　多少钱")
def test_any_text_is_read_or_left(words: str) -> None:
    intent = reader().read(words)
    assert intent is None or (intent.typed == intent.typed.strip() and intent.typed)


CUES = sorted(word for word, mask in Lexicon.load().words.items() if mask)


@given(
    st.lists(st.sampled_from([*CUES, "YQ12", "YY3", "明天下午3点", "三坐标", "12号", "，", " "]))
)
def test_any_words_of_the_tables_are_read_or_left(words: list[str]) -> None:
    intent = reader().read("".join(words))
    if intent is not None:
        assert intent.slots.keys() <= set(_rule(intent).slots)
        assert "{" not in intent.typed


def _rule(intent: Intent) -> Rule:
    rules = [rule for rule in reader().rules if rule.name == intent.name]
    return next(rule for rule in rules if intent.slots.keys() <= set(rule.slots))


@pytest.mark.parametrize("words", ["😀" * 4_000, "7" * 3_000, "预约" * 2_000, "约12号" * 800])
def test_the_longest_text_costs_little(words: str) -> None:
    reader().read(words)
    assert min(_seconds(words) for _ in range(5)) < 0.02


def test_a_message_costs_microseconds() -> None:
    every = [words for t in PHRASES.values() for several in t.values() for words in several]
    times = sorted(min(_seconds(words) for _ in range(3)) for words in every)
    assert times[len(times) // 2] < BUDGET


def _seconds(words: str) -> float:
    """How long it takes the first time: the same words again are only looked up."""
    read = reader().read.__wrapped__
    began = time.thread_time()
    read(words)
    return time.thread_time() - began


def test_a_story_is_kept_as_it_was_typed() -> None:
    intent = reader().read("我要投诉：ＸＲＤ 的 Dr. Wang\n不给数据")
    assert intent is not None
    assert intent.typed == "投诉 ＸＲＤ 的 Dr. Wang\n不给数据"
    assert not intent.sure


def test_what_may_answer_a_question_is_not_sure() -> None:
    sure = {words: intent.sure for words in SURE if (intent := reader().read(words))}
    assert sure == SURE


SURE = {
    "我还有多少券": True,
    "不想约了，怎么取消预约": True,
    "算了，不办了": True,
    "维修": False,
    "约明天下午的电镜": False,
    "机主": False,
    "我要投诉": False,
}


def test_parts() -> None:
    parts = reader().parts("YQ12 三坐标 明天下午3点到5点")
    assert (parts.number, parts.thing, parts.when) == (12, "三坐标", "明天下午3点到5点")
    assert reader().parts("").number is None


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("确认吗", None),
        ("先不确认", None),
        ("不确定", None),
        ("没问题吗", None),
        ("确认无误", "确认"),
    ],
)
def test_only_a_plain_yes_confirms(words: str, meant: str | None) -> None:
    intent = reader().read(words)
    assert (intent.typed if intent else None) == meant


def test_an_unknown_concept_is_refused() -> None:
    lexicon = Lexicon.load()
    with pytest.raises(KeyError):
        Rule.of({"name": "x", "typed": "x", "when": ["no_such_concept"]}, lexicon, 0)
    with pytest.raises(ValueError, match="x"):
        Rule.of({"name": "x", "typed": "x", "when": ["book"], "whn": []}, lexicon, 0)


def test_a_concept_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text(
        '[soft]\na = ["一"]\n[hard]\na = ["二"]\n[patterns]\n[parts]\n[not]\nwords = []\n'
        '[gate]\nnumbered = "x"\n[thing]\nsigns = "x"\n',
        "utf-8",
    )
    with pytest.raises(ValueError, match="twice"):
        Lexicon.load(path)


def test_the_tables_are_read_once() -> None:
    assert reader() is reader()
    assert isinstance(reader(), Reader)
