"""Questions: names and other names, places, manners, and any words at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search.aliases import Lexicon, lexicon
from store.search.understand import MOST_TERMS, Question, understand

KNOWN = lexicon().with_places(["平遥县", "祁县", "太谷区"])


def first(words: str, known: Lexicon = KNOWN) -> Question:
    return understand(words, known)[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SEM", "扫描电子显微镜"),
        ("扫描电镜", "扫描电子显微镜"),
        ("扫描 电镜", "扫描电子显微镜"),
        ("ｓｅｍ", "扫描电子显微镜"),
        ("气质", "气相色谱质谱联用仪"),
        ("GC/MS", "气相色谱质谱联用仪"),
        ("gcms", "气相色谱质谱联用仪"),
        ("icp ms", "电感耦合等离子体质谱仪"),
        ("三坐标", "三坐标测量机"),
        ("平遥扫描电镜", "平遥 扫描电子显微镜"),
        ("请问哪里可以做XRD测试？", "X射线衍射仪"),
        ("扫描电子显微镜", ""),
        ("X射线衍射仪", ""),
        ("法兰", ""),
        ("离心机", ""),
        ("质谱", ""),
        ("请问哪里有离心机", "离心机"),
        ("D8-Advance 平遥", ""),
    ],
)
def test_what_is_meant(typed: str, meant: str) -> None:
    assert first(typed).meant == meant


def test_a_wider_word_names_what_it_takes_in() -> None:
    assert first("电镜").meant == "扫描电子显微镜、透射电子显微镜、冷冻电子显微镜…"


def test_letters_inside_a_word_are_no_name() -> None:
    assert not any(term.known for term in first("assembly").terms)


def test_places_are_known_by_their_short_names() -> None:
    assert [(term.said, term.place) for term in first("平遥法兰").terms] == [
        ("平遥", True),
        ("法兰", False),
    ]
    assert [term.said for term in first("祁县法兰").terms] == ["祁县", "法兰"]


def test_manners_are_kept_until_nothing_is_found_with_them() -> None:
    literal, polite = understand("找平", KNOWN)
    assert [term.said for term in literal.terms] == ["找平"]
    assert [term.said for term in polite.terms] == ["平"]


def test_a_question_of_manners_alone_is_taken_as_typed() -> None:
    assert [term.said for term in first("测试").terms] == ["测试"]


def test_names_in_texts() -> None:
    assert "#扫描电子显微镜" in KNOWN.concepts("场发射扫描电子显微镜")
    assert "#气相色谱质谱联用仪" in KNOWN.concepts("气相色谱-质谱联用仪")
    assert "#透射电子显微镜" not in KNOWN.concepts("扫描电镜")
    assert "#电感耦合等离子体质谱仪" not in KNOWN.concepts("质谱")


@pytest.mark.parametrize("words", ["", " ", "。？！", "😀" * 4000, "\ud800", "\x00\x01"])
def test_nothing_asked(words: str) -> None:
    assert understand(words, KNOWN) == ()


@given(st.text(st.characters(), max_size=300))
@settings(deadline=None)
def test_any_words_are_bounded(words: str) -> None:
    for question in understand(words, KNOWN):
        assert 0 < len(question.terms) <= MOST_TERMS
        assert all(term.ways and all(term.ways) for term in question.terms)


def test_the_aliases_are_enough_and_belong_to_one_thing() -> None:
    names = [known for known in lexicon().words.values() if known.concepts]
    assert len(names) >= 150
    assert [known for known in names if len(known.concepts) > 1] == []
