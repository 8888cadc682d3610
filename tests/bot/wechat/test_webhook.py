"""The door over real HTTP: who gets in, what comes back, in each mode and format."""

import asyncio
import base64
import json
import secrets
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy import parse_message
from xmltodict import parse

from bot.kit.heard import Act, Heard
from bot.kit.say import Answer
from tests.bot.wechat.pushing import (
    APPID,
    KEY,
    OLD_KEY,
    OPENID,
    Platform,
    answer,
    door,
    event,
    seal,
    text,
    xml,
)

SUCCESS = (200, b"success")


async def test_plain_message_is_answered() -> None:
    async with door() as platform:
        status, body = await platform.plain(text())
    reply = parse(body)["xml"]
    assert status == 200
    assert reply["Content"] == "您说：离心机"
    assert (reply["ToUserName"], reply["FromUserName"]) == (OPENID, "gh_0123456789ab")
    assert reply["MsgType"] == "text"
    assert reply["CreateTime"].isdigit()


async def test_safe_message_is_answered_sealed() -> None:
    async with door(keys=(KEY,)) as platform:
        status, body = await platform.safe(text())
        reply = parse(platform.open(body))["xml"]
    assert (status, reply["Content"]) == (200, "您说：离心机")


async def test_compatible_body_counts_only_what_is_sealed() -> None:
    async with door(keys=(KEY,)) as platform:
        forged = text("假的", number=9, FromUserName="oForged")
        query, body = platform.sealed(xml(text()), forged)
        status, body = await platform.post(query, body)
        assert parse(platform.open(body))["xml"]["Content"] == "您说：离心机"
    assert status == 200
    assert [heard.openid for heard in platform.desk.heard] == [OPENID]


async def test_compatible_body_is_plain_to_a_plain_account() -> None:
    async with door() as platform:
        query, body = platform.sealed(xml(text()), text())
        status, body = await platform.post(query, body)
    assert (status, parse(body)["xml"]["Content"]) == (200, "您说：离心机")


async def test_json_plain() -> None:
    async with door() as platform:
        status, body = await platform.post(platform.query(), json.dumps(text()).encode())
    reply = json.loads(body)
    assert (status, reply["Content"], reply["MsgType"]) == (200, "您说：离心机", "text")
    assert isinstance(reply["CreateTime"], int)


async def test_json_safe() -> None:
    async with door(keys=(KEY,)) as platform:
        query, body = platform.sealed(json.dumps(text()).encode(), as_json=True)
        status, body = await platform.post(query, body)
        outer = json.loads(body)
        assert outer["Nonce"] == query["nonce"]
        parts = (str(outer["TimeStamp"]), outer["Nonce"], outer["Encrypt"])
        assert outer["MsgSignature"] == platform.sign(*parts)
        sealed = xml({"Encrypt": outer["Encrypt"]} | {k: str(v) for k, v in outer.items()})
        assert json.loads(platform.open(sealed))["Content"] == "您说：离心机"
    assert status == 200


async def test_previous_key_is_answered_with_the_previous_key() -> None:
    async with door(keys=(KEY, OLD_KEY)) as platform:
        for number, key in enumerate((KEY, OLD_KEY)):
            query, body = platform.sealed(xml(text(number=number + 1)), key=key)
            _, body = await platform.post(query, body)
            assert "离心机" in platform.open(body, key=key)
        query, body = platform.sealed(xml(text(number=3)), key="B" * 43)
        assert (await platform.post(query, body))[0] == 400
    assert len(platform.desk.heard) == 2


async def test_nothing_to_say_is_success_and_never_sealed() -> None:
    async def silent(heard: Heard) -> Answer | None:
        return None if heard.act is Act.LEAVE else answer("\x00\x07")

    async with door(silent, keys=(KEY,)) as platform:
        assert await platform.safe(event("unsubscribe")) == SUCCESS
        assert await platform.safe(text()) == SUCCESS


async def test_verification() -> None:
    async with door(keys=(KEY,)) as platform:
        assert await platform.get(platform.query(echostr="4375120948")) == (200, b"4375120948")
        query, _body = platform.wrapped(echo := seal(b"sealed echo"))
        query["echostr"] = echo
        assert await platform.get(query) == (200, b"sealed echo")
        del query["signature"], query["encrypt_type"]
        assert await platform.get(query) == (200, b"sealed echo")
        query["echostr"] = query["echostr"].swapcase()
        assert (await platform.get(query))[0] == 403
        assert (await platform.get({}))[0] == 403
        assert (await platform.get(platform.query(echostr="<script>") | {"nonce": ""}))[0] == 403
        stale = platform.query(echostr="1")
        platform.clock.advance(minutes=11)
        assert (await platform.get(stale))[0] == 403


@pytest.mark.parametrize("keys", [(), (KEY,)])
@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "0" * 40, "msg_signature": "0" * 40},
        {"signature": "", "msg_signature": ""},
        {"signature": "é" * 40, "msg_signature": "\udcff"},
        {"nonce": "1"},
        {"nonce": ""},
        {"nonce": "x" * 65},
        {"timestamp": "0"},
        {"timestamp": "nan"},
        {"timestamp": "-1795140000"},
        {"timestamp": "１７９５１４００００"},
        {"timestamp": "9" * 5000},
    ],
)
async def test_wrong_signatures(keys: tuple[str, ...], wrong: dict[str, str]) -> None:
    async with door(keys=keys) as platform:
        query, body = platform.sealed(xml(text())) if keys else (platform.query(), xml(text()))
        query |= {name: value for name, value in wrong.items() if name in query}
        query = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
        assert (await platform.post(query, body))[0] == 403
        assert (await platform.post({}, body))[0] == 403
    assert platform.desk.heard == []


async def test_signature_is_not_the_other_kind() -> None:
    """In safe mode the address's own signature opens nothing."""
    async with door(keys=(KEY,)) as platform:
        query, body = platform.sealed(xml(text()))
        query["msg_signature"] = query["signature"]
        assert (await platform.post(query, body))[0] == 403
        del query["msg_signature"]
        assert (await platform.post(query, body))[0] == 403
    assert platform.desk.heard == []


@pytest.mark.parametrize("keys", [(), (KEY,)])
async def test_timestamps(keys: tuple[str, ...]) -> None:
    async with door(keys=keys) as platform:
        for number, (seconds, status) in enumerate([(599, 200), (601, 403)] * 2):
            sign = 1 if number < 2 else -1
            platform.clock.advance(seconds=-sign * seconds)
            fields = xml(text(number=number + 1))
            query, body = platform.sealed(fields) if keys else (platform.query(), fields)
            platform.clock.advance(seconds=sign * seconds)
            assert (await platform.post(query, body))[0] == status
    assert len(platform.desk.heard) == 2


async def test_downgrade_is_refused() -> None:
    async with door(keys=(KEY,)) as platform:
        plain = xml(text())
        for kind in (None, "raw", "", "AES", "none"):
            query = platform.query() | ({} if kind is None else {"encrypt_type": kind})
            assert (await platform.post(query, plain))[0] == 403
        query, body = platform.sealed(plain, text())
        del query["encrypt_type"]
        assert (await platform.post(query, body))[0] == 403
        query = platform.query(encrypt_type="aes", msg_signature=platform.query()["signature"])
        assert (await platform.post(query, plain))[0] in {400, 403}
    assert platform.desk.heard == []


async def test_nonce_with_another_body_is_refused() -> None:
    async with door() as platform:
        query, body = platform.query("123456"), xml(text())
        first = await platform.post(query, body)
        assert await platform.post(query, body) == first
        other = xml(text("别的", number=8))
        assert (await platform.post(query, other))[0] == 403
        platform.clock.advance(minutes=9)
        assert (await platform.post(platform.query("123456"), other))[0] == 403
        assert await platform.post(query, body) == first
        platform.clock.advance(minutes=50)
        assert (await platform.post(platform.query("123456"), other))[0] == 200
    assert len(platform.desk.heard) == 2


async def test_safe_mode_lets_a_nonce_come_again() -> None:
    async with door(keys=(KEY,)) as platform:
        for number in (1, 2):
            again = platform.wrapped(seal(xml(text(number=number))), "77")
            assert (await platform.post(*again))[0] == 200
    assert len(platform.desk.heard) == 2


def shifted() -> tuple[str, str]:
    """What is sealed, and what is left of it without its first letters: another's message.

    A follower's text holds, at the right place, a length and the beginning of a message; the end
    of the real one completes it.
    """
    size, cut = 0xC480, 3 * 128  # the length's bytes are UTF-8; three times 96 bytes go
    room = size - len(xml(text("", FromUserName="oVictim")))
    whole = xml(text("x" * room, FromUserName="oVictim")).decode()
    head, tail = xml(text("|")).decode().split("|")
    filler = "x" * (cut * 3 // 4 + 16 - 20 - len(head))
    message = head + filler + "\0\0\u0100" + whole.removesuffix(tail) + tail
    while True:
        sealed = seal(message.encode())
        if "2" < sealed[0] < "Z" and "2" < sealed[cut] < "Z":
            return sealed, sealed[cut:]


async def test_signed_parts_cannot_change_places() -> None:
    """The signature joins its parts: letters moved from one to another must open nothing."""
    async with door(keys=(KEY,)) as platform:
        sealed, rest = shifted()
        query, _body = platform.wrapped(sealed, "2")
        query["nonce"] += sealed.removesuffix(rest)
        assert (await platform.post(query, xml({"Encrypt": rest})))[0] == 403
    assert platform.desk.heard == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"<xml>", b"<xml></xml>", b"<foo/>", b"{}", b"[]", b"{", b"null", b"\xff\xfe",
        b"<xml><FromUserName>o</FromUserName></xml>", b"<xml><a></b></xml>", b"\0" * 100,
        b"<xml><MsgType>text</MsgType><FromUserName>a b</FromUserName></xml>",
        xml(text(FromUserName="../../etc")), xml(text(FromUserName="o" * 65)),
        xml(text() | {"MsgType": ["text", "event"]}),
        xml(text() | {"FromUserName": {"deep": "o"}}),
        json.dumps(text() | {"FromUserName": None}).encode(),
        json.dumps(text() | {"FromUserName": 12}).encode()[:-1],
    ],
)  # fmt: skip
async def test_malformed_bodies(body: bytes) -> None:
    async with door() as plain, door(keys=(KEY,)) as safe:
        assert (await plain.post(plain.query(), body))[0] == 400
        assert (await safe.post(safe.query(encrypt_type="aes"), body))[0] == 400
        # What the platform itself sealed would only come again.
        assert await safe.post(*safe.sealed(body.decode("latin-1").encode())) == SUCCESS
    assert plain.desk.heard == safe.desk.heard == []


async def test_undecryptable_is_400() -> None:
    async with door(keys=(KEY,)) as platform:
        query, body = platform.sealed(xml(text()), appid="wxother")
        assert (await platform.post(query, body))[0] == 400
        whole = seal(xml(text()))
        short = "AAAA"
        zeros = "A" * 43 + "="
        for encrypt in (short, zeros, "!" * 44, whole[:-4], whole[4:], whole + "\n", "中文", " "):
            assert (await platform.post(*platform.wrapped(encrypt)))[0] == 400, encrypt
    assert platform.desk.heard == []


async def test_wrongly_padded_is_400() -> None:
    key = base64.b64decode(KEY + "=")
    message = xml(text())
    full = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + APPID.encode()

    def sealed(data: bytes) -> str:
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()

    rest = 32 - len(full) % 32
    pads = {
        bytes((rest,)) * rest: 200,
        b"\0" * rest: 400,
        b"\0" * (rest - 1) + bytes((rest,)): 400 if rest > 1 else 200,
        bytes((rest + 32,)) * (rest + 32): 400,
        bytes((33,)) * rest: 400,
        b"\xff" * rest: 400,
    }
    async with door(keys=(KEY,)) as platform:
        for pad, status in pads.items():
            assert (await platform.post(*platform.wrapped(sealed(full + pad))))[0] == status
        for length in (0, 1, len(message) + 1, 2**31, 2**32 - 1):
            lying = full[:16] + length.to_bytes(4, "big") + full[20:] + bytes((rest,)) * rest
            assert (await platform.post(*platform.wrapped(sealed(lying))))[0] == 400
    assert len(platform.desk.heard) == 1


async def test_faults_are_success() -> None:
    async def broken(heard: Heard) -> Answer | None:
        raise RuntimeError(heard.words)

    async with door(broken) as platform:
        assert await platform.plain(text()) == SUCCESS
        assert await platform.plain(text()) == SUCCESS
    assert len(platform.desk.heard) == 2  # forgotten, so tried again


async def test_an_answer_that_cannot_be_rendered_is_success_and_handed_on() -> None:
    async def odd(heard: Heard) -> Answer | None:
        return answer("", card=["no", "mapping"])

    async with door(odd) as platform:
        assert await platform.plain(text()) == SUCCESS
    assert len(platform.desk.late) == 1


async def test_too_large() -> None:
    async with door() as platform:
        most = 256 * 1024
        room = most - len(xml(text("", number=100_000)))
        for extra, status in ((-1, 200), (0, 200), (1, 413), (100_000, 413)):
            body = xml(text("x" * (room + extra), number=200_000 + extra))
            assert len(body) == most + extra
            assert (await platform.post(platform.query(), body))[0] == status
            platform.clock.advance(seconds=1)
    assert len(platform.desk.heard) == 2


async def test_too_large_in_chunks_without_length() -> None:
    async with door() as platform:

        async def endless(size: int) -> Any:
            yield b"<xml><Content>"
            for _ in range(size // 8192):
                yield b"x" * 8192

        for size in (300_000, 2_000_000):
            query = platform.query()
            assert (await platform.post(query, endless(size)))[0] == 413
        pieces = xml(text())

        async def slowly() -> Any:
            for at in range(0, len(pieces), 50):
                yield pieces[at : at + 50]
                await asyncio.sleep(0)

        assert (await platform.post(platform.query(), slowly()))[0] == 200
    assert len(platform.desk.heard) == 1


async def raw(platform: Platform, request: bytes, *, close: bool = False) -> bytes:
    """The first bytes that come back for bytes on the wire."""
    reader, writer = await asyncio.open_connection("127.0.0.1", platform.port)
    writer.write(request)
    if close:
        writer.close()
        return b""
    got = await asyncio.wait_for(reader.read(65536), 3)
    writer.close()
    return got


def post(platform: Platform, length: int | str, body: bytes, *headers: str) -> bytes:
    query = "&".join(f"{name}={value}" for name, value in platform.query().items())
    lines = [f"POST /wechat?{query} HTTP/1.1", "Host: x", f"Content-Length: {length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_lying_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.wechat.webhook.SLOWEST", 0.1)
    async with door() as platform:
        body = xml(text())
        for length, status in (
            (len(body), b" 200 "),
            (10**9, b" 413 "),
            (len(body) + 5, b" 400 "),  # and then nothing comes
            (len(body) - 5, b" 400 "),
            (-5, b" 400 "),
            ("1e3", b" 400 "),
        ):
            got = await raw(platform, post(platform, length, body))
            assert status in got[:16], (length, got)
        await raw(platform, post(platform, len(body) + 100, body), close=True)
    assert len(platform.desk.heard) == 1


async def test_compressed_bodies_are_refused() -> None:
    async with door() as platform:
        bomb = zlib.compress(b"<xml>" + b"x" * 50_000_000)
        got = await raw(platform, post(platform, len(bomb), bomb, "Content-Encoding: deflate"))
    assert got[8:13] in {b" 400 ", b" 413 "}
    assert platform.desk.heard == []


async def test_odd_queries() -> None:
    async with door() as platform:
        for query in ("%ff%fe=%00&nonce=%ed%a0%80", "&&&=", "signature[]=1", "a=" * 2000, "%"):
            line = f"POST /wechat?{query} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            got = await raw(platform, line.encode())
            assert got[8:13] in {b" 403 ", b" 400 "}, got


async def test_what_wechatpy_reads_is_heard_alike() -> None:
    async with door() as platform:
        bodies = [text(), text("]]> & <b>", number=8), event("CLICK", EventKey="find")]
        for fields in bodies:
            await platform.plain(fields)
            oracle = parse_message(xml(fields))
            heard = platform.desk.heard[-1]
            assert heard.openid == oracle.source
            assert heard.words == getattr(oracle, "content", None) or oracle.key
