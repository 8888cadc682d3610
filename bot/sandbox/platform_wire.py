"""How the platform writes to the door and reads its replies: signatures, encryption, XML and JSON.

The encryption is wechatpy's, not the door's own: each checks the other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException

from bot.sandbox.platform_account import Account, Mode

Json = dict[str, Any]
SILENCE = ("", "success")


class Malformed(Exception):  # noqa: N818 - a finding
    """A reply that the platform cannot use."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One request to the door."""

    query: Mapping[str, str]
    body: str
    plain: str


def signature(*words: str) -> str:
    """SHA-1 over the words in order of their bytes (wechat-platform.md 2.1)."""
    return hashlib.sha1("".join(sorted(words)).encode(), usedforsecurity=False).hexdigest()


def write(account: Account, message: Mapping[str, Any], timestamp: str, nonce: str) -> Letter:
    """A message as it goes to the door in the account's mode."""
    openid = str(message["FromUserName"])
    plain = json.dumps(message, ensure_ascii=False) if account.json else xml(message)
    query = {
        "signature": signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": openid,
    }
    if account.mode is Mode.PLAIN:
        return Letter(query, plain, plain)
    sealed = _crypto(account).encrypt(plain, account.appid).decode()
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signature(account.token, timestamp, nonce, sealed)
    shown = message if account.mode is Mode.COMPATIBLE else {"ToUserName": message["ToUserName"]}
    both = {**shown, "Encrypt": sealed}
    body = json.dumps(both, ensure_ascii=False) if account.json else xml(both)
    return Letter(query, body, plain)


def read(account: Account, openid: str, reply: str) -> tuple[str, Json | None]:
    """A reply: what it says when decrypted, and parsed; None for silence. Raises Malformed."""
    if reply in SILENCE:
        return reply, None
    outer = _parsed(reply)
    plain = _opened(account, outer) if "Encrypt" in outer else reply
    if account.mode is Mode.SAFE and "Encrypt" not in outer:
        raise Malformed("a plain reply in safe mode")
    message = _parsed(plain)
    if message.get("ToUserName") != openid or message.get("FromUserName") != account.name:
        raise Malformed("to or from somebody else")
    if not message.get("MsgType") or not str(message.get("CreateTime", "")).isdigit():
        raise Malformed("MsgType or CreateTime")
    return plain, message


def _crypto(account: Account) -> Any:  # noqa: ANN401 - wechatpy is not typed
    return PrpCrypto(WeChatCrypto(account.token, account.aes_key, account.appid).key)


def _opened(account: Account, outer: Json) -> str:
    crypto = WeChatCrypto(account.token, account.aes_key, account.appid)
    try:
        opened: str = crypto.decrypt_message(
            outer, outer["MsgSignature"], str(outer["TimeStamp"]), str(outer["Nonce"])
        )
    except (WeChatException, KeyError, ValueError) as error:
        raise Malformed(f"cannot be decrypted: {type(error).__name__}") from None
    return opened


def _parsed(text: str) -> Json:
    try:
        told = json.loads(text) if text.startswith("{") else xmltodict.parse(text).get("xml")
    except (ExpatError, ValueError) as error:
        raise Malformed(type(error).__name__) from None
    if not isinstance(told, dict):
        raise Malformed("neither XML nor JSON of a message")
    return told


def xml(message: Mapping[str, Any]) -> str:
    """A message as XML, words in CDATA."""
    return f"<xml>{_inner(message)}</xml>"


def _inner(things: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_value(one)}</{name}>"
        for name, value in things.items()
        for one in (value if isinstance(value, list | tuple) else [value])
    )


def _value(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return _inner(value)
    if isinstance(value, int | float):
        return escape(str(value))
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"
