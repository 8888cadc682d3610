"""What phones show, across restarts."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.sandbox.chats import SHOWN, Chats, Side
from bot.sandbox.phones import cast
from tests.bot.sandbox.account import FakeAccount


def test_a_restart_forgets_nothing(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "var" / "sandbox.jsonl"
    before = Chats(path)
    first = before.add("researcher", Side.OWN, "text", {"text": "你好\n<b>\u2028\x85"}, now)
    before.add("researcher", Side.ACCOUNT, "text", {"text": "您好"}, now)
    before.follow("researcher", on=True)
    before.follow("engineer", on=True)
    before.follow("engineer", on=False)
    before.move(86400.5)
    after = Chats(path)
    assert after.of("researcher") == before.of("researcher")
    assert after.following == {"researcher": True, "engineer": False}
    assert after.ahead == 86400.5
    assert after.add("researcher", Side.OWN, "text", {}, now).number > first.number + 1


def test_a_line_cut_short_loses_only_itself(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "sandbox.jsonl"
    Chats(path).add("researcher", Side.OWN, "text", {"text": "一"}, now)
    with path.open("ab") as file:
        file.write(b'\n{"bubble": {"number": 2}}\n[]\n{"bubble": {"text": "\xe4\xbd')
    assert [bubble.facts["text"] for bubble in Chats(path).of("researcher")] == ["一"]


def test_a_line_after_one_cut_short_is_kept(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "sandbox.jsonl"
    path.write_bytes(b'{"following": {"resear')
    Chats(path).add("researcher", Side.OWN, "text", {"text": "一"}, now)
    assert len(Chats(path).of("researcher")) == 1


def test_only_the_latest_are_shown(now: datetime) -> None:
    chats = Chats()
    for _ in range(SHOWN + 5):
        chats.add("researcher", Side.OWN, "text", {}, now)
    assert len(chats.of("researcher")) == SHOWN
    assert chats.of("researcher")[-1].number == SHOWN + 5
    assert chats.of("bureau") == ()


def test_the_cast_has_four_phones_with_three_examples_each() -> None:
    phones = cast().phones
    assert [phone.key for phone in phones] == ["researcher", "engineer", "keeper", "bureau"]
    assert len({phone.openid for phone in phones}) == 4
    assert all(len(phone.openid) == 28 and len(phone.examples) == 3 for phone in phones)
    assert cast().by_openid(phones[2].openid) == phones[2]
    with pytest.raises(KeyError):
        cast().by_key("nobody")


async def first_state(address: str) -> dict[str, object]:
    async with ClientSession() as http, http.get(f"{address}/sandbox/live") as response:
        line = await response.content.readline()
        state: dict[str, object] = json.loads(line.removeprefix(b"data: "))
        return state


async def test_a_demo_begun_again_goes_on(tmp_path: Path) -> None:
    kept = tmp_path / "sandbox.jsonl"
    async with FakeAccount(kept) as account:
        await first_state(account.address)
        await account.hears(4)
        headers = {"Origin": account.address}
        async with ClientSession(headers=headers) as http:
            await http.post(f"{account.address}/sandbox/do/clock", json={"by": 3600})
            await http.post(f"{account.address}/sandbox/do/leave", json={"phone": "bureau"})
        ahead = account.platform.clock()
    async with FakeAccount(kept) as again:
        assert again.platform.clock() - ahead < timedelta(minutes=1)
        assert again.platform.clock() >= ahead
        state = await first_state(again.address)
        assert again.heard == []
        phones = state["phones"]
        assert isinstance(phones, list)
        assert [phone["following"] for phone in phones] == [True, True, True, False]
        assert phones[0]["messages"][0]["facts"]["name"] == "follow"
        assert (await again.tell(phones[0]["openid"], "晚上好"))["errcode"] == 45015
