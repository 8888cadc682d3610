"""One message by one channel, and what came of it in our words."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientTimeout

from bot.sandbox.platform import Platform, Trouble
from bot.sandbox.platform_account import Clock
from bot.wechat.client import Client
from bot.wechat.sender import SHORTLY, WeChatSender
from store import outbox
from store.outbox import (
    Body,
    Card,
    Channel,
    Choices,
    Delivered,
    Drop,
    Form,
    Outgoing,
    Picture,
    RetryAt,
    Scope,
    StopChannel,
    Unknown,
    Unsubscribed,
    Why,
    Words,
)
from tests.bot.conftest import Make, Phones, asked

FORM = Form("T1", {"thing1": "三坐标测量机", "time2": "2026年11月24日 9:00"}, "https://a.cn/YY208")
PICTURE = Picture("YQ12.png", b"\x89PNG")


@pytest.fixture
def sender(client: Client, clock: Clock, platform: Platform) -> WeChatSender:
    """A sender; the account has one template."""
    platform.add_template("T1", "预约结果通知", {"thing1": "仪器", "time2": "时间"})
    return WeChatSender(lambda: client, clock)


@pytest.fixture
def write(follower: str, now: datetime) -> Any:
    """Writes one message to somebody who wrote a moment ago."""

    def write(body: Body, channel: Channel = Channel.CUSTOMER, key: str = "k1") -> Outgoing:
        return Outgoing(follower, channel, body, key, now)

    return write


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (Words("好的"), "text"),
        (Card("三坐标测量机", "平遥", "https://a.cn/YQ12"), "news"),
        (Choices("满意吗", (("1", "满意"), ("2", "不满意"))), "msgmenu"),
        (PICTURE, "image"),
    ],
)
async def test_customer_service(
    sender: WeChatSender, write: Any, phones: Phones, platform: Platform, body: Body, kind: str
) -> None:
    """Every body arrives as what it is."""
    assert await sender.send(write(body)) == Delivered()
    await platform.settle()
    assert [message["msgtype"] for _, message in phones.shown] == [kind]


async def test_forms_by_template_and_by_subscription(
    sender: WeChatSender, write: Any, phones: Phones, platform: Platform, follower: str
) -> None:
    """With the platform's number as receipt, and a credit less."""
    platform.accept(follower, "T1")
    for channel in (Channel.TEMPLATE, Channel.SUBSCRIPTION):
        delivery = await sender.send(write(FORM, channel))
        assert isinstance(delivery, Delivered)
        assert delivery.receipt
    delivery = await sender.send(write(FORM, Channel.SUBSCRIPTION))
    assert delivery == StopChannel(Why.CREDIT, Scope.PERSON)
    await platform.settle()
    assert phones.shown[0][1]["fields"][0] == {"name": "仪器", "value": "三坐标测量机"}


async def test_a_picture_goes_up_once_and_again_when_forgotten(
    sender: WeChatSender, write: Any, platform: Platform
) -> None:
    """A media id is used while it lives; one that the platform forgot is replaced once."""
    await sender.send(write(PICTURE))
    await sender.send(write(PICTURE))
    assert asked(platform)["media/upload"] == 1
    platform.media.clear()
    assert await sender.send(write(PICTURE)) == Delivered()
    assert asked(platform)["media/upload"] == 2
    platform.inject("message/custom/send", 40007, times=2)
    assert await sender.send(write(PICTURE)) == Drop(Why.MALFORMED, "40007")


async def test_a_window_closes_and_fills(
    sender: WeChatSender, write: Any, platform: Platform, clock: Clock
) -> None:
    """Five messages, forty-eight hours: the stand-in's own limits."""
    outcomes = [await sender.send(write(Words("好"))) for _ in range(6)]
    assert outcomes[4:] == [Delivered(), StopChannel(Why.USED_UP, Scope.PERSON)]
    clock.forward(timedelta(hours=49))
    assert await sender.send(write(Words("好"))) == StopChannel(Why.WINDOW, Scope.PERSON)


async def test_a_field_at_fault_is_named(sender: WeChatSender, write: Any) -> None:
    """Never its content."""
    form = Form("T1", {"thing1": "三坐标", "time2": "2026-11-24"})
    assert await sender.send(write(form, Channel.TEMPLATE)) == Drop(Why.MALFORMED, "time2")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (40003, Drop(Why.NO_SUCH_PERSON, "40003")),
        (43004, Unsubscribed()),
        (50005, Unsubscribed()),
        (43019, Drop(Why.MUTED, "43019")),
        (48002, Drop(Why.MUTED, "48002")),
        (43101, StopChannel(Why.CREDIT, Scope.PERSON)),
        (45002, Drop(Why.MALFORMED, "45002")),
        (40037, StopChannel(Why.TEMPLATE, Scope.TEMPLATE)),
        (45015, StopChannel(Why.WINDOW, Scope.PERSON)),
        (45047, StopChannel(Why.USED_UP, Scope.PERSON)),
        (45065, Delivered()),
        (99999, Drop(Why.MALFORMED, "99999")),
        (-1, Unknown()),
    ],
)
async def test_codes_become_deliveries(
    sender: WeChatSender, write: Any, platform: Platform, code: int, outcome: outbox.Delivery
) -> None:
    """As the table of codes has it."""
    platform.inject("message/custom/send", code)
    assert await sender.send(write(Words("好"))) == outcome


STOPPED = [
    (45009, Why.QUOTA, timedelta(hours=14)),
    (48001, Why.NOT_ALLOWED, timedelta(hours=1)),
    (40164, Why.SETTINGS, timedelta(minutes=5)),
]


@pytest.mark.parametrize("stopped", STOPPED)
async def test_the_account_stops_for_all(
    sender: WeChatSender,
    write: Any,
    platform: Platform,
    now: datetime,
    stopped: tuple[int, Why, timedelta],
) -> None:
    """The second message is not even asked for, and the answer is the same."""
    code, why, wait = stopped
    platform.inject("message/custom/send", code)
    expected = StopChannel(why, Scope.ACCOUNT, now + wait)
    assert await sender.send(write(Words("好"))) == expected
    platform.exchanges.clear()
    assert await sender.send(write(Words("好"))) == expected
    assert not platform.exchanges


async def test_a_wrong_secret_is_for_a_person_to_mend(
    sender: WeChatSender, write: Any, platform: Platform, now: datetime
) -> None:
    """It shows as a bad token on the token's own call; at once, and for a while after."""
    platform.inject("stable_token", 40001)
    expected = StopChannel(Why.SETTINGS, Scope.ACCOUNT, now + timedelta(minutes=5))
    assert await sender.send(write(Words("好"))) == expected
    assert await sender.send(write(Words("好"))) == expected


async def test_too_fast_is_later(
    sender: WeChatSender, write: Any, platform: Platform, now: datetime, clock: Clock
) -> None:
    """A minute's rest for everybody, then on."""
    platform.inject("message/custom/send", 45011)
    later = RetryAt(now + timedelta(seconds=60), Why.SLOW)
    assert await sender.send(write(Words("好"))) == later
    assert await sender.send(write(Words("好"))) == later
    clock.forward(timedelta(seconds=60))
    assert await sender.send(write(Words("好"))) == Delivered()


@pytest.mark.parametrize("trouble", [Trouble.LOST, Trouble.HTTP_500])
async def test_an_answer_lost_is_unknown_without_a_key(
    sender: WeChatSender, write: Any, platform: Platform, trouble: Trouble
) -> None:
    """Nobody can tell whether it arrived."""
    platform.inject("message/custom/send", trouble)
    assert await sender.send(write(Words("好"))) == Unknown()


async def test_an_answer_lost_is_asked_again_while_the_key_lives(
    make_client: Make, write: Any, platform: Platform, clock: Clock, now: datetime, phones: Phones
) -> None:
    """Ten minutes; then it is unknown."""
    platform.add_template("T1", "预约结果通知", {"thing1": "仪器", "time2": "时间"})
    client = make_client(timeout=ClientTimeout(total=0.2))
    sender = WeChatSender(lambda: client, clock)
    platform.inject("message/template/send", Trouble.LOST, times=6)
    message = write(FORM, Channel.TEMPLATE)
    until = now + timedelta(minutes=10)
    assert await sender.send(message) == RetryAt(now + SHORTLY, Why.LOST, before=until)
    clock.forward(timedelta(minutes=9, seconds=40))
    assert await sender.send(message) == Unknown()
    await platform.settle()
    assert len(phones.shown) == 1


async def test_a_loss_on_the_way_to_a_token_loses_no_message(
    sender: WeChatSender, write: Any, platform: Platform, now: datetime
) -> None:
    """The message was never sent."""
    platform.inject("stable_token", Trouble.HTTP_500, times=3)
    assert await sender.send(write(Words("好"))) == RetryAt(now + SHORTLY, Why.BUSY)


async def test_nobody_at_home(make_client: Make, write: Any, clock: Clock, now: datetime) -> None:
    """No connection is no reason to raise."""
    client = make_client(base="http://127.0.0.1:9")
    sender = WeChatSender(lambda: client, clock)
    assert await sender.send(write(Words("好"))) == RetryAt(now + SHORTLY, Why.BUSY)
