"""Finding: no hit is lost, the order is the promised one, memory and disk agree."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search import answer, write
from store.search.entry import Entry
from store.search.found import Found, How
from store.search.parts import Parts
from store.search.tokens import normalise
from tests.store.search.catalogue import entry, fresh, on_disk

HAN = "电镜质谱仪扫描透射核磁共振测试分析平遥的找有"
WORDS = st.text(HAN, min_size=1, max_size=8)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """A few instruments."""
    texts = st.text(HAN + "AB12-、 （）", max_size=12)
    return [
        entry(
            number,
            draw(WORDS),
            model=draw(texts),
            functions=draw(texts),
            organisation=draw(WORDS),
            county=draw(st.sampled_from(["平遥县", "太谷区", ""])),
            paused=draw(st.booleans()),
            fee=draw(st.sampled_from(["", "100元/样"])),
        )
        for number in range(1, draw(st.integers(1, 12)) + 1)
    ]


def texts_of(one: Entry) -> list[str]:
    return [one.name, one.model, one.functions, one.organisation, one.county]


def find(parts: Parts, words: str) -> Found:
    return answer.find(parts, normalise(words), None, 40)


@given(entries(), st.text(HAN, min_size=1, max_size=2))
@settings(deadline=None)
def test_no_hit_of_a_short_word_is_lost(those: list[Entry], word: str) -> None:
    expected = {one.id for one in those if any(word in text for text in texts_of(one))}
    found = find(fresh(those), word)
    assert expected <= set(found.ids)
    assert not expected or found.how is How.ALL


@given(entries(), WORDS)
@settings(max_examples=25, deadline=None)
def test_disk_and_memory_agree(those: list[Entry], words: str) -> None:
    half = len(those) // 2
    with tempfile.TemporaryDirectory() as folder:
        disk = on_disk(those, Path(folder))
        assert find(disk, words) == replace(find(fresh(those), words), version=1)
        for one in those[:half]:
            disk.put(one.id, one)
        assert find(disk, words).ids == find(fresh(those), words).ids
        assert find(disk, words).total == find(fresh(those), words).total
        for one in those:
            assert disk.shown(one.id) == fresh(those).shown(one.id)
        assert disk.base
        disk.base.close()


@pytest.fixture(params=["memory", "disk", "both"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Parts:
    """The same five instruments in memory, on disk, or in both."""
    those = [
        entry(1, "能谱仪", functions="配扫描电镜使用", fee="10元"),
        entry(2, "场发射扫描电子显微镜", model="Regulus 8100", maker="日立", county="平遥县"),
        entry(3, "扫描电镜", county="太谷区", fee="20元", paused=True),
        entry(4, "扫描电镜", county="太谷区", model="JEM-2100F", fee="30元"),
        entry(5, "离心机", functions="病毒分离"),
    ]
    if request.param == "memory":
        return fresh(those)
    parts = on_disk(those, tmp_path)
    if request.param == "both":
        for one in those[::2]:
            parts.put(one.id, one)
    return parts


def test_names_come_first_and_paused_last(parts: Parts) -> None:
    assert find(parts, "扫描电镜").ids == (4, 2, 1, 3)
    assert find(parts, "SEM").ids == (4, 2, 1, 3)


def test_models_and_makers_help(parts: Parts) -> None:
    assert find(parts, "日立扫描电镜").ids == (2,)
    assert find(parts, "jem2100").ids == (4,)
    assert find(parts, "regulus-8100").ids == (2,)


def test_a_place_narrows_without_changing_the_order(parts: Parts) -> None:
    assert find(parts, "太谷扫描电镜").ids == (4, 3)
    assert find(parts, "扫描电镜 平遥县").ids == (2,)


def test_runs_are_cut_where_no_text_joins_them(parts: Parts) -> None:
    found = find(parts, "离心病毒")
    assert (found.ids, found.how) == ((5,), How.ALL)


def test_part_of_a_question_is_said_to_be_part(parts: Parts) -> None:
    found = find(parts, "离心机 石墨烯")
    assert (found.ids, found.how, found.left_out) == ((5,), How.SOME, ("石墨烯",))


def test_a_place_alone_is_no_answer_to_a_thing(parts: Parts) -> None:
    found = find(parts, "平遥石墨烯")
    assert (found.ids, found.how) == ((), How.NONE)


def test_an_update_leaves_one_hit(parts: Parts) -> None:
    for name in ("离心机", "超速离心机", "离心机"):
        parts.put(5, entry(5, name))
        assert find(parts, "离心机").ids == (5,)
    parts.put(5, entry(5, "冻干机"))
    assert find(parts, "离心机").ids == ()
    assert find(parts, "病毒").ids == ()
    assert len(parts) == 5


def test_what_is_withdrawn_vanishes(parts: Parts) -> None:
    parts.put(4, None)
    assert find(parts, "扫描电镜").ids == (2, 1, 3)
    assert parts.shown(4) is None
    assert parts.shown(99) is None


def test_nearest_first(parts: Parts) -> None:
    for number, place in ((1, (37.2, 112.2)), (2, (37.6, 113.7)), (4, (37.4, 112.5))):
        one = entry(number, "显微镜", latitude=place[0], longitude=place[1])
        parts.put(number, one)
    found = answer.find(parts, "显微镜", (37.4, 112.5), 40)
    assert found.ids == (4, 1, 2)
    assert found.away[0] == 0
    assert [round(away or 0) for away in found.away] == [0, 35, 108]
    assert answer.find(parts, "", (37.4, 112.5), 2).ids == (4, 1)
    everything = answer.find(parts, "", (37.4, 112.5), 40)
    assert (everything.total, everything.away[3]) == (5, None)


def test_many_spots_are_taken_nearest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "SPILL", 7)
    those = [
        entry(n, "离心机", latitude=37 + n % 10 / 10, longitude=112.0, paused=n == 30)
        for n in range(1, 31)
    ]
    parts = on_disk(those, tmp_path)
    few = answer.find(parts, "离心机", (37.0, 112.0), 40)
    monkeypatch.setattr("store.search.near.FEW", 0)
    assert answer.find(parts, "离心机", (37.0, 112.0), 40) == few
    assert few.ids[:3] == (10, 20, 30)
    assert find(parts, "离心机").total == 30


@given(st.text(st.characters(), max_size=200))
@settings(deadline=None)
def test_any_words_are_answered(words: str) -> None:
    parts = fresh([entry(1, "扫描电镜 SEM 2100"), entry(2, "离心机")])
    assert find(parts, words).total in (0, 1, 2)


@pytest.mark.parametrize("words", ["😀" * 4000, "7" * 3000, "镜" * 4000, "\udc00镜", "a-" * 2000])
def test_long_words_are_bounded(parts: Parts, words: str) -> None:
    assert find(parts, words).how in How


@pytest.mark.parametrize(
    ("question", "right"),
    [("COD", 1), ("测水里的COD", 1), ("X射线探伤", 2), ("氮含量", 3), ("饲料氮含量", 3)],
)
def test_what_is_named_and_not_there_may_be_measured_otherwise(question: str, right: int) -> None:
    parts = fresh([entry(1, "紫外可见分光光度计"), entry(2, "工业CT"), entry(3, "凯氏定氮仪")])
    assert find(parts, question).ids[:1] == (right,)


def test_an_instrument_that_is_not_there_is_no_need() -> None:
    parts = fresh([entry(1, "紫外可见分光光度计"), entry(2, "工业CT")])
    assert find(parts, "COD测定仪").ids == ()
