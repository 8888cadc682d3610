"""Coming, going, and not knowing how to go on."""

import re
from dataclasses import replace
from typing import Any

from bot.kit.asking import below
from bot.kit.heard import Act, Heard
from bot.kit.route import Router
from bot.kit.say import Say
from handlers import visit
from store import person
from store.context import Context
from store.person import Role

router = Router("greeting")

SCENE = re.compile(r"YQ([0-9]{1,9})", re.IGNORECASE)
"""What an instrument's code says."""
ENTRIES = (
    ("find", "搜", frozenset[Role]()),
    ("bookings", "我的预约", frozenset[Role]()),
    ("todo", "待办", frozenset({Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU})),
    ("vouchers", "创新券", frozenset[Role]()),
    ("owed", "未结清", frozenset[Role]()),
    ("demand", "需求", frozenset[Role]()),
    ("complaint", "投诉", frozenset[Role]()),
    ("tickets", "我的工单", frozenset[Role]()),
    ("profile", "我的资料", frozenset[Role]()),
    ("human", "人工", frozenset[Role]()),
)
"""What the menu offers: a text's key, the words that do it, and to whom."""


@router.on(Act.FOLLOW, changes=True)
async def follow(context: Context, heard: Heard) -> Say:
    """Greet; with the instrument whose code was scanned."""
    again = await person.follow(context.session, context.person.id, context.now)
    await person.notice(context.session, context.person.id, context.now)
    names = context.policy.names
    args = {"account": names.account, "region": names.region, "bureau": names.bureau}
    scanned = SCENE.fullmatch(heard.words)
    kind = "scanned" if scanned else "again" if again else "new"
    says = [Say(f"greeting.{kind}", args)]
    if scanned:
        says.append(await visit.scan(context, heard, int(scanned[1])))
    if not context.person.noticed:
        says.append(notice(context))
    return below(*says)


@router.on(Act.LEAVE, changes=True)
async def leave(context: Context, heard: Heard) -> Say:
    """Note that they left; nobody reads the answer."""
    del heard
    await person.leave(context.session, context.person.id, context.now)
    return Say("greeting.left")


def notice(context: Context) -> Say:
    """What is kept of people, why, how long, and what they may do about it: said once."""
    kept = context.policy.personal_kept
    args = {"bureau": context.policy.names.bureau, "days": kept.value.days, "cite": kept.cite}
    return Say("greeting.notice", args)


@router.words("隐私", "隐私说明", "隐私政策")
async def privacy(context: Context, heard: Heard) -> Say:
    """The whole notice, for whoever asks."""
    del heard
    return replace(notice(context), key="greeting.privacy")


@router.on(Act.SCAN)
async def poster(context: Context, heard: Heard) -> Say:
    """A code of ours that is no instrument's, scanned by a follower."""
    del context, heard
    return Say("greeting.hello")


@router.words("你好", "您好", "你好啊", "在吗", "hi", "hello")
async def hello(context: Context, heard: Heard) -> Say:
    """A greeting is greeted."""
    del context, heard
    return Say("greeting.hello")


@router.words("谢谢", "谢谢您", "多谢", "感谢", "辛苦了", "好的", "知道了")
async def thanks(context: Context, heard: Heard) -> Say:
    """Thanks are taken."""
    del context, heard
    return Say("greeting.thanks")


@router.on(Act.PICTURE, Act.OTHER)
async def unseen(context: Context, heard: Heard) -> Say:
    """What can't be read yet."""
    del context, heard
    return Say("greeting.unseen")


@router.words("菜单", "首页", "目录")
async def menu(context: Context, heard: Heard) -> Say:
    """What there is, numbered."""
    del heard
    offered = [entry for entry in ENTRIES if not entry[2] or entry[2] & context.roles]
    items: list[dict[str, Any]] = [
        {"label": {"key": f"greeting.menu.{key}"}} for key, *_ in offered
    ]
    return Say("greeting.menu", items=tuple(items), choices=tuple(words for _, words, _ in offered))


@router.words("人工", "客服", "人工客服", "联系我们")
async def human(context: Context, heard: Heard) -> Say:
    """Who can help."""
    del heard
    return _human(context)


def _human(context: Context) -> Say:
    names = context.policy.names
    unlisted = None if names.phone or names.place else {"key": "greeting.human.unlisted"}
    return Say(
        "greeting.human",
        {
            "bureau": names.bureau,
            "phone": names.phone,
            "place": names.place,
            "hours": names.hours,
            "unlisted": unlisted,
        },
    )


def lost(context: Context, times: int) -> Say:
    """What is said when nothing was understood so many times in a row."""
    if times <= 1:
        return Say("greeting.lost.example")
    return Say("greeting.lost.choices") if times == 2 else _human(context)
