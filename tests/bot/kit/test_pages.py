import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.pages import cut

TAG = '<a href="weixin://bizmsgmenu?msgmenucontent=%E7%A1%AE&msgmenuid=1">确认</a>'
WHOLE = ["👨‍🔬", "é", "🇨🇳", "👍🏽", "2️⃣", TAG, "<b>", "中", "a", "\n", "한", "\u0301"]


def size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def joined(parts: list[str]) -> str:
    return "".join(parts).replace("\n", "")


@given(st.text(st.characters(codec=None)), st.integers(4, 40))
def test_nothing_is_lost_and_every_part_fits(text: str, limit: int) -> None:
    parts = cut(text, limit)
    assert parts
    assert all(size(part) <= limit for part in parts)
    assert joined(parts) == text.replace("\n", "")


@given(st.lists(st.sampled_from(WHOLE), max_size=60), st.integers(120, 300))
def test_no_tag_and_no_character_is_cut(pieces: list[str], limit: int) -> None:
    parts = cut("".join(pieces), limit)
    assert all(size(part) <= limit for part in parts)
    assert joined(parts) == "".join(pieces).replace("\n", "")
    for part in parts:
        assert part.count("<a ") == part.count("</a>") == len(re.findall(re.escape(TAG), part))
        assert part[:1] not in ("\u200d", "\ufe0f", "\u20e3", "🏽")
        assert not part.endswith("\u200d")


def test_lines_stay_whole_where_they_can() -> None:
    assert cut("一二三\n四五六\n七八九", 20) == ["一二三\n四五六", "七八九"]
    assert cut("一二三\n四五六", 19) == ["一二三\n四五六"]
    assert cut("一二三\n\n四五六七八", 16) == ["一二三", "四五六七八"]
    assert cut("一二三四五六", 10) == ["一二三", "四五六"]


def test_short_texts_are_one_part() -> None:
    assert cut("") == [""]
    assert cut("好\n") == ["好\n"]
    assert cut("字" * 666 + "ab") == ["字" * 666 + "ab"]
    assert [len(part) for part in cut("字" * 667)] == [666, 1]


def test_flags_are_cut_between_countries() -> None:
    assert cut("🇨🇳🇨🇳🇨🇳", 20) == ["🇨🇳🇨🇳", "🇨🇳"]


@pytest.mark.parametrize(
    "text", ["<" * 50_000, "<a " * 20_000, "e" + "\u0301" * 30_000, "🇨" * 20_000, "\n" * 50_000]
)
def test_hard_texts_take_no_time(text: str) -> None:
    parts = cut(text)
    assert joined(parts) == text.replace("\n", "")
