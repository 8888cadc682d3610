from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.flow import Begin
from bot.kit.heard import Act, Heard
from bot.kit.reading import plain
from bot.kit.route import ClashError, NotYourRole, Router, Routes
from bot.kit.say import Facts, Say
from store.context import Context
from store.person import Role
from tests.bot.kit.example import NOW, Note, at

router = Router("example")


@router.words("我的资料", "资料")
async def profile(context: Context, heard: Heard) -> Say:
    return Say("profile")


@router.words("绑定 {code}", changes=True)
async def bind(context: Context, heard: Heard, code: str) -> Say:
    return Say("bind", {"code": code})


@router.words("{number:YQ}", "仪器 {number:YQ}")
async def card(context: Context, heard: Heard, number: int) -> Say:
    return Say("card", {"number": number})


@router.words("空闲 {number:YQ}", "空闲 {number:YQ} {when}")
async def free(context: Context, heard: Heard, number: int, when: str = "") -> Say:
    return Say("free", {"number": number, "when": when})


@router.words("送样 {number:YQ} {n:int}个 {rest}", "送样 {number:YQ} {n:int}个")
async def send(context: Context, heard: Heard, number: int, n: int, rest: str = "") -> Say:
    return Say("send", {"number": number, "n": n, "rest": rest})


@router.words("评价 {number:YY} {score} {words}")
async def rate(context: Context, heard: Heard, number: int, score: int, words: str) -> Say:
    return Say("rate", {"number": number, "score": score, "words": words})


@router.words("取消预约 {number:YY}")
async def cancel(context: Context, heard: Heard, number: int) -> Say:
    return Say("cancel", {"number": number})


@router.words("需求 {text}")
async def demand(context: Context, heard: Heard, text: str) -> Say:
    return Say("demand", {"text": text})


@router.words("待办", roles={Role.KEEPER, Role.BUREAU})
async def tasks(context: Context, heard: Heard) -> Say:
    return Say("tasks")


@router.on(Act.FOLLOW)
async def followed(context: Context, heard: Heard) -> Say:
    return Say("followed")


@router.tap("find")
async def tapped(context: Context, heard: Heard) -> Say:
    return Say("tapped")


@router.scan("YQ{n}")
async def scanned(context: Context, heard: Heard, n: int) -> Say:
    return Say("scanned", {"n": n})


@router.more("example.more")
async def more(context: Context, facts: Facts) -> Say:
    return Say("more", facts)


@router.fallback
async def find(context: Context, heard: Heard) -> Say:
    return Say("find")


router.flow(Note, "记一笔", "记 {text}")
routes = Routes(router)


def heard(words: str, act: Act = Act.TEXT) -> Heard:
    return Heard("k", "o1", NOW, act, words)


async def answer(words: str, act: Act = Act.TEXT) -> Say | Begin | None:
    match = routes.match(heard(words, act))
    return None if match is None else await match.run(at(), heard(words, act))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("我的资料", Say("profile")),
        (" 我 的 资料。", Say("profile")),
        ("「资料」", Say("profile")),
        ("yq12", Say("card", {"number": 12})),
        ("ＹＱ１２", Say("card", {"number": 12})),
        ("YQ 12", Say("card", {"number": 12})),
        ("YQ-12", Say("card", {"number": 12})),
        ("Yq－0012？", Say("card", {"number": 12})),
        ("仪器YQ12", Say("card", {"number": 12})),
        ("仪器 yq 12。", Say("card", {"number": 12})),
        ("绑定ABC", Say("bind", {"code": "ABC"})),
        ("绑定：ABC", Say("bind", {"code": "ABC"})),
        ("绑 定  ＡＢＣ def", Say("bind", {"code": "ＡＢＣ def"})),
        ("空闲 YQ12", Say("free", {"number": 12, "when": ""})),
        ("空闲YQ12下周二", Say("free", {"number": 12, "when": "下周二"})),
        ("空闲 yq12，11月25日", Say("free", {"number": 12, "when": "11月25日"})),
        ("送样YQ3 五个", Say("send", {"number": 3, "n": 5, "rest": ""})),
        ("送样 YQ3 12个 土壤，Ｐｂ", Say("send", {"number": 3, "n": 12, "rest": "土壤，Ｐｂ"})),
        (
            "评价 YY12 5 很好，Thanks",
            Say("rate", {"number": 12, "score": 5, "words": "很好，Thanks"}),
        ),
        ("取消 预约 YY208", Say("cancel", {"number": 208})),
        ("需求 ｱ① 测\n重金属", Say("demand", {"text": "ｱ① 测\n重金属"})),
    ],
)
async def test_words(words: str, said: Say) -> None:
    assert await answer(words) == said


@pytest.mark.parametrize(
    "words",
    [
        "",
        "测土壤里的重金属",
        "YQ",
        "YQ12a",
        "YQ" + "9" * 3000,
        "取消预约",
        "取消预约 12",
        "送样 YQ3 个",
        "我的资料呢",
        "绑定",
        "需求",
        "评价 YY1 好 好",
        "😀" * 4000,
        "\ud800",
        "请看 YQ12",
    ],
)
def test_no_command(words: str) -> None:
    assert routes.match(heard(words)) is None


def test_free_text_right_behind_a_command_is_loose() -> None:
    looseness = {"需求分析": True, "需求 分析": False, "需求：分析": False, "绑定YQ": True}
    for words, loose in looseness.items():
        match = routes.command(words)
        assert match is not None
        assert match.loose is loose, words
    for words in ("我的资料", "YQ12", "空闲YQ12下周"):
        match = routes.command(words)
        assert match is not None
        assert not match.loose


def test_changes_are_declared() -> None:
    for words, changes in {"绑定 x": True, "资料": False}.items():
        match = routes.command(words)
        assert match is not None
        assert match.changes is changes


async def test_roles_are_checked_before_the_handler() -> None:
    match = routes.command("待办")
    assert match is not None
    with pytest.raises(NotYourRole) as refused:
        await match.run(at(NOW, Role.EXPERT), heard("待办"))
    assert [role["key"] for role in refused.value.roles] == [
        "refused.role.bureau",
        "refused.role.keeper",
    ]
    assert await match.run(at(NOW, Role.EXPERT, Role.KEEPER), heard("待办")) == Say("tasks")


async def test_acts() -> None:
    assert await answer("", Act.FOLLOW) == Say("followed")
    assert await answer("find", Act.TAP) == Say("tapped")
    assert await answer("YQ37", Act.SCAN) == Say("scanned", {"n": 37})
    assert await answer("other", Act.TAP) is None
    assert await answer("HT1", Act.SCAN) is None
    assert await answer("", Act.LEAVE) is None


async def test_a_flow_begins_by_words() -> None:
    assert await answer("记一笔") == Begin(Note)
    assert await answer("记 买试剂") == Begin(Note, {"text": "买试剂"})
    match = routes.command("记一笔")
    assert match is not None
    assert match.route.flow is Note


def test_what_goes_on_and_what_is_last() -> None:
    assert routes.more == {"example.more": more}
    assert routes.fallback is not None
    assert routes.fallback.route.handler is find
    assert Routes(Router("empty")).fallback is None


def _other(declare: Callable[[Router], Callable[[Any], object]]) -> Router:
    other = Router("other")

    async def again(context: Context, heard: Heard, number: int = 0, code: str = "") -> Say:
        return Say("again")

    declare(other)(again)
    return other


CLASHES: list[Callable[[Router], Callable[[Any], object]]] = [
    lambda r: r.words("我 的资料"),
    lambda r: r.words("绑定 {code}"),
    lambda r: r.words("仪器{number:YQ}"),
    lambda r: r.on(Act.FOLLOW),
    lambda r: r.tap("find"),
    lambda r: r.fallback,
]


@pytest.mark.parametrize("declare", CLASHES)
def test_two_handlers_for_the_same_are_named(
    declare: Callable[[Router], Callable[[Any], object]],
) -> None:
    with pytest.raises(ClashError, match=r"test_route\.\w+ and .*test_route\._other.*again"):
        Routes(router, _other(declare))


def test_two_ways_on_of_one_name_clash() -> None:
    other = Router("other")
    other.more("example.more")(more)
    with pytest.raises(ClashError, match=r"example\.more"):
        Routes(router, other)


async def _bare(context: Context, heard: Heard) -> Say:
    return Say("bare")


async def _needs(context: Context, heard: Heard, code: str) -> Say:
    return Say("needs")


@pytest.mark.parametrize(
    ("pattern", "handler", "wrong"),
    [
        ("绑定 {code}", _bare, "takes no code"),
        ("绑定", _needs, "needs code"),
        ("{code}", _needs, "begins with"),
        ("绑定 {code} 好", _needs, "come last"),
    ],
)
def test_a_handler_that_can_not_take_the_slots_is_refused(
    pattern: str, handler: Callable[..., Awaitable[Say]], wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong):
        Router("x").words(pattern)(handler)


def test_a_flow_that_does_not_ask_for_the_slot_is_refused() -> None:
    with pytest.raises(ValueError, match="asks no code"):
        Router("x").flow(Note, "记 {code}")


PIECES = st.sampled_from(
    ["绑定", "YQ", "12", " ", "需求", "：", "ＹＱ", "个", "送样", "评价", "取消预约", "-", "\n"]
)


@given(st.text() | st.lists(PIECES, max_size=8).map("".join))
def test_any_words_match_or_not(words: str) -> None:
    match = routes.match(heard(words))
    if match is not None and match.route.handler is demand:
        assert plain(words).replace(" ", "").endswith(plain(match.slots["text"]).replace(" ", ""))
