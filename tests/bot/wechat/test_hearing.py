"""Time and repeats: each message heard once, its answer given once, or handed on, never lost."""

import asyncio
import time
from collections.abc import Callable

import pytest
from xmltodict import parse

from bot.kit.heard import Heard
from bot.kit.say import Answer
from bot.wechat.hearing import Limits
from tests.bot.wechat.pushing import KEY, Got, Platform, answer, door, echo, event, text, xml

SUCCESS = (200, b"success")
SHORT = Limits(patience=0.15, closing=2.0)


class Slow:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.ended = 0

    async def __call__(self, heard: Heard) -> Answer | None:
        try:
            await self.ready.wait()
        except asyncio.CancelledError:
            self.ended += 1
            raise
        return answer(f"您说：{heard.words}")


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(3):
        while not true():  # noqa: ASYNC110 - watches from outside
            await asyncio.sleep(0.005)


def content(got: Got) -> str:
    assert got[0] == 200
    return str(parse(got[1])["xml"]["Content"])


async def test_a_hundred_deliveries_at_once_are_heard_once() -> None:
    slow = Slow()
    async with door(slow) as platform:
        posts = [asyncio.create_task(platform.plain(text())) for _ in range(100)]
        await until(lambda: platform.metrics.repeats._value.get() == 99)
        slow.ready.set()
        got = set(await asyncio.gather(*posts))
    assert len(platform.desk.heard) == 1
    assert len(got) == 1
    assert content(got.pop()) == "您说：离心机"
    assert platform.desk.late == []


async def test_a_hundred_sealed_deliveries_have_one_answer() -> None:
    slow = Slow()
    async with door(slow, keys=(KEY,)) as platform:
        pushes = [platform.sealed(xml(text())) for _ in range(20)]
        posts = [asyncio.create_task(platform.post(*push)) for push in pushes * 5]
        await until(lambda: platform.metrics.repeats._value.get() == 99)
        slow.ready.set()
        got = await asyncio.gather(*posts)
        assert len({body for _, body in got}) == 100  # sealed anew each time
        assert len({platform.open(body) for _, body in got}) == 1
        nonces = [parse(body)["xml"]["Nonce"] for _, body in got]
        assert nonces == [query["nonce"] for query, _ in pushes * 5]
    assert len(platform.desk.heard) == 1


async def test_a_delivery_after_the_answer_gets_it_again() -> None:
    async with door() as platform:
        first = await platform.plain(text(CreateTime="1"))  # makes no sense: now is taken
        platform.clock.advance(seconds=5)
        assert await platform.plain(text(CreateTime="1")) == first
    assert len(platform.desk.heard) == 1


async def test_other_messages_are_not_repeats() -> None:
    async with door() as platform:
        await platform.plain(text())
        await platform.plain(text(number=8))
        await platform.plain(text(FromUserName="oAnother"))
        await platform.plain(event("CLICK", EventKey="a"))
        await platform.plain(event("CLICK", EventKey="b"))
        await platform.plain(event("LOCATION", Latitude="37.5", Longitude="112.5"))
        await platform.plain(event("LOCATION", Latitude="37.6", Longitude="112.5"))
        await platform.plain(event("TEMPLATESENDJOBFINISH", MsgID="1", Status="success"))
        await platform.plain(event("TEMPLATESENDJOBFINISH", MsgID="2", Status="success"))
        assert len({heard.key for heard in platform.desk.heard}) == 9
        await platform.plain(event("CLICK", EventKey="b"))
    assert len(platform.desk.heard) == 9


async def test_what_is_late_is_success_and_handed_on_once() -> None:
    slow = Slow()
    async with door(slow, limits=SHORT) as platform:
        began = time.perf_counter()
        assert await platform.plain(text()) == SUCCESS
        assert 0.1 < time.perf_counter() - began < 30
        assert platform.desk.late == []
        slow.ready.set()
        await until(lambda: platform.desk.late)
        assert await platform.plain(text()) == SUCCESS  # the second delivery came after it
        assert await platform.plain(text()) == SUCCESS
    assert [(heard.words, late.text) for heard, late in platform.desk.late] == [
        ("离心机", "您说：离心机")
    ]
    assert len(platform.desk.heard) == 1


async def test_a_waiting_repeat_is_given_what_would_be_late() -> None:
    slow = Slow()
    async with door(slow, limits=SHORT) as platform:
        assert await platform.plain(text()) == SUCCESS
        assert await platform.plain(text()) == SUCCESS
        third = asyncio.create_task(platform.plain(text()))
        await until(lambda: platform.metrics.repeats._value.get() == 2)
        slow.ready.set()
        assert content(await third) == "您说：离心机"
    assert platform.desk.late == []
    assert len(platform.desk.heard) == 1


async def gone(platform: Platform, fields: dict[str, str]) -> None:
    """Deliver, and hang up as soon as it is heard."""
    before = len(platform.desk.heard) + platform.metrics.repeats._value.get()
    query = "&".join(f"{name}={value}" for name, value in platform.query().items())
    body = xml(fields)
    head = f"POST /wechat?{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    _reader, writer = await asyncio.open_connection("127.0.0.1", platform.port)
    writer.write(head.encode() + body)
    await until(lambda: len(platform.desk.heard) + platform.metrics.repeats._value.get() > before)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.02)


@pytest.mark.parametrize("cancels", [False, True])
async def test_who_hangs_up_loses_nothing(cancels: bool) -> None:
    slow = Slow()
    async with door(slow, handler_cancellation=cancels) as platform:
        await gone(platform, text())
        assert slow.ended == 0
        slow.ready.set()
        await until(lambda: platform.desk.late)
        assert platform.desk.late[0][1].text == "您说：离心机"
        assert await platform.plain(text()) == SUCCESS
    assert len(platform.desk.heard) == len(platform.desk.late) == 1


@pytest.mark.parametrize("cancels", [False, True])
async def test_hanging_up_leaves_the_answer_to_the_repeat(cancels: bool) -> None:
    slow = Slow()
    async with door(slow, handler_cancellation=cancels) as platform:
        await gone(platform, text())
        second = asyncio.create_task(platform.plain(text()))
        await until(lambda: platform.metrics.repeats._value.get() == 1)
        await gone(platform, text())
        slow.ready.set()
        assert content(await second) == "您说：离心机"
        assert content(await platform.plain(text())) == "您说：离心机"
    assert platform.desk.late == []
    assert len(platform.desk.heard) == 1


async def test_too_many_are_told_success() -> None:
    slow = Slow()
    async with door(slow, limits=Limits(patience=2.0, hearings=3, closing=2.0)) as platform:
        posts = [asyncio.create_task(platform.plain(text(number=n))) for n in (1, 2, 3)]
        await until(lambda: len(platform.desk.heard) == 3)
        assert await platform.plain(text(number=4)) == SUCCESS
        repeat = asyncio.create_task(platform.plain(text(number=3)))
        await until(lambda: platform.metrics.repeats._value.get() == 1)
        slow.ready.set()
        for post in (*posts, repeat):
            assert content(await post) == "您说：离心机"
        assert content(await platform.plain(text(number=4))) == "您说：离心机"
    assert len(platform.desk.heard) == 4


async def test_a_hearing_without_end_gives_up_its_place() -> None:
    slow = Slow()
    limits = Limits(patience=0.05, hearings=1, longest=0.1, closing=2.0)
    async with door(slow, limits=limits) as platform:
        assert await platform.plain(text(number=1)) == SUCCESS
        await asyncio.sleep(0.1)
        assert await platform.plain(text(number=2)) == SUCCESS
        await until(lambda: slow.ended == 1)
        slow.ready.set()
        assert content(await platform.plain(text(number=3))) == "您说：离心机"
    assert platform.desk.late == []


async def test_remembered_answers_are_bounded() -> None:
    async with door(limits=Limits(remembered=2)) as platform:
        for number in (1, 2, 3, 2, 1):
            await platform.plain(text(number=number))
    assert len(platform.desk.heard) == 4


async def test_closing_waits_for_what_is_heard() -> None:
    slow = Slow()
    async with door(slow, limits=SHORT) as platform:
        assert await platform.plain(text()) == SUCCESS
        asyncio.get_running_loop().call_later(0.1, slow.ready.set)
    assert len(platform.desk.late) == 1


async def test_closing_has_an_end() -> None:
    slow = Slow()
    async with door(slow, limits=Limits(patience=0.05, closing=0.1)) as platform:
        assert await platform.plain(text()) == SUCCESS
    assert slow.ended == 1
    assert platform.desk.late == []


async def test_what_closing_ends_looks_like_a_killed_process() -> None:
    slow = Slow()
    async with door(slow, limits=Limits(patience=2.0, closing=0.1)) as platform:
        post = asyncio.create_task(platform.plain(text()))
        await until(lambda: platform.desk.heard)
    with pytest.raises(Exception, match=r"[Dd]isconnect|reset|closed"):
        await post


async def test_late_may_fail() -> None:
    slow = Slow()
    async with door(slow, limits=SHORT) as platform:
        platform.desk.fails = True
        assert await platform.plain(text()) == SUCCESS
        slow.ready.set()
        await until(lambda: platform.metrics.faults.labels("late")._value.get() == 1)
    assert len(platform.desk.heard) == 1


async def test_followers_are_heard_at_once() -> None:
    slow = Slow()
    async with door(slow) as platform:
        posts = [asyncio.create_task(platform.plain(text(FromUserName=f"o{n}"))) for n in range(50)]
        await until(lambda: len(platform.desk.heard) == 50)
        slow.ready.set()
        assert {content(post) for post in await asyncio.gather(*posts)} == {"您说：离心机"}


async def test_what_takes_long_is_kept_until_it_is_answered() -> None:
    slow = Slow()
    async with door(slow, limits=SHORT) as platform:
        assert await platform.plain(text()) == SUCCESS
        assert [heard.words for heard in platform.desk.kept.values()] == ["离心机"]
        slow.ready.set()
        await until(lambda: platform.desk.late)
        await until(lambda: not platform.desk.kept)


async def test_what_was_answered_in_time_after_all_is_let_go() -> None:
    slow = Slow()
    async with door(slow, limits=SHORT) as platform:
        post = asyncio.create_task(platform.plain(text()))
        await until(lambda: platform.desk.kept)
        slow.ready.set()
        assert content(await post) == "您说：离心机"
        await until(lambda: not platform.desk.kept)
    assert platform.desk.late == []


async def test_what_failed_is_kept_to_be_heard_again() -> None:
    async def fails(_heard: Heard) -> Answer | None:
        raise OSError("the database is away")

    async with door(fails, limits=SHORT) as platform:
        assert await platform.plain(text()) == SUCCESS
        await until(lambda: platform.desk.kept)


async def test_what_is_answered_at_once_is_never_kept() -> None:
    async with door(echo, limits=SHORT) as platform:
        await platform.plain(text())
        await asyncio.sleep(SHORT.patience)
        assert platform.desk.kept == {}
