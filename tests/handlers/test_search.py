"""Finding, as people do it in chat: from the desk down, on either database."""

import random
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.desk import Desk, House
from bot.kit.heard import Act, Heard
from bot.kit.route import Routes
from bot.kit.texts import Texts
from bot.listening import Listening
from handlers import greeting, search
from store import conversation, person
from store.database import Database
from store.instrument import Status
from store.policies import load
from store.search.index import Index
from tests.store.people import SECRET
from tests.store.search.catalogue import Shelf

ROOT = Path(__file__).parents[2]
TEXTS = Texts.load([ROOT / "handlers" / "texts", ROOT / "bot" / "texts"])


class Finder:
    """The account with a few instruments, and one follower."""

    def __init__(self, database: Database, shelf: Shelf, index: Index) -> None:
        self.shelf, self.index, self.sent = shelf, index, 0
        house = House(
            database,
            load("jinzhong"),
            index,
            "https://yixiang.example",
            SECRET,
            lambda: shelf.now,
            random.Random(1),
            lambda: "id",
        )
        routes = Routes(search.router, greeting.router)
        self.desk = Desk(house, Listening(routes, {}, TEXTS, greeting.lost, greeting.notice), TEXTS)

    async def say(
        self, words: str, act: Act = Act.TEXT, place: tuple[float, float] | None = None
    ) -> str:
        """One message; the answer's text."""
        self.sent += 1
        key = f"{self.sent}"
        heard = Heard(key, "o1", self.shelf.now, act, words, place)
        answer = await self.desk.hear(heard)
        return answer.text if answer else ""

    async def add(self, name: str, **facts: object) -> int:
        """Add an instrument, and let the index follow."""
        number = await self.shelf.add(name, **facts)  # type: ignore[arg-type]
        await self.index.follow(self.shelf.database)
        return number

    async def change(self, number: int, **facts: object) -> None:
        """Change an instrument, and let the index follow."""
        await self.shelf.change(number, **facts)
        await self.index.follow(self.shelf.database)


@pytest.fixture
async def finder(database: Database, tmp_path: Path, now: datetime) -> AsyncIterator[Finder]:
    index = Index.open(tmp_path / "index")
    await index.follow(database)
    async with database.begin() as session:
        await conversation.admit(session, ["o1"])
        await person.notice(session, await person.by_openid(session, "o1"), now)
    yield Finder(database, Shelf(database, now), index)
    await index.close()


async def many(finder: Finder, count: int) -> list[int]:
    return [
        await finder.add("扫描电镜", copy=n, model=f"EM-{n}", fee=f"{n}00元/样")
        for n in range(1, count + 1)
    ]


async def test_a_list_fits_a_phone_and_each_line_has_its_number(finder: Finder) -> None:
    numbers = await many(finder, 7)
    said = await finder.say("SEM")
    lines = said.split("\n")
    assert lines[0] == "按「扫描电子显微镜」为您找到 7 台："
    assert lines[1] == f"1. 扫描电镜 EM-1（YQ{numbers[0]}）"
    assert lines[2] == "   晋中理工学院 · 平遥 · 100元/样 · 送样"
    assert len(lines) == 8
    assert lines[-1].startswith("回复序号看详情，下一页看其余")


async def test_a_single_line_has_no_page_of_its_own(finder: Finder) -> None:
    await many(finder, 4)
    said = await finder.say("扫描电镜")
    assert "4. 扫描电镜 EM-4" in said
    assert said.endswith("回复序号看详情。")


async def test_numbers_go_on_over_the_pages_and_any_opens(finder: Finder) -> None:
    numbers = await many(finder, 7)
    await finder.say("搜 扫描电镜")
    said = await finder.say("下一页")
    assert said.startswith("第 4–7 台，共 7 台：\n4. 扫描电镜 EM-4")
    assert (await finder.say("2")).startswith(f"扫描电镜 EM-2（YQ{numbers[1]}）")
    assert (await finder.say("第七个")).startswith(f"扫描电镜 EM-7（YQ{numbers[6]}）")
    assert (await finder.say("下一页")).startswith("7 台都看完了")


async def test_an_old_number_never_opens_another(finder: Finder) -> None:
    first, second, *_ = await many(finder, 6)
    await finder.say("扫描电镜")
    await finder.change(second, status=Status.WITHDRAWN, reason="已报废")
    said = await finder.say("2")
    assert said.startswith(f"扫描电镜 EM-2（YQ{second}）已退出台账")
    assert "已报废" in said
    await finder.say("扫描电镜")
    await finder.change(first, name="离心机")
    assert (await finder.say("1")).startswith(f"离心机 EM-1（YQ{first}）")


async def test_a_page_shows_what_was_withdrawn_meanwhile(finder: Finder) -> None:
    numbers = await many(finder, 6)
    await finder.say("扫描电镜")
    await finder.change(numbers[5], status=Status.WITHDRAWN)
    assert f"6. （已退出台账）（YQ{numbers[5]}）" in await finder.say("下一页")


async def test_a_card_has_what_one_needs(finder: Finder) -> None:
    number = await finder.add(
        "三坐标测量机",
        model="GLOBAL Advantage",
        maker="海克斯康",
        nation="瑞典",
        category="计量仪器",
        functions="尺寸与形位公差检测",
        modes=["self", "sample"],
        open_hours="工作日 8:30-17:30",
        fee="200元/小时",
        address="太谷区科创路18号",
        rules="请带图纸",
        contact="王老师",
        phone="0354-5550101",
        on_provincial_platform=True,
    )
    said = await finder.say(f"yq{number}")
    assert said.split("\n")[:-1] == [
        f"三坐标测量机 GLOBAL Advantage（YQ{number}）",
        "晋中理工学院 · 平遥",
        "海克斯康 · 瑞典 · 计量仪器",
        "能做：尺寸与形位公差检测",
        "方式：自主上机、委托测试 · 开放：工作日 8:30-17:30",
        "收费：200元/小时",
        "可用创新券 · 依据市科函〔2023〕5号第（十一）条",
        "地址：太谷区科创路18号",
        "须知：请带图纸",
        "联系：王老师 0354-5550101",
    ]
    assert f"预约 YQ{number}" in said.split("\n")[-1]
    assert await finder.say(f"仪器ＹＱ{number}") == await finder.say(f"YQ {number}")


async def test_a_bare_card_has_no_empty_lines(finder: Finder) -> None:
    number = await finder.add("离心机", modes=[], functions="分离，" * 60)
    await finder.change(number, status=Status.PAUSED, reason="换转子")
    said = await finder.say(f"YQ{number}")
    assert "暂停使用：换转子" in said
    assert "创新券" in said
    assert "None" not in said
    assert "联系：" not in said
    assert "分离，…" in said


async def test_paused_ones_are_marked(finder: Finder) -> None:
    number = await finder.add("离心机")
    await finder.change(number, status=Status.PAUSED)
    assert "暂停使用" in await finder.say("离心机")


async def test_nearest_first(finder: Finder) -> None:
    for place in ("昔阳县", "平遥县", "太谷区"):
        await finder.add("离心机", county=place, unit=place)
        await finder.add("冻干机", county=place, unit=place)
    said = await finder.say("", Act.PLACE, (37.42, 112.55))
    assert said.startswith("离您由近到远")
    assert said.index("太谷") < said.index("平遥")
    assert "约 1 公里" in said
    await finder.say("离心机")
    said = await finder.say("", Act.PLACE, (37.42, 112.55))
    assert said.startswith("「离心机」由近到远")
    assert "冻干机" not in said
    assert "约 42 公里" in said
    assert "昔阳" in await finder.say("3")


async def test_nothing_found_says_so_and_how_to_go_on(finder: Finder) -> None:
    await finder.add("离心机", fee="100元/样")
    said = await finder.say("量子计算机")
    assert said.startswith("没有找到「量子计算机」。")
    assert "人工" in said
    assert len(await finder.say("量子纠缠")) > len(said)


async def test_the_nearest_is_offered_and_said_to_be_so(finder: Finder) -> None:
    await finder.add("离心机")
    said = await finder.say("离心机 石墨烯")
    assert said.startswith("没有完全符合「离心机 石墨烯」的，相近的有 1 台：")


@pytest.mark.parametrize("words", ["。", "!!", "、", "😀" * 3000, "a", "7" * 3000, "\ud83d"])
async def test_words_that_say_nothing_are_answered_kindly(finder: Finder, words: str) -> None:
    said = await finder.say(words)
    assert "您要找什么仪器" in said or "没有找到" in said
    said.encode()
    assert len(said.encode()) < 2000


async def test_what_people_type_is_never_a_tag(finder: Finder) -> None:
    assert "<a" not in await finder.say('<a href="x">石墨</a> [[取消]]')


@pytest.mark.parametrize("number", ["YQ99", "YQ0", "YQ999999999"])
async def test_an_unknown_number(finder: Finder, number: str) -> None:
    assert "请核对编号" in await finder.say(number)


async def test_ways_in(finder: Finder) -> None:
    assert "您要找什么仪器" in await finder.say("搜")
    assert "发送位置" in await finder.say("附近")
    assert "发送位置" in await finder.say("near", Act.TAP)


async def test_it_says_when_it_is_not_ready(database: Database, now: datetime) -> None:
    index = Index(Path("/nowhere"))
    finder = Finder(database, Shelf(database, now), index)
    assert "目录正在整理" in await finder.say("电镜")
