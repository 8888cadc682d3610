"""Readers of single cells: what they read, and that they raise nothing but their refusal."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import county, price
from store.ledger import cells, contacts
from store.ledger.cells import Unread
from store.ledger.sheets import Cell, words
from store.wording import fold, tidy

PIECES = st.sampled_from(
    [*"0123456789.,-/年月日万元千约￥$()（）+eE转、 \n\u3000\u200b", "1e9", "１", "元/样"]
)
WORDS = st.text(max_size=20) | st.lists(PIECES, max_size=12).map("".join)
CELLS: st.SearchStrategy[Any] = (
    WORDS
    | st.floats()
    | st.integers()
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
)
READERS: tuple[Callable[[Any], Any], ...] = (
    cells.text,
    cells.amount,
    cells.day,
    contacts.phone,
    contacts.contact_and_phone,
    contacts.yes,
    contacts.count,
)


@given(CELLS, st.sampled_from(READERS))
def test_nothing_but_a_refusal_is_raised(cell: Cell, reader: Callable[[Any], Any]) -> None:
    with suppress(Unread):
        reader(cell)


@given(WORDS)
def test_words_are_read_or_left(told: str) -> None:
    contacts.modes(told)
    county.locate(told)
    county.named(told)
    for one in price.read(told).prices:
        assert one.fen >= 0
    assert tidy(tidy(told)) == tidy(told)
    assert fold(fold(told)) == fold(told)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_day_comes_back_however_it_is_written(on: date) -> None:
    serial = (on - date(1899, 12, 30)).days
    ways: list[Cell] = [on, datetime(on.year, on.month, on.day, 3), float(serial), str(serial)]  # noqa: DTZ001
    for mark in ("-", "/", "."):
        ways.append(f"{on.year}{mark}{on.month}{mark}{on.day}")
        ways.append(f"{on:%Y}{mark}{on:%m}{mark}{on:%d}")
    ways += [f"{on:%Y%m%d}", float(f"{on:%Y%m%d}"), f"{on.year}年{on.month}月{on.day}日"]
    ways.append(f"{on.year}/{on.month}/{on.day} 0:00:00")
    for way in ways:
        assert cells.day(way) == cells.Day(on, "day"), way


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_month_comes_back_however_it_is_written(on: date) -> None:
    first = cells.Day(on.replace(day=1), "month")
    for way in (f"{on.year}.{on.month}", f"{on:%Y.%m}", f"{on.year}年{on.month}月", f"{on:%Y%m}"):
        assert cells.day(way) == first, way
    assert cells.day(float(f"{on:%Y%m}")) == first


@given(st.integers(1, 10**12))
def test_an_amount_comes_back_however_it_is_written(fen: int) -> None:
    yuan = Decimal(fen) / 100
    wan = yuan / 10_000
    for way in (
        f"￥{yuan}",
        f"¥{yuan:,}",
        f"{yuan}元",
        f"{yuan:,.2f}元",
        f"{wan:f}万元",
        f"{wan:f} 万",
    ):
        assert cells.amount(way).number == yuan, way
    for bare in (f"{yuan}", f"{yuan:,.2f}"):
        assert (cells.amount(bare).number, cells.amount(bare).spoken) == (yuan, False)


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        ("约50万", 500_000),
        ("５０万元左右", 500_000),
        ("壹佰贰拾万元整", 1_200_000),
        ("12万3456元", 123_456),
        ("1.235E+06元", 1_235_000),
        ("人民币 50 万元整", 500_000),
        ("￥1235000", 1_235_000),
    ],
)
def test_amounts(cell: str, yuan: int) -> None:
    assert cells.amount(cell).number == yuan


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("待核实", "amount"),
        ("50-60万", "amount"),
        ("123,5", "amount"),
        ("$5000", "foreign"),
        ("5万美元", "foreign"),
        (-36.5, "negative"),
        ("（36.5）", "negative"),
        (float("nan"), "amount"),
        (float("inf"), "amount"),
        ("1e99", "amount"),
        (True, "amount"),
    ],
)
def test_refused_amounts(cell: Cell, why: str) -> None:
    with pytest.raises(Unread) as refused:
        cells.amount(cell)
    assert refused.value.why == why


@pytest.mark.parametrize(
    "cell",
    [
        "待定",
        "2018.13",
        "2018-02-30",
        "2018.6-2019.3",
        "99999",
        "189913",
        1e300,
        True,
        time(3),
        timedelta(1),
    ],
)
def test_refused_days(cell: Cell) -> None:
    with pytest.raises(Unread):
        cells.day(cell)


def test_odd_days() -> None:
    assert cells.day("18.6.15") == cells.Day(date(2018, 6, 15), "day")
    assert cells.day("二〇一八年十二月") == cells.Day(date(2018, 12, 1), "month")
    assert cells.day("Jun-18") == cells.Day(date(2018, 6, 1), "month")
    assert cells.day("6/15/2018") == cells.Day(date(2018, 6, 15), "day")
    assert cells.day(2018.1).doubtful
    assert cells.day(2018.0) == cells.Day(date(2018, 1, 1), "year")
    assert cells.day(41000.0, since_1904=True).on == date(2016, 4, 2)


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (13900000757.0, "13900000757"),
        ("139 0000 0757", "13900000757"),
        ("+86-13900000757", "13900000757"),
        ("0354 5550137", "0354-5550137"),
        (3545550137, "0354-5550137"),
        ("（0354）5550137", "0354-5550137"),
        ("0354-5550121转8067", "0354-5550121转8067"),
        ("010-62345678/62345679", "010-62345678、62345679"),
        ("０３５４－５５５０１３７", "0354-5550137"),
        ("—", None),
    ],
)
def test_phones(cell: Cell, phone: str | None) -> None:
    assert contacts.phone(cell) == phone


@pytest.mark.parametrize("cell", ["—", "/", "无", " ", "#N/A", "\u3000", "\u200b", "-", "N/A"])
def test_cells_that_say_nothing(cell: str) -> None:
    assert cells.text(cell) is None


def test_words_of_cells() -> None:
    assert [words(cell) for cell in (3300.0, 0.5, 7, "Ｘ射线\n衍射仪\u00a0")] == [
        "3300",
        "0.5",
        "7",
        "X射线衍射仪",
    ]
    assert words("Agilent\r\n7890B") == "Agilent 7890B"
    assert words(datetime(2018, 6, 1)) == "2018-06-01"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("told", "prices"),
    [
        ("150元/天", [(15000, "day")]),
        ("0.15元/核时", [(15, "core_hour")]),
        ("10元/通道天", [(1000, "channel_day")]),
        ("每小时200元", [(20000, "hour")]),
        ("200元每小时", [(20000, "hour")]),
        ("１００ 元／样品", [(10000, "sample")]),
        ("校内：50元/小时；校外：1,200元/小时", [(5000, "hour"), (120000, "hour")]),
        ("开机费100元，测试费50元/样", [(10000, ""), (5000, "sample")]),
        ("5万元/年", [(5000000, "year")]),
        ("按项目议价", []),
        ("见网站", []),
    ],
)
def test_prices(told: str, prices: list[tuple[int, str]]) -> None:
    assert [(one.fen, one.per) for one in price.read(told).prices] == prices


def test_prices_without_a_number() -> None:
    assert price.read("按项目议价").negotiable
    assert price.read("面议").negotiable
    assert price.read("免费").free
    assert not price.read("见网站").read
    assert price.read("200-400元/样").prices == (price.Price(20000, "sample", 40000),)
