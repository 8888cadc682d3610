"""Prepared requests: text messages signed (and sealed) as the platform would, for wrk."""

import hashlib
import random
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from wechatpy.crypto import WeChatCrypto

TOKEN = "bench-token"
APPID = "wx0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
FOLLOWERS = 2_000


def openid(number: int) -> str:
    """The openid of the n-th follower."""
    return f"o{number:027d}"


def zipf(questions: list[str], count: int, rng: random.Random) -> Iterator[str]:
    """Draw questions as people do: the n-th in favour 1/n as often as the first."""
    weights = [1 / rank for rank in range(1, len(questions) + 1)]
    yield from rng.choices(questions, weights, k=count)


def write(path: Path, questions: Iterable[str], *, safe: bool) -> int:
    """Write one signed request a line; return how many."""
    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID) if safe else None
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, question in enumerate(questions, 1):
            file.write(_line(question, count, crypto) + "\n")
    return count


def signed(words: str, follower: int, number: int) -> str:
    """One message of a follower in plain mode: the path, a blank, the body."""
    return _line(words, follower + number * FOLLOWERS, None)


def _line(question: str, number: int, crypto: WeChatCrypto | None) -> str:
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    who = openid(number % FOLLOWERS)
    message = time.time_ns()  # of 64 bits and growing with time, like the platform's
    xml = (
        f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[{who}]]>"
        f"</FromUserName><CreateTime>{stamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{question}]]></Content><MsgId>{message}</MsgId></xml>"
    )
    query = f"/wechat?signature={_sign(stamp, nonce)}&timestamp={stamp}&nonce={nonce}&openid={who}"
    if crypto is None:
        return f"{query} {xml}"
    sealed = crypto.encrypt_message(xml, nonce, stamp).replace("\n", "")
    encrypt = sealed.split("<Encrypt><![CDATA[", 1)[1].split("]]>", 1)[0]
    query += f"&encrypt_type=aes&msg_signature={_sign(stamp, nonce, encrypt)}"
    return (
        f"{query} <xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
    )


def _sign(*parts: str) -> str:
    return hashlib.sha1(
        "".join(sorted((TOKEN, *parts))).encode(), usedforsecurity=False
    ).hexdigest()
