"""Counties told from addresses, columns and names."""

import pytest

from store import county
from store.database import Database


@pytest.mark.parametrize(
    ("address", "city", "name"),
    [
        ("晋中市平遥县科创路20号", "晋中市", "平遥县"),
        ("山西省晋中市榆次区平遥街12号", "晋中市", "榆次区"),
        ("晋中市太谷龙城大街", "晋中市", "太谷区"),
        ("浙江省嘉兴市海宁市长安镇", "嘉兴市", "海宁市"),
        ("内蒙古自治区阿拉善盟阿左旗巴彦浩特", "阿拉善盟", "阿拉善左旗"),
        ("内蒙古呼和浩特市赛罕区", "呼和浩特市", "赛罕区"),
        ("太原市小店区学府路1号", "太原市", "小店区"),
        ("上海市浦东新区张江", "上海市", "浦东新区"),
    ],
)
def test_addresses(address: str, city: str, name: str) -> None:
    place = county.locate(address)
    assert place is not None
    assert (place.city, place.name) == (city, name)


@pytest.mark.parametrize("address", ["晋中开发区汇通路", "科创路3号", "", "浙江清华长三角研究院"])
def test_addresses_without_a_county(address: str) -> None:
    assert county.locate(address) is None


def test_columns() -> None:
    names = {cell: county.named(cell) for cell in ("平遥", "祁县", "小店", "市直", "市本级")}
    assert {cell: place and place.name for cell, place in names.items()} == {
        "平遥": "平遥县",
        "祁县": "祁县",
        "小店": "小店",
        "市直": None,
        "市本级": None,
    }


async def test_counties_are_added_once(database: Database) -> None:
    places = [place for place in county.known() if place.region == "jinzhong"]
    assert len(places) == 11
    async with database.begin() as session:
        first = await county.ensure(session, places)
    async with database.begin() as session:
        assert await county.ensure(session, [*places, county.Place("小店区", "太原市")]) == {
            **first,
            county.Place("小店区", "太原市"): 12,
        }
