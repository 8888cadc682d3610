"""Seals and signatures beside wechatpy's; keys; what is remembered of nonces."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.wechat.envelope import NONCES, Envelope, Nonces
from bot.wechat.seal import Seal
from bot.wechat.turned_away import (
    Forbidden,
    Malformed,
    Reused,
    Senseless,
    TooLarge,
    TurnedAway,
    Undecryptable,
)
from tests.bot.wechat.pushing import APPID, KEY, OLD_KEY, TOKEN

ORACLE = PrpCrypto(base64.b64decode(KEY + "="))
SEAL = Seal(KEY, APPID)
MESSAGES = st.text(max_size=400) | st.text(max_size=40).map(lambda part: part * 99)


@given(MESSAGES)
def test_wechatpy_opens_what_we_seal(message: str) -> None:
    opened = ORACLE.decrypt(SEAL.close(message.encode()), APPID)
    assert (opened if isinstance(opened, str) else opened.decode()) == message


@given(MESSAGES)
def test_we_open_what_wechatpy_seals(message: str) -> None:
    assert SEAL.open(ORACLE.encrypt(message, APPID).decode()).decode() == message


@given(st.binary(max_size=200))
def test_round_trip_of_any_bytes(message: bytes) -> None:
    assert SEAL.open(SEAL.close(message)) == message


@given(
    st.text(max_size=200) | st.binary(max_size=96).map(lambda raw: base64.b64encode(raw).decode())
)
def test_nothing_else_opens(sealed: str) -> None:
    with pytest.raises(Undecryptable):
        SEAL.open(sealed)


def test_equal_messages_are_sealed_unlike() -> None:
    assert len({SEAL.close(b"x") for _ in range(100)}) == 100


def test_another_key_or_account_opens_nothing() -> None:
    for other in (Seal(OLD_KEY, APPID), Seal(KEY, "wxother"), Seal(KEY, APPID + "0")):
        for size in range(64):
            with pytest.raises(Undecryptable):
                other.open(SEAL.close(os.urandom(size)))


@given(*[st.text(st.characters(codec="utf-8"), max_size=30)] * 3)
def test_signatures_are_wechatpys(timestamp: str, nonce: str, sealed: str) -> None:
    signer = WeChatSigner()
    signer.add_data(TOKEN, timestamp, nonce, sealed)
    assert Envelope(TOKEN, APPID).sign(timestamp, nonce, sealed) == signer.signature


@pytest.mark.parametrize(
    "key", ["short", "A" * 42, "A" * 44, "A" * 42 + "=", "键" * 43, "A" * 43 + "\n"]
)
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(ValueError, match="AES key"):
        Envelope(TOKEN, APPID, key)
    with pytest.raises(ValueError, match="AES key"):
        Envelope(TOKEN, APPID, KEY, key)


def test_what_an_envelope_needs() -> None:
    with pytest.raises(ValueError, match="token"):
        Envelope("", APPID)
    with pytest.raises(ValueError, match="appid"):
        Envelope(TOKEN, "", KEY)
    # The last letter carries two bits too many; other implementations ignore them, so do we.
    assert WeChatCrypto(TOKEN, "A" * 42 + "B", APPID).key == base64.b64decode("A" * 43 + "=")
    assert Seal("A" * 42 + "B", APPID).open(Seal("A" * 43, APPID).close(b"x")) == b"x"


def test_nonces_live_for_twenty_minutes_at_least_and_forty_at_most() -> None:
    nonces = Nonces()
    for minute in range(200):
        nonces.admit(f"n{minute}", b"body", minute * 60.0)
        for known in range(max(0, minute - 20), minute):
            with pytest.raises(Reused):
                nonces.admit(f"n{known}", b"other", minute * 60.0)
        if minute > 42:
            fresh = Nonces()
            fresh._these, fresh._those = dict(nonces._these), dict(nonces._those)
            fresh._since = nonces._since
            fresh.admit(f"n{minute - 42}", b"other", minute * 60.0)


def test_nonces_take_bounded_space() -> None:
    nonces = Nonces()
    for number in range(3 * NONCES):
        nonces.admit(str(number), b"body", 1.0)
    assert len(nonces._these) + len(nonces._those) <= 2 * NONCES


def test_every_refusal_has_its_status() -> None:
    kinds = {kind: kind.status for kind in TurnedAway.__subclasses__()}
    assert kinds == {Forbidden: 403, Malformed: 400, Senseless: 200, TooLarge: 413}
    for kind in (*Forbidden.__subclasses__(), *Malformed.__subclasses__()):
        assert kind.status in {403, 400}
