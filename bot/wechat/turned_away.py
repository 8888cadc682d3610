"""Why the door stays shut, each reason with the status that it is answered with.

TurnedAway
├── Forbidden       403  nothing shows that the platform sent this
│   ├── BadSignature      signature missing, malformed or wrong
│   ├── Stale             signed more than ten minutes ago, or ahead
│   ├── Downgrade         plain where an AES key is set
│   └── Reused            a nonce again, with another body (plain mode)
├── Malformed       400  signed, but can't be read
│   ├── Unreadable        neither XML nor JSON of the platform's shape
│   └── Undecryptable     not sealed with our keys, or not for our account
├── Senseless       200  sealed by the platform itself, yet no message we know: it would only
│                        come again, so it is answered `success`
└── TooLarge        413  more than the door reads
"""

from typing import ClassVar


class TurnedAway(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The door stays shut; `status` is what the other side is told."""

    status: ClassVar[int]


class Forbidden(TurnedAway):
    """Nothing shows that the platform sent this."""

    status = 403


class BadSignature(Forbidden):
    """The signature is missing, malformed or wrong."""


class Stale(Forbidden):
    """Signed more than ten minutes ago, or ahead."""


class Downgrade(Forbidden):
    """Plain where an AES key is set."""


class Reused(Forbidden):
    """A nonce came again with another body."""


class Malformed(TurnedAway):
    """Signed, but can't be read."""

    status = 400


class Unreadable(Malformed):
    """Neither XML nor JSON of the platform's shape."""


class Undecryptable(Malformed):
    """Not sealed with our keys, or not for our account."""


class Senseless(TurnedAway):
    """Sealed by the platform, yet no message we know."""

    status = 200


class TooLarge(TurnedAway):
    """More than the door reads."""

    status = 413
