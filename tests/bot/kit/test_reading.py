import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit import reading
from bot.kit.reading import Unreadable

ANY = st.text() | st.text(st.characters(codec=None), max_size=50)
HUGE = [
    "😀" * 4000,
    "\x00\x07" * 2000,
    "\ud800" * 500,
    "9" * 3000,
    "十" * 3000,
    "\u0327\u0301" * 2000,
]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("0", 0),
        ("２", 2),
        (" 12 ", 12),
        ("007", 7),
        ("一", 1),
        ("两", 2),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十五", 25),
        ("廿五", 25),
        ("卅", 30),
        ("一百", 100),
        ("一百零五", 105),
        ("一百五", 150),
        ("一百一十五", 115),
        ("三千二", 3200),
        ("三千零二", 3002),
        ("一万二", 12000),
        ("十万", 100_000),
        ("12万", 120_000),
        ("一万零五十", 10_050),
        ("二〇二六", 2026),
        ("贰拾", 20),
        ("", None),
        ("十十", None),
        ("五二十", None),
        ("百", None),
        ("万", None),
        ("一万万", None),
        ("3.5", None),
        ("-1", None),
        ("1e3", None),
        ("٣", None),
        ("两个", None),
        ("9" * 13, None),
    ],
)
def test_numbers(words: str, value: int | None) -> None:
    assert reading.number(words) == value


def test_every_numeral_up_to_a_hundred_thousand_is_read_back() -> None:
    for value in [*range(1, 1200), 9999, 10_000, 10_010, 56_789, 99_999]:
        assert reading.number(_numeral(value)) == value


def _numeral(value: int) -> str:
    """An independent writer of numerals."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        zero = "零" if 0 < low < 1000 else ""
        return f"{_numeral(high)}万{zero}{_numeral(low) if low else ''}"
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            said += ("零" if gap and said else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return said


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("3", 3),
        ("三台", 3),
        ("两个", 2),
        ("３ 份", 3),
        ("12小时", 12),
        ("5个样品。", 5),
        ("两个半", None),
        ("约3个", None),
        ("台", None),
        ("", None),
        ("三三台台", None),
    ],
)
def test_counts(words: str, value: int | None) -> None:
    assert reading.count(words) == value


@pytest.mark.parametrize(
    "words",
    [
        "2",
        "２",
        "二",
        "第二个",
        "第2条",
        "选2",
        "选第二台",
        "2.",
        "2、",
        "(2)",
        "（２）",
        "②",
        "⒉",
        "2️⃣",
        "我要第二项",
        "就2吧",
        "打开2",
        "看2",
        " 2 ",
        "「2」",
        "第二个吧",
        "贰",
    ],
)
def test_a_choice(words: str) -> None:
    assert reading.choice(words, 5) == 2


@pytest.mark.parametrize(
    "words", ["", "两个", "2台", "二三楼", "YQ2", "2点", "2-3", "第", "第个", "2 3x"]
)
def test_no_choice(words: str) -> None:
    assert reading.choice(words, 5) is None


def test_the_last_one() -> None:
    assert reading.choice("最后一个", 5) == 5
    assert reading.choice("最后一个", 0) is None
    assert reading.choice("7", 5) == 7


@pytest.mark.parametrize(
    "words", ["是", "好的", "可以！", "OK", "ｏｋ", "嗯", "行。", "对", "确认"]
)
def test_yes(words: str) -> None:
    assert reading.yes(words) is True


@pytest.mark.parametrize("words", ["不", "不用", "否", "不是", "算了", "No", "不用了。"])
def test_no(words: str) -> None:
    assert reading.yes(words) is False


@pytest.mark.parametrize("words", ["", "不知道", "好像不行", "也许", "1"])
def test_neither(words: str) -> None:
    assert reading.yes(words) is None


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("返回", "back"),
        ("「返回」", "back"),
        ("取 消", "cancel"),
        ("取消！", "cancel"),
        ("确认提交", "confirm"),
        ("下一页", "next"),
        ("继续", "resume"),
        ("取消预约", None),
        ("", None),
    ],
)
def test_steering(words: str, meaning: str | None) -> None:
    assert reading.steering(words) == meaning


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("修改", 0),
        ("修改2", 2),
        ("修改第二项", 2),
        ("修改 2。", 2),
        ("修改意见", None),
        ("改", None),
    ],
)
def test_to_change(words: str, which: int | None) -> None:
    assert reading.to_change(words) == which


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("13800001234", "13800001234"),
        ("138 0000 1234", "13800001234"),
        ("138-0000-1234", "13800001234"),
        ("＋86 138 0000 1234", "13800001234"),
        ("0354-1234567", "0354-1234567"),
        ("03541234567", "0354-1234567"),
        ("（0354）1234567转8", "0354-1234567-8"),
        ("010-12345678", "010-12345678"),
    ],
)
def test_phones(words: str, kept: str) -> None:
    assert reading.phone(words) == kept


@pytest.mark.parametrize("words", ["", "12345", "23800001234", "1380000123", "电话", "1" * 3000])
def test_no_phones(words: str) -> None:
    with pytest.raises(Unreadable):
        reading.phone(words)


def test_free_text_is_kept_as_typed_but_for_what_nobody_sees() -> None:
    assert (
        reading.clean(" ＡＢＣ，测\u200b土\x07壤👨‍🔬\r\n第二行 \ud83d")
        == "ＡＢＣ，测土壤👨‍🔬\n第二行"
    )


@given(ANY)
def test_any_text_is_read_or_refused(words: str) -> None:
    _read_all(words)
    assert reading.plain(reading.plain(words)) == reading.plain(words)


@pytest.mark.parametrize(
    "words", HUGE, ids=["emoji", "controls", "surrogates", "digits", "tens", "marks"]
)
def test_huge_text_is_read_or_refused(words: str) -> None:
    _read_all(words)


def _read_all(words: str) -> None:
    reading.clean(words).encode()
    reading.number(words)
    reading.count(words)
    reading.choice(words, 8)
    reading.yes(words)
    reading.steering(words)
    reading.to_change(words)
    with contextlib.suppress(Unreadable):
        reading.phone(words)
