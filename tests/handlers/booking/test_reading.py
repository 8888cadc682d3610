"""What one line says besides the instrument: words of time are no purpose."""

import pytest

from handlers.booking import reading

TIMES = [
    "2026-12-03 9:00 到 2026-12-04 9:00",
    "2026年12月3日 9时到17时",
    "十二月三日十三时三十分至十五时三十分",
    "下周二 9.30-11.00",
    "20261125 0900-1130",
    "11/25 9-11",
    "11-25 9点到11点",
    "下个月最后一天9点到11点",
    "Nov 25 9:00-11:00",
    "圣诞节下午2点到4点",
    "想在下周二上午九点钟到十一点钟之间用",
]


@pytest.mark.parametrize("said", TIMES)
def test_words_of_time_are_no_purpose(said: str) -> None:
    line = reading.line(said)
    assert line.when
    assert line.thing == ""


@pytest.mark.parametrize("thing", ["测缸盖平面度", "304不锈钢断口", "水稻DNA", "2026年度抽检"])
@pytest.mark.parametrize("said", TIMES[:6])
def test_a_purpose_beside_a_time_is_kept(said: str, thing: str) -> None:
    assert reading.line(f"{said} {thing}").thing == thing


def test_a_named_purpose_says_no_time() -> None:
    line = reading.line("下周二9点到11点 用于2026年度项目")
    assert line.when.strip() == "下周二9点到11点"
    assert line.thing == "2026年度项目"


def test_numbers_alone_are_no_purpose() -> None:
    assert reading.line("下周二9点到11点 15样").thing == ""
