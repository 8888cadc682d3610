"""The platform's encryption by hand on `cryptography`: half of wechatpy's time, and strict.

AES-256-CBC under a key of 43 base64 letters, its first half as the vector; within, sixteen random
bytes, the message's length in four, the message, the appid; PKCS7 to blocks of 32. The random
bytes make equal messages unlike each other, so they come from the system's generator (wechatpy
takes them from `random`), and the padding is checked whole (wechatpy trusts its last byte).
"""

import re
from base64 import b64decode
from binascii import Error, a2b_base64, b2a_base64
from hmac import compare_digest
from os import urandom

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.wechat.turned_away import Undecryptable

BLOCK = 32
HEAD = 20
"""Random bytes and length before the message."""
AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class Seal:
    """One AES key of one account."""

    __slots__ = ("_appid", "_cipher")

    def __init__(self, key: str, appid: str) -> None:
        """Raises ValueError for a key that is none, or without an account to bind to."""
        if not AES_KEY.fullmatch(key):
            raise ValueError("an AES key has 43 letters and digits")
        if not appid:
            raise ValueError("an AES key needs the account's appid")
        secret = b64decode(key + "=")
        self._cipher = Cipher(AES(secret), CBC(secret[:16]))
        self._appid = appid.encode()

    def open(self, sealed: str) -> bytes:
        """The message within. Raises Undecryptable."""
        padded = self._decrypt(sealed)
        padding = padded[-1]
        if not 1 <= padding <= BLOCK or not padded.endswith(bytes((padding,)) * padding):
            raise Undecryptable("padding")
        end = HEAD + int.from_bytes(padded[16:HEAD], "big")
        if not compare_digest(padded[end : len(padded) - padding], self._appid):
            raise Undecryptable("length or account")
        return padded[HEAD:end]

    def close(self, message: bytes, random: bytes | None = None) -> str:
        """Seal a message; `random` (sixteen bytes) is for published vectors alone."""
        # Printable, twelve random bytes in sixteen letters: some receivers take them for text.
        first = random or b2a_base64(urandom(12), newline=False)
        full = b"".join((first, len(message).to_bytes(4, "big"), message, self._appid))
        padding = BLOCK - len(full) % BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(full + bytes((padding,)) * padding) + encryptor.finalize()
        return b2a_base64(sealed, newline=False).decode("ascii")

    def _decrypt(self, sealed: str) -> bytes:
        try:
            raw = a2b_base64(sealed.encode("ascii"), strict_mode=True)
        except (Error, UnicodeEncodeError) as error:
            raise Undecryptable("not base64") from error
        if not raw or len(raw) % BLOCK:
            raise Undecryptable("not whole blocks")
        decryptor = self._cipher.decryptor()
        return decryptor.update(raw) + decryptor.finalize()
