"""The client against the stand-in: tokens, losses, time-outs, and every call that it has."""

import asyncio
import io
import traceback

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer

from bot.sandbox.platform import Platform, Trouble
from bot.wechat.call import API, prepare
from bot.wechat.client import Client
from bot.wechat.errors import AnswerLost, Halted, Refusal, Unreachable
from store.database import Database
from tests.bot.conftest import SECRET, Make, Phones, asked


async def test_words_arrive_as_written(
    client: Client, platform: Platform, follower: str, phones: Phones
) -> None:
    """Chinese goes as itself, never as escapes, and quotes survive."""
    await client.message.send_text(follower, "预约成功：“三坐标”\n😀")
    await platform.settle()
    assert phones.of(follower) == [
        {"msgtype": "text", "text": {"content": "预约成功：“三坐标”\n😀"}}
    ]


async def test_one_token_for_many_calls(client: Client, platform: Platform) -> None:
    """Fifty calls at once ask for one token."""
    await asyncio.gather(*(client.openapi.callback_addresses() for _ in range(50)))
    assert asked(platform)["stable_token"] == 1


async def test_rotation_is_followed_by_exactly_one_refresh(
    client: Client, platform: Platform
) -> None:
    """Fifty calls meet a token that was voided behind their back: one refresh, all succeed."""
    await client.openapi.callback_addresses()
    platform.rotate_token()
    platform.exchanges.clear()
    results = await asyncio.gather(*(client.openapi.callback_addresses() for _ in range(50)))
    assert results == [["127.0.0.1"]] * 50
    assert asked(platform)["stable_token"] == 1


async def test_a_token_that_never_works_is_not_asked_for_again_and_again(
    client: Client, platform: Platform
) -> None:
    """Two requests a call at most, and a token forced once."""
    platform.inject("getcallbackip", 40001, times=1000)
    answers = await asyncio.gather(
        *(client.openapi.callback_addresses() for _ in range(20)), return_exceptions=True
    )
    assert all(isinstance(answer, Refusal) for answer in answers)
    counts = asked(platform)
    assert counts["getcallbackip"] <= 40
    assert counts["stable_token"] <= 4


async def test_the_same_bad_token_is_forced_once_a_minute(
    client: Client, platform: Platform
) -> None:
    """Normal mode gives the refused token again: it is forced, and the call repeated once."""
    await client.openapi.callback_addresses()
    platform.inject("getcallbackip", 42001)
    before = client.access_token
    assert await client.openapi.callback_addresses() == ["127.0.0.1"]
    assert client.access_token != before
    forced = [e for e in platform.exchanges if '"force_refresh": true' in e.sent]
    assert len(forced) == 1


async def test_replicas_share_the_row(make_client: Make, platform: Platform) -> None:
    """A second process takes the token from the row."""
    first, second = make_client(), make_client()
    await first.openapi.callback_addresses()
    await second.openapi.callback_addresses()
    assert first.access_token == second.access_token
    assert asked(platform)["stable_token"] == 1


async def test_only_one_replica_forces(
    make_client: Make, platform: Platform, database: Database
) -> None:
    """Both meet the same bad token at once; one forces, the other takes what it finds."""
    first, second = make_client(database=database), make_client(database=database)
    await first.openapi.callback_addresses()
    await second.openapi.callback_addresses()
    platform.inject("getcallbackip", 40001, times=2)
    results = await asyncio.gather(
        first.openapi.callback_addresses(), second.openapi.callback_addresses()
    )
    assert list(results) == [["127.0.0.1"]] * 2
    assert first.access_token == second.access_token
    assert len([e for e in platform.exchanges if '"force_refresh": true' in e.sent]) == 1


async def test_a_send_whose_answer_is_lost_is_not_repeated(
    client: Client, platform: Platform, follower: str, phones: Phones
) -> None:
    """It went out once, and we say that we do not know."""
    platform.inject("message/custom/send", Trouble.LOST)
    with pytest.raises(AnswerLost):
        await client.message.send_text(follower, "一次")
    await platform.settle()
    assert len(phones.of(follower)) == 1


@pytest.mark.parametrize("trouble", [Trouble.HTTP_500, -1])
async def test_a_busy_platform_is_not_asked_again_to_send(
    client: Client, platform: Platform, follower: str, trouble: Trouble | int
) -> None:
    """HTTP 500 and -1 may hide a message that went out."""
    platform.inject("message/custom/send", trouble)
    with pytest.raises(AnswerLost if trouble is Trouble.HTTP_500 else Refusal):
        await client.message.send_text(follower, "一次")
    assert asked(platform)["message/custom/send"] == (trouble == -1)


@pytest.mark.parametrize("trouble", [Trouble.LOST, Trouble.HTTP_500, -1])
async def test_a_send_with_a_key_is_repeated_and_arrives_once(
    client: Client, platform: Platform, follower: str, phones: Phones, trouble: Trouble | int
) -> None:
    """The platform knows it again."""
    platform.add_template("T1", "预约结果通知", {"thing1": "仪器"})
    platform.inject("message/template/send", trouble, times=2)
    number = await client.message.send_template(follower, "T1", {"thing1": "三坐标"}, key="k1")
    await platform.settle()
    assert number
    assert len(phones.of(follower)) == 1


async def test_what_only_asks_is_repeated_three_times_at_most(
    client: Client, platform: Platform
) -> None:
    """Then the trouble is told."""
    platform.inject("getcallbackip", -1, times=3)
    with pytest.raises(Refusal) as refused:
        await client.openapi.callback_addresses()
    assert refused.value.code == -1
    assert asked(platform)["getcallbackip"] == 3


async def test_a_silent_platform_is_not_waited_for(
    make_client: Make, platform: Platform, follower: str
) -> None:
    """A read time-out of a send is an answer lost."""
    client = make_client(timeout=ClientTimeout(total=0.3))
    await client.openapi.callback_addresses()
    platform.inject("message/custom/send", Trouble.TIMEOUT)
    with pytest.raises(AnswerLost, match="TimeoutError"):
        await client.message.send_text(follower, "一次")


async def test_nobody_at_home(make_client: Make) -> None:
    """No connection: nothing was sent."""
    client = make_client(base="http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        await client.openapi.callback_addresses()


async def test_wrong_settings_stop_every_call_and_alert_once(
    make_client: Make, platform: Platform
) -> None:
    """40164 names the address; nothing is asked until the pause is over."""
    alerts: list[Refusal] = []
    client = make_client(alert=alerts.append)
    platform.inject("stable_token", 40164)
    with pytest.raises(Refusal):
        await client.openapi.callback_addresses()
    with pytest.raises(Halted):
        await client.menu.get()
    assert [alert.address for alert in alerts] == ["203.0.113.7"]
    assert asked(platform)["stable_token"] == 1


async def test_a_wrong_secret_is_fatal_not_renewed(make_client: Make, platform: Platform) -> None:
    """40001 on the token's own call would otherwise go round for ever."""
    client = make_client()
    platform.inject("stable_token", 40001, times=10)
    with pytest.raises(Refusal):
        await client.openapi.callback_addresses()
    with pytest.raises(Halted):
        await client.openapi.callback_addresses()
    assert asked(platform)["stable_token"] == 1


async def test_no_secret_in_any_exception(make_client: Make, platform: Platform) -> None:
    """Neither the secret nor the token stands in a traceback or in a repr."""
    client = make_client(timeout=ClientTimeout(total=0.2))
    await client.openapi.callback_addresses()
    token = client.access_token
    assert token
    for trouble, times in ((Trouble.TIMEOUT, 3), (Trouble.LOST, 20)):
        platform.inject("getcallbackip", trouble, times)
        with pytest.raises(AnswerLost) as raised:
            await client.openapi.callback_addresses()
        text = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
        assert token not in text
        assert SECRET not in text
    assert SECRET not in repr(client.settings)
    assert token not in repr(client.tokens._token)


async def test_nothing_is_asked_of_strangers(client: Client) -> None:
    """A token goes to the platform's hosts only."""
    for address in ("https://example.com/x", "https://api.weixin.qq.com.example.com/x"):
        with pytest.raises(ValueError, match="not an address"):
            client.prepared("get", address)


async def test_the_platform_may_stand_below_a_path(
    platform: Platform, make_client: Make, follower: str
) -> None:
    """As in the demonstration: the same calls, known by the same names."""
    app = web.Application()
    app.add_subapp("/sandbox/platform", platform.app())
    async with TestServer(app) as server:
        client = make_client(base=str(server.make_url("/sandbox/platform/")))
        await client.message.send_text(follower, "好")
        await client.datacube.get_user_summary("2026-11-20", "2026-11-20")
        call = client.prepared("post", "getusersummary", api_base_url=f"{API}/datacube/")
        assert (call.path, call.repeatable) == ("datacube/getusersummary", True)
        assert await client.notices.categories()


def test_files_go_up_under_plain_names() -> None:
    """The platform goes by the ending; other programs' names may be anything."""
    named = io.BytesIO(b"x")
    named.name = "pictures/仪器.png"
    files = [named, ("a.jpg", b"x"), ("b", b"x", "image/gif"), io.BytesIO(b"x")]
    uploads = [prepare("post", f"{API}/x", API, {"files": {"media": f}}).uploads[0] for f in files]
    assert [(upload.filename, upload.type) for upload in uploads] == [
        ("file.png", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("b", "image/gif"),
        ("file", "application/octet-stream"),
    ]


async def test_methods_that_look_at_the_token_themselves(client: Client) -> None:
    """wechatpy writes it into the query; it goes out once, and the right one."""
    query = "access_token=&kf_account=a%40b"
    call = client.prepared("get", "customservice/del", params=query)
    assert dict(call.params) == {"kf_account": "a@b"}
    assert client.access_token == ""
