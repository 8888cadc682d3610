"""Tokens: nothing of one or two Chinese characters is lost, and models are found however typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search.tokens import clean, normalise, pairs, tokens

HAN = st.text("电镜质谱仪扫描透射核磁共振测试分析〇々", min_size=1, max_size=12)


@given(HAN, st.data())
@settings(deadline=None)
def test_every_short_word_is_a_token(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    size = data.draw(st.integers(1, 2))
    assert text[start : start + size] in tokens(f"AB-12 {text}（{text[::-1]}）")


@given(HAN)
@settings(deadline=None)
def test_pairs_ask_for_what_texts_offer(text: str) -> None:
    assert set(pairs(text)) <= tokens(text)


@pytest.mark.parametrize("asked", ["d8advance", "d8", "advance", "d8adv", "8advance"])
def test_parts_of_a_model(asked: str) -> None:
    assert asked in tokens("D8 Advance", joined=True)


@pytest.mark.parametrize("asked", ["jem2100f", "jem2100", "2100f", "2100", "jem"])
def test_hyphens_do_not_matter(asked: str) -> None:
    assert asked in tokens("JEM-2100F", joined=True)
    assert asked in tokens("透射电镜ＪＥＭ－２１００Ｆ型")


def test_words_of_prose_are_not_joined() -> None:
    assert "scanningelectron" not in tokens("scanning electron")
    assert "gcms" in tokens("含GC-MS联用")


def test_chinese_is_joined_across_brackets_but_not_across_a_list() -> None:
    assert "谱质" in tokens("气相色谱-质谱联用仪")
    assert "析结" not in tokens("成分分析、结构分析")


@given(st.text())
@settings(deadline=None)
def test_any_text_can_be_repeated(text: str) -> None:
    assert "\n" not in clean(text)
    clean(text + "\ud83d\u200b\x00").encode()
    normalise(text + "\udfff").encode()
