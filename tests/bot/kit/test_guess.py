"""The guess: learnt from the phrases as they are, the same each time, and kept in its place."""

import gzip
import json
import tomllib
from pathlib import Path

import pytest

from bot.kit.intents import reader
from bot.kit.intents.guess import FILE, LONGEST, Guess, features
from bot.kit.intents.lexicon import Lexicon
from bot.kit.reading import plain
from scripts import learn_wishes
from scripts.learn_wishes import Learner

LEXICON = Lexicon.load()


def said(words: str) -> set[str]:
    text = plain(words)
    return features(text, LEXICON.tokens(text), LEXICON)


def test_it_was_learnt_from_the_phrases_as_they_are() -> None:
    """Otherwise: python -m scripts.learn_wishes."""
    assert Guess.load().stamp == learn_wishes.stamp()


def test_every_name_leads_to_a_rule() -> None:
    assert set(Guess.load().names) - {rule.name for rule in reader().rules} == {"search"}


def test_what_is_only_guessed_has_families_of_phrases() -> None:
    families = tomllib.loads(learn_wishes.WRAPPING.read_text("utf-8"))["families"]
    guessed = {rule.name for rule in reader().rules if not rule.when}
    assert {name for name in guessed if len(families.get(name, ())) < 2} == set()


def test_the_labelled_questions_are_not_learnt_from() -> None:
    """They measure it."""
    assert not [path for path in learn_wishes.LEARNT if "benchmarks" in path.parts]


ROWS = [
    (frozenset(said(words)), name)
    for words, name in [
        ("一个样多少银子", "price"),
        ("做一次多少银子", "price"),
        ("有空位喊我", "watch"),
        ("空出来喊我一声", "watch"),
        ("测粒径", "search"),
        ("测硬度", "search"),
    ]
]


def learnt(path: Path) -> Guess:
    learner = Learner(list(ROWS))
    for _ in range(30):
        learner.go_through(0.5)
    path.write_bytes(learner.packed())
    return Guess.load(path)


@pytest.mark.parametrize(
    ("words", "name"),
    [("测一个样多少银子啊", "price"), ("有空了喊我呗", "watch"), ("测密度", "search")],
)
def test_words_like_those_learnt_mean_the_same(tmp_path: Path, words: str, name: str) -> None:
    guess = learnt(tmp_path / "guess.json.gz")
    likeliest, chance = guess.most(said(words))
    assert likeliest == name
    assert 1 / 3 < chance <= 1


def test_the_same_is_learnt_each_time(tmp_path: Path) -> None:
    one, two = learnt(tmp_path / "one"), learnt(tmp_path / "two")
    assert one == two
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_nothing_said_is_guessed_at_all() -> None:
    name, chance = Guess(("a", "b"), (0.0, 0.0), {}, "").most(set())
    assert (name, chance) == ("a", 0.5)


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert said("约" * LONGEST + "多少钱") == said("约" * LONGEST + "有空吗")


def test_an_instrument_is_told_from_noise() -> None:
    assert "=instrument" in said("三坐标测量机")
    assert "=instrument" not in said("唔唔")


def test_the_file_is_small() -> None:
    assert FILE.stat().st_size < 400_000
    assert json.loads(gzip.decompress(FILE.read_bytes())).keys() == {
        "stamp",
        "names",
        "bias",
        "rows",
    }


@pytest.mark.parametrize(
    "words",
    ["别取消我的预约", "不要注销我的账号", "我不想取消", "先不确认", "同意了吗", "不要删我的信息"],
)
def test_what_is_denied_is_not_done(words: str) -> None:
    intent = reader().read(words)
    never = {"cancel_booking", "delete_account", "confirm", "approve"}
    assert intent is None or intent.name not in never


def test_what_steers_or_binds_is_never_guessed() -> None:
    alone = {"next_page", "back", "cancel", "resume", "confirm", "approve", "agree_contract"}
    assert not alone & {name for words in UNLIKE if (name := named(words))}


UNLIKE = ["这个可以给他批了呗", "嗯那就这样定", "往后再来点", "上一个再看看", "合同我觉得可以"]


def named(words: str) -> str:
    intent = reader().read(words)
    return intent.name if intent else ""
