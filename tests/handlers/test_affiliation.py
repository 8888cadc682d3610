from store.affiliation import works_for
from store.file import Paper, Vault, keep
from store.link import Purpose
from store.person import Role
from tests.handlers.chat import POLICY, Chat, address
from tests.store import samples
from tests.store.people import SECRET
from tests.store.test_file import arrived

UNIT = "晋中精密铸造有限公司"


async def spoken_for(chat: Chat) -> None:
    await chat.say("rep", f"绑定 {await chat.code(Role.REPRESENTATIVE, UNIT)}", "我叫王代表")


async def claimed(chat: Chat) -> str:
    return await chat.say("o1", "我叫张晓岚", "我的单位", "精密铸造", "一年", "确认")


async def test_claimed_and_confirmed(chat: Chat) -> None:
    await spoken_for(chat)
    assert "先留个姓名" in await chat.say("o1", "我的单位")
    assert "哪个单位" in await chat.say("o1", "我叫张晓岚", "我的单位")
    assert "1. 一年（到2027年11月20日" in await chat.say("o1", "精密铸造")
    summary = await chat.say("o1", "2")
    assert UNIT in summary
    assert "到：2028年11月20日" in summary
    done = await chat.say("o1", "确认")
    assert f"等{UNIT}的单位代表确认，30 天内" in done
    assert address(done)
    assert "等单位确认" in await chat.say("o1", "我的资料")
    waits = await chat.say("rep", "待办")
    assert f"1. 张**，说在{UNIT}工作" in waits
    assert "1. 同意" in await chat.say("rep", "1")
    assert f"已同意：张**登记为{UNIT}的人" in await chat.say("rep", "1")
    assert await chat.say("rep", "待办") == "现在没有等您处理的事。"
    assert f"1. {UNIT}（已确认" in await chat.say("o1", "我的资料")
    async with chat.database.read() as session:
        assert len(await works_for(session, await chat.id("o1"), chat.now)) == 1


async def test_refused_and_claimed_again(chat: Chat) -> None:
    await spoken_for(chat)
    await claimed(chat)
    assert "已拒绝" in await chat.say("rep", "待办", "1", "拒绝")
    assert "还没填，回复我的单位" in await chat.say("o1", "我的资料")
    assert "已提交" in await claimed(chat)


async def test_nobody_else_decides(chat: Chat) -> None:
    await spoken_for(chat)
    await claimed(chat)
    other = await chat.code(Role.REPRESENTATIVE, "平遥煤化工研究院")
    await chat.say("other", f"绑定 {other}")
    assert await chat.say("other", "待办") == "现在没有等您处理的事。"
    assert "选不了" in await chat.say("other", "核对 1")
    assert "不归您管" in await chat.say("other", "取消", "材料 1")
    assert "还不能用" in await chat.say("o1", "核对 1")
    assert "还不能用" in await chat.say("o1", "待办")
    assert "不归您管" in await chat.say("other", "离职 1")


async def test_already_claimed_and_taken_back(chat: Chat) -> None:
    await spoken_for(chat)
    await claimed(chat)
    assert "已经填报过了" in await chat.say("o1", "我的单位", "铸造")
    await chat.say("o1", "取消", "我的资料")
    waiting = await chat.say("o1", "1")
    assert "等单位代表确认" in waiting
    assert address(waiting)
    assert "已撤回" in await chat.say("o1", "离职 2")
    assert await chat.say("rep", "待办") == "现在没有等您处理的事。"


async def test_an_end_of_ones_own(chat: Chat) -> None:
    await spoken_for(chat)
    await chat.say("o1", "我叫张晓岚", "我的单位", "铸造")
    assert "1096 天以内" in await chat.say("o1", "2031年1月1日")
    assert "2027年6月30日" in await chat.say("o1", "2027年6月30日")
    await chat.say("o1", "确认")
    assert "到2027年6月30日" in await chat.say("o1", "我的资料")


async def test_an_unknown_organisation(chat: Chat) -> None:
    await spoken_for(chat)
    text = await chat.say("o1", "我叫张晓岚", "我的单位", "火星大学")
    assert "没有找到这个单位" in text


async def test_the_representative_sees_the_paper(chat: Chat) -> None:
    await spoken_for(chat)
    await claimed(chat)
    assert "还没有上传材料" in await chat.say("rep", "材料 2")
    incoming, kind = arrived(Vault(chat.folder / "files"), samples.png())
    async with chat.database.begin() as session:
        paper = Paper(await chat.id("o1"), Purpose.PROOF, "affiliation:2", kind)
        await keep(session, POLICY, SECRET, incoming, paper, chat.now)
    assert address(await chat.say("rep", "材料 2"))
    assert "还不能用" in await chat.say("o1", "材料 2")


async def test_inviting_colleagues(chat: Chat) -> None:
    await spoken_for(chat)
    assert "1. 同事" in await chat.say("rep", "邀请")
    assert UNIT in await chat.say("rep", "1")
    text = await chat.say("rep", "确认")
    code = text.splitlines()[-1]
    assert code.startswith("绑定 ")
    assert f"本单位人员 · {UNIT}" in await chat.say("o1", code)
    assert "（已确认" in await chat.say("o1", "我的资料")
    assert "还不能用" in await chat.say("o1", "邀请")
    assert "已经用过了" in await chat.say("o2", code)


async def test_who_leaves_speaks_for_nobody_any_more(chat: Chat) -> None:
    await spoken_for(chat)
    assert "邀请谁" in await chat.say("rep", "邀请")
    assert "身份也结束了" in await chat.say("rep", "取消", "离职 1")
    assert "还不能用" in await chat.say("rep", "邀请")
    assert "身份" not in await chat.say("rep", "我的资料")
