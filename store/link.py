"""One-time signed addresses: what a chat cannot carry goes through a page, once, for one person.

The address carries a number, its end and a signature over both, the person and the purpose. Seeing
the page uses nothing up (chats fetch previews); confirming does, by compare-and-swap. A download
may be repeated for some minutes after that, because phones ask twice.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from store import privacy
from store.base import Base, microseconds
from store.errors import Refused
from store.person import Person
from store.policies import Policy

TOKEN = re.compile(r"(?P<id>[\w-]{22})\.(?P<end>[0-9a-f]{6,9})\.(?P<sign>[\w-]{22})", re.ASCII)
SECOND = 1_000_000


class Purpose(StrEnum):
    """What an address is for."""

    OWN_DATA = "own_data"  #: fetch everything about oneself
    PROOF = "proof"  #: hand up a paper that shows for whom one works
    FILE = "file"  #: fetch one file
    REPORT = "report"  #: hand up what was found in somebody's samples
    USAGE = "usage"  #: fetch who used what, as a spreadsheet
    CONTRACT_PDF = "contract_pdf"  #: fetch a contract to print
    CONTRACT_WORD = "contract_word"  #: fetch a contract as Word has it
    VOUCHER = "voucher"  #: hand up a paper of a voucher's
    CALENDAR = "calendar"  #: look at bookings again and again, from a calendar


HANDED_UP = frozenset({Purpose.PROOF, Purpose.REPORT, Purpose.VOUCHER})
"""What an address takes in; the others give out."""


@dataclass(eq=False)
class LinkUnknown(Refused):
    """No such address was given out: mistyped, cut off or made up."""


@dataclass(eq=False)
class LinkExpired(Refused):
    """The address is too old."""


@dataclass(eq=False)
class LinkUsed(Refused):
    """The address has done what it was for."""


class SignedLink(Base):
    """One address given out."""

    __tablename__ = "signed_link"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[Purpose]
    subject: Mapped[str]
    """What it is about: `affiliation:3`, `file:7`, or nothing."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    repeat_until: Mapped[datetime | None]
    """Until when a download may be asked for again."""

    @property
    def subject_id(self) -> int:
        """The number in the subject."""
        return int(self.subject.partition(":")[2])


@dataclass(frozen=True, slots=True)
class Errand:
    """What an address is given out for."""

    purpose: Purpose
    person_id: int
    subject: str = ""


async def issue(
    session: AsyncSession, policy: Policy, secret: bytes, errand: Errand, now: datetime
) -> str:
    """Give out an address: the last part of `/f/…`."""
    lasting = errand.purpose is Purpose.CALENDAR
    valid = policy.calendar_valid if lasting else policy.link_valid
    row = SignedLink(
        id=_text(secrets.token_bytes(16)),
        person_id=errand.person_id,
        purpose=errand.purpose,
        subject=errand.subject,
        issued_at=now,
        expires_at=now + valid.value,
    )
    session.add(row)
    await session.flush()
    return _token(secret, row)


async def standing(
    session: AsyncSession, policy: Policy, secret: bytes, errand: Errand, now: datetime
) -> str:
    """The address that was given out for this and still holds for half its time, or a new one."""
    half = now + policy.calendar_valid.value / 2
    same = select(SignedLink).where(_for(errand), SignedLink.expires_at > half)
    row = (await session.scalars(same.order_by(SignedLink.expires_at.desc()).limit(1))).first()
    return _token(secret, row) if row else await issue(session, policy, secret, errand, now)


async def end(session: AsyncSession, errand: Errand) -> int:
    """Make the addresses given out for this unknown; how many."""
    gone = await session.execute(delete(SignedLink).where(_for(errand)).returning(SignedLink.id))
    return len(gone.all())


def _for(errand: Errand) -> ColumnElement[bool]:
    return and_(
        SignedLink.person_id == errand.person_id,
        SignedLink.purpose == errand.purpose,
        SignedLink.subject == errand.subject,
    )


async def look(session: AsyncSession, secret: bytes, token: str, now: datetime) -> SignedLink:
    """The row of an address that can still be used, or repeated. Raises Link… refusals."""
    row = await _signed(session, secret, token)
    if row.used_at is not None:
        if row.repeat_until is None or row.repeat_until <= now:
            raise LinkUsed
    elif row.expires_at <= now:
        raise LinkExpired
    return row


async def use(
    session: AsyncSession, policy: Policy, secret: bytes, token: str, now: datetime
) -> SignedLink:
    """Use an address up: once, whoever asks at the same time. Raises Link… refusals.

    A fetch may be confirmed again while it may be repeated; handing up may not.
    """
    row = await look(session, secret, token, now)
    if row.used_at is not None:
        return row
    repeats = None if row.purpose in HANDED_UP else now + policy.link_window.value
    unused = (SignedLink.id == row.id) & SignedLink.used_at.is_(None)
    used = update(SignedLink).where(unused).values(used_at=now, repeat_until=repeats)
    if (await session.execute(used.returning(SignedLink.id))).first() is None:
        raise LinkUsed
    await session.refresh(row)
    return row


async def revoke(session: AsyncSession, person_id: int) -> None:
    """Make a person's addresses unknown."""
    await session.execute(delete(SignedLink).where(SignedLink.person_id == person_id))


async def sweep(session: AsyncSession, policy: Policy, now: datetime) -> None:
    """Drop addresses a day after their end: until then they say why they no longer work."""
    old = now - 48 * policy.link_valid.value
    await session.execute(delete(SignedLink).where(SignedLink.expires_at < old))


async def _signed(session: AsyncSession, secret: bytes, token: str) -> SignedLink:
    parts = TOKEN.fullmatch(token)
    query = select(SignedLink).join(Person, Person.id == SignedLink.person_id)
    wanted = query.where(SignedLink.id == (parts["id"] if parts else ""))
    row = (await session.scalars(wanted.where(Person.forgotten_at.is_(None)))).first()
    expected = _token(secret, row) if row else ""
    if not hmac.compare_digest(expected.encode(), token.encode()) or row is None:
        raise LinkUnknown
    return row


def _token(secret: bytes, row: SignedLink) -> str:
    end = format(microseconds(row.expires_at) // SECOND, "x")
    signed = f"{row.id}|{end}|{row.person_id}|{row.purpose}|{row.subject}"
    sign = hmac.digest(privacy.derive(secret, "link"), signed.encode(), "sha256")[:16]
    return f"{row.id}.{end}.{_text(sign)}"


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
