"""How personal data is locked: a key per person, wrapped by the account's one key.

Destroying the person's key is forgetting: what it sealed can never be read again, in the
database, its log or any copy of either. AES-256-GCM throughout; every ciphertext is bound to what
it is about, so none can be moved to another row.
"""

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12


class Unopenable(ValueError):  # noqa: N818 - a state of the data
    """The key is another one, or the bytes were changed or moved."""


@lru_cache(maxsize=64)
def derive(secret: bytes, use: str) -> bytes:
    """A key for one use only, from a key of 32 bytes."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=use.encode()).derive(secret)


def new_key() -> bytes:
    """A fresh key."""
    return AESGCM.generate_key(8 * KEY_BYTES)


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """Encrypt, bound to what it is about: nonce and ciphertext in one."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """Decrypt what `seal` made; raises Unopenable."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, about.encode())
    except (InvalidTag, ValueError):
        raise Unopenable(about) from None


def wrap(secret: bytes, key: bytes, about: str) -> bytes:
    """Lock a key with the account's key."""
    return seal(derive(secret, "wrap"), key, about)


def unwrap(secret: bytes, wrapped: bytes, about: str) -> bytes:
    """The key again; raises Unopenable."""
    return unseal(derive(secret, "wrap"), wrapped, about)


def rewrap(old: bytes, new: bytes, wrapped: bytes, about: str) -> bytes:
    """The same key under another account key; what it sealed stays as it is."""
    return wrap(new, unwrap(old, wrapped, about), about)


def hashed(secret: bytes, kind: str, value: str) -> str:
    """A keyed hash by which a value is found again without being kept; 64 hexadecimal digits."""
    return hmac.digest(derive(secret, "find"), f"{kind}:{value}".encode(), "sha256").hex()


def mask_name(name: str) -> str:
    """The first character, a star for each of the others."""
    return name[:1] + "*" * max(1, len(name) - 1)


def mask_phone(phone: str) -> str:
    """Three digits, four stars, four digits; shorter numbers keep their last two."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * 4 + phone[-2:]


def mask_email(email: str) -> str:
    """The first character and the domain."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"
