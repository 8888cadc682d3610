"""Ten thousand mutated requests, both modes: never 500, and nothing done that was not signed."""

import asyncio
import json
import random
from collections.abc import Iterable, Iterator

import pytest

from bot.kit.heard import Heard
from bot.wechat.inbound import OPENID
from tests.bot.wechat.pushing import KEY, Got, Platform, Query, door, event, seal, text, xml

COUNT = 2_500
PUSHED = (
    text("测土壤里的重金属"),
    event("CLICK", EventKey="find"),
    event("subscribe", EventKey="qrscene_YQ12", Ticket="t"),
    event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": {"TemplateId": "t"}}),
    text(number=9)
    | {"MsgType": "location", "Location_X": "37.6", "Location_Y": "112.7", "Label": "太谷"},
)


ODD = (b"\0", b"\xff", b"]]>", b"<", b"&", b"&a;", b"<!DOCTYPE x>", b'"', b"{", "测".encode())


def flip(raw: bytearray, at: int, _to: int, rng: random.Random) -> None:
    raw[at : at + 1] = bytes(one ^ (1 << rng.randrange(8)) for one in raw[at : at + 1])


def cut(raw: bytearray, at: int, _to: int, _rng: random.Random) -> None:
    del raw[at:]


def take(raw: bytearray, at: int, _to: int, rng: random.Random) -> None:
    del raw[at : at + rng.randrange(12)]


def put(raw: bytearray, at: int, _to: int, rng: random.Random) -> None:
    raw[at:at] = rng.choice(ODD)


def double(raw: bytearray, at: int, to: int, rng: random.Random) -> None:
    raw[to:to] = raw[at : at + rng.randrange(40)]


def turn(raw: bytearray, at: int, to: int, _rng: random.Random) -> None:
    raw[at:to] = raw[at:to][::-1]


def mutations(body: bytes, rng: random.Random) -> Iterator[bytes]:
    """Bits flipped, pieces cut, doubled, put in and turned about, without end."""
    while True:
        raw = bytearray(body)
        for _ in range(rng.choice((1, 1, 1, 2, 5, 20))):
            at, to = sorted((rng.randrange(len(raw) + 1), rng.randrange(len(raw) + 1)))
            rng.choice((flip, flip, cut, take, put, double, turn))(raw, at, to, rng)
        if raw != body:
            yield bytes(raw)


def swapped(fields: dict[str, str], rng: random.Random) -> dict[str, str]:
    """Fields with their values changed about."""
    values = list(fields.values())
    rng.shuffle(values)
    return dict(zip(fields, values, strict=True))


async def deliver(platform: Platform, pushes: Iterable[tuple[Query, bytes]]) -> list[Got]:
    """Post them all, a few at once."""
    got: list[Got] = []
    waiting = iter(pushes)

    async def one_after_another() -> None:
        for query, body in waiting:
            got.append(await platform.post(query, body))

    await asyncio.gather(*(one_after_another() for _ in range(16)))
    return got


def sound(heard: Heard) -> None:
    """What was heard is fit for JSON, a database and the house."""
    assert OPENID.fullmatch(heard.openid)
    assert heard.at.tzinfo is not None
    assert len(heard.key) < 200
    written = json.dumps([heard.key, heard.words, heard.media, heard.facts], ensure_ascii=False)
    assert "\0" not in written
    assert "\\u0000" not in written
    written.encode()


@pytest.mark.parametrize("as_json", [False, True])
async def test_plain_under_a_nonce_already_seen(as_json: bool) -> None:
    rng = random.Random(1)
    body = json.dumps(PUSHED[0]).encode() if as_json else xml(PUSHED[0])
    async with door() as platform:
        query = platform.query()
        first = await platform.post(query, body)
        made = mutations(body, rng)
        got = await deliver(platform, ((query, next(made)) for _ in range(COUNT // 2)))
        assert {status for status, _ in got} == {403}
        assert await platform.post(query, body) == first
    assert len(platform.desk.heard) == 1


async def test_plain_signed_anew() -> None:
    """Plain mode signs no body: what can be read is heard, but soundly."""
    rng = random.Random(2)
    async with door() as platform:
        for fields in PUSHED:
            for body in (xml(fields), json.dumps(fields).encode()):
                made = mutations(body, rng)
                pushes = ((platform.query(), next(made)) for _ in range(COUNT // 10))
                assert {status for status, _ in await deliver(platform, pushes)} <= {200, 400}
    for heard in platform.desk.heard:
        sound(heard)


async def test_safe() -> None:
    rng = random.Random(3)
    async with door(keys=(KEY,)) as platform:
        pushes = []
        for fields in PUSHED:
            query, body = platform.sealed(xml(fields), text("并不算数"))
            assert (await platform.post(query, body))[0] == 200
            made = mutations(body, rng)
            pushes += [(query, next(made)) for _ in range(COUNT // 5)]
        got = await deliver(platform, pushes)
        opened = {platform.open(body) for status, body in got if status == 200}
        # Mutations beside the sealed part leave the same message, and it gets the same answer.
        assert {status for status, _ in got} <= {200, 400, 403}
        assert len(opened) <= len(PUSHED)
    assert len(platform.desk.heard) == len(PUSHED)


async def test_safe_sealed_by_the_platform_itself() -> None:
    """The worst that a right key can bring."""
    rng = random.Random(4)
    async with door(keys=(KEY,)) as platform:
        pushes = []
        for fields in PUSHED:
            made = mutations(xml(fields), rng)
            for _ in range(COUNT // 5):
                body = next(made).decode("utf-8", "replace").encode()
                pushes.append(platform.sealed(body))
        assert {status for status, _ in await deliver(platform, pushes)} == {200}
    for heard in platform.desk.heard:
        sound(heard)


async def test_sealed_letters_changed_and_signed() -> None:
    """A right signature over a broken seal: the token leaked, the key did not.

    The platform's encryption has no seal of its own over all blocks, so some stay readable.
    """
    rng = random.Random(5)
    async with door(keys=(KEY,)) as platform:
        made = mutations(seal(xml(PUSHED[0])).encode(), rng)
        texts = (next(made).decode("latin-1") for _ in range(COUNT // 5))
        pushes = [platform.wrapped(sealed) for sealed in texts if "]]>" not in sealed]
        got = [status for status, _ in await deliver(platform, pushes)]
        assert set(got) <= {200, 400, 403}
        assert got.count(400) > len(got) / 2
    for heard in platform.desk.heard:
        sound(heard)


async def test_queries() -> None:
    rng = random.Random(6)
    async with door() as plain, door(keys=(KEY,)) as safe:
        for platform in (plain, safe):
            good, body = (
                platform.sealed(xml(PUSHED[0]))
                if platform is safe
                else (platform.query(), xml(PUSHED[0]))
            )
            checked = {n: v for n, v in good.items() if n != "openid"}
            if platform is safe:
                del checked["signature"]  # says nothing in safe mode
            pushes = []
            for _ in range(COUNT // 5):
                name = rng.choice(list(checked))
                value = next(mutations(checked[name].encode(), rng)).decode("latin-1")
                pushes.append((good | {name: value}, body))
                other = swapped(checked, rng)
                pushes += [(other, body)] if other != checked else []
            assert {status for status, _ in await deliver(platform, pushes)} == {403}
            assert platform.desk.heard == []
            assert (await platform.post(good, body))[0] == 200


async def test_swapped_fields() -> None:
    rng = random.Random(7)
    async with door() as platform:
        fields = [swapped(dict(PUSHED[0]), rng) for _ in range(COUNT // 5)]
        pushes = [(platform.query(), xml(one)) for one in fields]
        assert {status for status, _ in await deliver(platform, pushes)} <= {200, 400}
    for heard in platform.desk.heard:
        sound(heard)
