"""Opening what the platform pushes and closing what it gets back: plain, compatible and safe mode.

Whoever has the token may sign; whoever has the AES key may seal. A request is opened by what it
says of itself (`encrypt_type`), with one exception: where a key is set, plain is refused, else
anyone who saw one plain address could speak in any follower's name. The reason is that the plain
signature covers only token, timestamp and nonce, never the body; so in plain mode a nonce is
remembered with its body and refused with another one. (In one process, for at least the twenty
minutes that its timestamp may be good; replicas and restarts need safe mode to be sure.)

In compatible mode the body carries the fields twice, in plain and sealed. With a key only the
sealed ones count, for only they are signed; without one, the message is a plain one.

A sealed body that can't be read has no signature over it to check; it is `Malformed` when its
address is signed and `BadSignature` when that is not. All refusals: `bot.wechat.turned_away`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha1
from hmac import compare_digest

from bot.wechat import body as bodies
from bot.wechat.body import Fields
from bot.wechat.seal import Seal
from bot.wechat.turned_away import (
    BadSignature,
    Downgrade,
    Reused,
    Senseless,
    Stale,
    TooLarge,
    Undecryptable,
    Unreadable,
)

Query = Mapping[str, str]

WINDOW = 600
"""Seconds that a timestamp may be off, either way."""
NONCES = 50_000
"""Nonces remembered in one generation (two are kept): about 10 MB."""
NONCE = re.compile(r"[!-~]{1,64}")
"""The signed parts are joined without separators, so that a long nonce could swallow the first
blocks of a sealed message and leave a follower's own words standing as a message from anyone.
Whole blocks in whole base64 groups are 128 letters: a nonce of 64 can't."""
MOMENT = re.compile(r"[1-9][0-9]{9}")
ECHO = 2048
"""Longest echostr answered."""
ECHOED = re.compile(rb"[ !-;=-z|}~]{1,128}")
"""What a sealed one may hold: nothing that begins XML or JSON."""

SPLIT = "]]]]><![CDATA[>"
SEALED_XML = (
    "<xml><Encrypt><![CDATA[%s]]></Encrypt><MsgSignature><![CDATA[%s]]></MsgSignature>"
    "<TimeStamp>%s</TimeStamp><Nonce><![CDATA[%s]]></Nonce></xml>"
)
SEALED_JSON = '{"Encrypt":"%s","MsgSignature":"%s","TimeStamp":%s,"Nonce":"%s"}'


class Nonces:
    """Remembers which body each nonce came with, for twenty minutes or more, in bounded space."""

    __slots__ = ("_since", "_these", "_those")

    def __init__(self) -> None:
        self._these: dict[str, bytes] = {}
        self._those: dict[str, bytes] = {}
        self._since = 0.0

    def admit(self, nonce: str, body: bytes, now: float) -> None:
        """Raise Reused if the nonce is known with another body."""
        # A timestamp may be ten minutes ahead, so its address is good for twenty.
        age = abs(now - self._since)
        if age > 2 * WINDOW or len(self._these) >= NONCES:
            self._those = self._these if age <= 4 * WINDOW else {}
            self._these, self._since = {}, now
        digest = blake2b(body, digest_size=16).digest()
        known = self._those.get(nonce) or self._these.setdefault(nonce, digest)
        if known != digest:
            raise Reused


@dataclass(frozen=True, slots=True)
class Opened:
    """A message out of its envelope, and what is needed to answer in the same way."""

    fields: Fields
    json: bool
    nonce: str
    seal: Seal | None
    """The key that opened it; None: it came in plain."""


class Envelope:
    """The account's token and keys: who may speak to it, and how it answers."""

    def __init__(
        self, token: str, appid: str, aes_key: str = "", previous_aes_key: str = ""
    ) -> None:
        """Raises ValueError for an empty token or a key that is none."""
        if not token:
            raise ValueError("without a token anyone may sign")
        self.appid = appid
        self._token = token
        self._seals = tuple(Seal(key, appid) for key in (aes_key, previous_aes_key) if key)
        self._nonces = Nonces()

    def sign(self, timestamp: str, nonce: str, sealed: str = "") -> str:
        """The platform's signature, over the sealed message too if there is one."""
        parts = sorted((self._token, timestamp, nonce, sealed))
        return sha1("".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    def verify(self, query: Query, now: datetime) -> str:
        """What to answer the platform's verification with. Raises TurnedAway."""
        echo = query.get("echostr", "")
        if len(echo) > ECHO:
            raise TooLarge
        sealed = query.get("encrypt_type") == "aes" or "signature" not in query
        self._check(query, "msg_signature" if sealed else "signature", echo if sealed else "")
        self._check_fresh(query, now.timestamp())
        return self._echo(echo) if sealed else echo

    def _echo(self, sealed: str) -> str:
        """What a sealed echostr holds: never a message, for whoever saw one go by could ask."""
        echo = self._unseal(sealed)[0]
        if not ECHOED.fullmatch(echo):
            raise Undecryptable("no echo")
        return echo.decode("ascii")

    def open(self, query: Query, body: bytes, now: datetime) -> Opened:
        """The message in a pushed body. Raises TurnedAway."""
        if self._seals:
            return self._open_sealed(query, body, now.timestamp())
        return self._open_plain(query, body, now.timestamp())

    def close(self, opened: Opened, reply: bytes, now: datetime) -> bytes:
        """The reply as it goes out: sealed with the key that opened the message, if one did."""
        if opened.seal is None:
            return reply
        sealed = opened.seal.close(reply)
        moment = str(int(now.timestamp()))
        signature = self.sign(moment, opened.nonce, sealed)
        form = SEALED_JSON if opened.json else SEALED_XML
        nonce = _quoted(opened.nonce) if opened.json else opened.nonce.replace("]]>", SPLIT)
        return (form % (sealed, signature, moment, nonce)).encode()

    def _open_plain(self, query: Query, body: bytes, now: float) -> Opened:
        self._check(query, "signature")
        self._check_fresh(query, now)
        nonce = query["nonce"]
        self._nonces.admit(nonce, body, now)
        return Opened(bodies.read(body), bodies.is_json(body), nonce, None)

    def _open_sealed(self, query: Query, body: bytes, now: float) -> Opened:
        if query.get("encrypt_type") != "aes":
            raise Downgrade
        sealed = self._sealed(query, body, now)
        self._check(query, "msg_signature", sealed)
        self._check_fresh(query, now)
        message, seal = self._unseal(sealed)
        try:
            return Opened(bodies.read(message), bodies.is_json(body), query["nonce"], seal)
        except Unreadable as error:
            raise Senseless from error

    def _sealed(self, query: Query, body: bytes, now: float) -> str:
        """The `Encrypt` of a body. Without one nothing signs the body, so the address must do."""
        try:
            return _encrypt(bodies.read(body))
        except Unreadable:
            self._check(query, "signature" if "signature" in query else "msg_signature")
            self._check_fresh(query, now)
            raise

    def _unseal(self, sealed: str) -> tuple[bytes, Seal]:
        """Open with the current key, or while keys are being changed with the previous one."""
        for seal in self._seals:
            try:
                return seal.open(sealed), seal
            except Undecryptable:
                continue
        raise Undecryptable

    def _check(self, query: Query, name: str, sealed: str = "") -> None:
        given = query.get(name, "").encode("utf-8", "replace")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not MOMENT.fullmatch(timestamp) or not NONCE.fullmatch(nonce):
            raise BadSignature
        if not compare_digest(given, self.sign(timestamp, nonce, sealed).encode()):
            raise BadSignature

    def _check_fresh(self, query: Query, now: float) -> None:
        if abs(now - int(query["timestamp"])) > WINDOW:
            raise Stale


def _encrypt(fields: Fields) -> str:
    sealed = fields.get("Encrypt")
    if type(sealed) is not str or not sealed:
        raise Unreadable("no Encrypt")
    return sealed


def _quoted(nonce: str) -> str:
    """A printable ASCII nonce within JSON's quotes."""
    return nonce.replace("\\", "\\\\").replace('"', '\\"')
