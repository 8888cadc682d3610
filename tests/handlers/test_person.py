from datetime import timedelta

import pytest

from store import personal
from store.person import Grant, Role, grants
from tests.handlers.chat import Chat, address
from tests.store.people import SECRET

UNIT = "晋中精密铸造有限公司"


async def test_binding_in_one_line(chat: Chat) -> None:
    code = await chat.code(Role.KEEPER, UNIT)
    text = await chat.say("o1", f"绑定{code.lower()}")
    assert "绑定成功：机主 · 晋中精密铸造有限公司" in text
    profile = await chat.say("o1", "我的资料")
    assert f"机主 · {UNIT}" in profile
    assert f"1. {UNIT}（已确认，到2027年11月20日" in profile


async def test_binding_step_by_step(chat: Chat) -> None:
    assert "7K2MD" in await chat.say("o1", "绑定")
    code = await chat.code(Role.BUREAU)
    assert "绑定成功：管理部门" in await chat.say("o1", code)
    assert await chat.say("o1", "待办") == "现在没有等您处理的事。"


async def test_the_tries_are_counted_though_refused(chat: Chat) -> None:
    code = await chat.code(Role.KEEPER, UNIT)
    left = [await chat.say("o1", f"绑定 AAAAA-AAAA{n}") for n in range(3)]
    left += [await chat.say("o1", "绑定", "AAAAA-BBBBB") for _ in range(2)]
    said = [f"还能试 {n} 次" for n in (4, 3, 2, 1)] + ["这一小时不能再试了"]
    assert [words in text for words, text in zip(said, left, strict=True)] == [True] * 5
    assert "请过 60 分钟再试" in await chat.say("o1", f"绑定 {code}")
    async with chat.database.read() as session:
        assert await grants(session, await chat.id("o1")) == set()
    assert "绑定成功" in await chat.say("o2", f"绑定 {code}")
    chat.now += timedelta(hours=1)
    assert "已经用过了" in await chat.say("o1", f"绑定 {code}")


async def test_what_is_no_code_is_no_try(chat: Chat) -> None:
    for line in ("绑定 公司", "绑定 123", *["绑定 AAAAA-AAAA"] * 5):
        assert "10 位字母和数字" in await chat.say("o1", line)
    assert "10 位字母和数字" in await chat.say("o1", "绑定", "我的单位代码")
    assert "还能试 4 次" in await chat.say("o1", "AAAAA-AAAAA")


async def test_an_old_code(chat: Chat) -> None:
    code = await chat.code(Role.KEEPER, UNIT)
    chat.now += timedelta(days=7)
    assert "过期了，有效期 7 天" in await chat.say("o1", f"绑定 {code}")


async def test_telling_name_and_phone(chat: Chat) -> None:
    assert "姓名：还没填" in await chat.say("o1", "我的资料")
    assert "没看出姓名" in await chat.say("o1", "姓名", "12345")
    assert "已记下：张**" in await chat.say("o1", "张晓岚")
    assert "139****0757" in await chat.say("o1", "电话", "139 1234 0757")
    assert "z***@example.cn" in await chat.say("o1", "邮箱", "zxl@example.cn")
    text = await chat.say("o1", "我的资料")
    assert "姓名：张**\n电话：139****0757\n邮箱：z***@example.cn" in text
    async with chat.database.read() as session:
        told = await personal.known(session, SECRET, await chat.id("o1"))
        assert told == personal.Personal("张晓岚", "13912340757", "zxl@example.cn")


async def test_telling_in_one_line(chat: Chat) -> None:
    assert "李*" in await chat.say("o1", "我叫李雷")
    assert "138****1111" in await chat.say("o1", "电话13800001111")
    assert "您的手机号？" in await chat.say("o1", "电话 很多")


async def test_own_data_by_a_one_time_address(chat: Chat) -> None:
    text = await chat.say("o1", "导出我的数据")
    assert "30 分钟内" in text
    assert address(text) != address(await chat.say("o1", "导出我的数据"))


async def test_leaving_for_good(chat: Chat) -> None:
    await chat.say("o1", f"绑定 {await chat.code(Role.KEEPER, UNIT)}", "我叫张晓岚")
    me = await chat.id("o1")
    summary = await chat.say("o1", "注销")
    assert f"机主 · {UNIT}" in summary
    assert "1 个单位的任职" in summary
    assert "先不办了" in await chat.say("o1", "取消")
    async with chat.database.read() as session:
        assert await grants(session, me) == {Grant(Role.KEEPER, 1)}
    assert "已注销" in await chat.say("o1", "注销", "确认")
    async with chat.database.read() as session:
        assert await grants(session, me) == set()
        assert (await personal.known(session, SECRET, me)).name == ""
    assert "姓名：还没填" in await chat.say("o1", "我的资料")
    assert await chat.id("o1") != me


async def test_leaving_is_no_trap(chat: Chat) -> None:
    await chat.say("o1", "我叫张晓岚", "注销", "帮助")
    assert "注销" in await chat.say("o1", "再看看")
    await chat.say("o1", "取消", "确认")
    async with chat.database.read() as session:
        assert (await personal.known(session, SECRET, await chat.id("o1"))).name == "张晓岚"


@pytest.mark.parametrize("words", ["我叫<a href='x'>", "我叫[[注销]]", "姓名 {name}"])
async def test_no_markup_from_people(chat: Chat, words: str) -> None:
    text = await chat.say("o1", words)
    assert "<a" not in text
    assert "已记下" not in text
