"""Questions: names and other names, conditions, manners, needs, and any words at all."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search import filters
from store.search.aliases import lexicon
from store.search.lexicon import Lexicon
from store.search.question import Question
from store.search.tokens import normalise
from store.search.understand import MOST_TERMS, ask, readings

UNITS = ("晋中煤化工研究院", "晋中农业工程学院分析测试中心", "晋中新能源材料有限公司")


def taught() -> Lexicon:
    """The lexicon with a few places and organisations."""
    known = lexicon().copy()
    places = filters.places_known(["平遥县", "祁县", "太谷区", "晋中市"])
    for each in chain(places, filters.units_known(UNITS)):
        known.learn(each)
    return known


KNOWN = taught()


def first(words: str, known: Lexicon = KNOWN) -> Question:
    return next(readings(ask(normalise(words), known), known))


def every(words: str) -> list[Question]:
    return list(readings(ask(normalise(words), KNOWN), KNOWN))


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
        ("平遥扫描电镜", "扫描电子显微镜 · 平遥"),
        ("请问哪里可以做XRD测试？", "X射线衍射仪"),
        ("扫描电子显微镜", ""),
        ("X射线衍射仪", ""),
        ("法兰", ""),
        ("电镜", ""),
        ("质谱", ""),
        ("请问哪里有离心机", "离心机"),
        ("Thermo 液质", "赛默飞 · 液相色谱质谱联用仪"),
    ],
)
def test_what_is_meant(typed: str, meant: str) -> None:
    assert first(typed).meant == meant


@pytest.mark.parametrize(
    ("typed", "conditions"),
    [
        ("平遥电镜", ["平遥"]),
        ("电镜 可以自己操作的", ["自主上机"]),
        ("能送样的国产质谱", ["送样", "国产"]),
        ("周六能用的核磁", ["周六"]),
        ("电镜，晚上，平遥", ["晚上", "平遥"]),
        ("200元以下的红外", ["200元以内"]),
        ("红外光谱 两百块以内", ["200元以内"]),
        ("不超过 150 元/样 的拉曼", ["150元以内", "按样收费"]),
        ("按小时收费的拉曼", ["按小时收费"]),
        ("50到100元的红外", ["100元以内"]),
        ("免费的离心机", ["免费"]),
        ("可用创新券的电镜", ["可用创新券"]),
        ("平遥或者太谷的电镜", ["平遥、太谷"]),
        ("煤化工研究院的质谱", ["煤化工研究院"]),
        ("晋中农业工程学院 质谱", ["晋中农业工程学院"]),
        ("新能源材料公司", ["新能源材料公司"]),
        ("高校的电镜", ["高校"]),
        ("德国的电镜", ["德国"]),
        ("Q2000以内", []),
        ("10nm以下的粒度", []),
    ],
)
def test_conditions(typed: str, conditions: list[str]) -> None:
    held = (term.label for term in first(typed).filters)
    assert sorted(held) == sorted(conditions)


def test_a_material_in_a_company_s_name_is_no_condition() -> None:
    assert first("新能源材料").filters == ()


def test_a_wider_word_names_what_it_takes_in() -> None:
    assert (
        first("ICP").meant
        == "电感耦合等离子体质谱仪、电感耦合等离子体发射光谱仪、多接收电感耦合等离子体质谱仪"
    )


def test_letters_inside_a_word_are_no_name() -> None:
    assert not any(term.known for term in first("assembly").terms)


def test_places_are_known_by_their_short_names() -> None:
    for words, place in (("平遥法兰", "平遥"), ("祁县法兰", "祁县")):
        asked = first(words)
        assert [term.label for term in asked.filters] == [place]
        assert [term.said for term in asked.terms] == ["法兰"]


def test_manners_are_kept_until_nothing_is_found_with_them() -> None:
    literal, polite = every("找平")
    assert [term.said for term in literal.terms] == ["找平"]
    assert [term.said for term in polite.terms] == ["平"]


def test_small_words_inside_others_are_no_manners() -> None:
    said = [[term.said for term in each.terms] for each in every("平遥甲和乙")]
    assert said[:2] == [["甲和乙"], ["甲", "乙"]]


def test_a_question_of_manners_alone_is_taken_as_typed() -> None:
    assert [term.said for term in first("测试").terms] == ["测试"]


def test_a_need_asks_for_what_meets_it() -> None:
    asked = first("测土壤里的重金属")
    assert asked.need
    assert asked.meant == "土壤重金属"
    assert asked.need.methods[0] == "电感耦合等离子体质谱仪"


def test_who_names_the_instrument_has_chosen() -> None:
    assert first("测土壤重金属的原子吸收").need is None
    assert first("离心机 石墨烯").need is None


def test_a_need_goes_with_conditions() -> None:
    asked = first("平遥哪里能测土壤里的重金属，要送样")
    assert asked.need
    assert {term.label for term in asked.filters} == {"平遥", "送样"}
    assert asked.meant == "土壤重金属 · 平遥 · 送样"


def test_names_in_texts() -> None:
    named = lexicon().tokens_of
    assert "#扫描电子显微镜" in named("场发射扫描电子显微镜")
    assert "#气相色谱质谱联用仪" in named("气相色谱-质谱联用仪")
    assert "#透射电子显微镜" not in named("扫描电镜")
    assert "#电感耦合等离子体质谱仪" not in named("质谱")
    assert "%赛默飞" in named("Thermo Fisher", plate=True)


@pytest.mark.parametrize("words", ["", " ", "。？！", "😀" * 4000, "\ud800", "\x00\x01"])
def test_nothing_asked(words: str) -> None:
    assert every(words) == []


@given(st.text(st.characters(), max_size=300))
@settings(deadline=None)
def test_any_words_are_bounded(words: str) -> None:
    for question in every(words):
        assert not question.empty
        assert len(question.terms) <= MOST_TERMS
        assert all(term.ways and all(term.ways) for term in question.terms)


def test_a_name_belongs_to_one_thing() -> None:
    names = [known for known in lexicon().words.values() if known.concepts]
    assert len(names) >= 400
    assert [known for known in names if len(known.concepts) > 1] == []
