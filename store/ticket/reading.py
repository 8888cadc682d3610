"""Who may see a ticket, what was said of it, and which wait for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store import personal, privacy
from store.organisation import Organisation
from store.person import Grant, Role
from store.ticket.table import LIVE, WAITING, Kind, Side, Status, Ticket, TicketMatch, TicketWord

SERVES = frozenset({Role.KEEPER, Role.REPRESENTATIVE})
RULES = frozenset({Role.BUREAU, Role.SECRETARIAT})


@dataclass(frozen=True, slots=True)
class Word:
    """What was said, by which side, when; `text` is None once its author is forgotten."""

    side: Side
    organisation_id: int | None
    at: datetime
    text: str | None


async def find(session: AsyncSession, number: int) -> Ticket | None:
    """A ticket by its number, as it stands now."""
    return await session.get(Ticket, number, populate_existing=True)


async def sides(
    session: AsyncSession, ticket: Ticket, person_id: int, grants: Iterable[Grant]
) -> frozenset[Side]:
    """As what a person may speak; none at all: to them the ticket does not exist.

    Nobody answers or settles what they brought up themselves.
    """
    if ticket.person_id == person_id:
        return frozenset({Side.USER})
    worn, held = set[Side](), list(grants)
    if await serving(session, ticket, held):
        worn.add(Side.ANSWERER)
    if any(grant.role in RULES for grant in held) and await _in_reach(session, ticket, held):
        worn.add(Side.BUREAU)
    return frozenset(worn)


async def serving(session: AsyncSession, ticket: Ticket, grants: Iterable[Grant]) -> int | None:
    """The organisation for which the holder of these roles may answer, if any."""
    own = {grant.organisation_id for grant in grants if grant.role in SERVES}
    if ticket.organisation_id in own and ticket.organisation_id is not None:
        return ticket.organisation_id
    if ticket.kind is not Kind.DEMAND:
        return None
    fitting = select(TicketMatch.organisation_id).where(
        TicketMatch.ticket_id == ticket.id,
        TicketMatch.organisation_id.in_([number for number in own if number is not None]),
    )
    return await session.scalar(fitting.limit(1))


async def _in_reach(session: AsyncSession, ticket: Ticket, grants: Iterable[Grant]) -> bool:
    counties = {grant.county_id for grant in grants if grant.role in RULES}
    if None in counties or ticket.organisation_id is None:
        return True
    its = select(Organisation.county_id).where(Organisation.id == ticket.organisation_id)
    return await session.scalar(its) in counties


async def words(session: AsyncSession, secret: bytes, ticket: Ticket) -> list[Word]:
    """All that was said, oldest first."""
    of_it = TicketWord.ticket_id == ticket.id
    rows = (await session.scalars(select(TicketWord).where(of_it).order_by(TicketWord.id))).all()
    return [await _opened(session, secret, row) for row in rows]


async def last_words(
    session: AsyncSession, secret: bytes, ticket: Ticket, side: Side
) -> Word | None:
    """What one side said last."""
    of_it = (TicketWord.ticket_id == ticket.id) & (TicketWord.side == side)
    query = select(TicketWord).where(of_it).order_by(TicketWord.id.desc()).limit(1)
    row = (await session.scalars(query)).one_or_none()
    return None if row is None else await _opened(session, secret, row)


async def _opened(session: AsyncSession, secret: bytes, row: TicketWord) -> Word:
    key = await personal.key_if_any(session, secret, row.author_id)
    text = None if key is None else unsealed(key, row)
    return Word(row.side, row.organisation_id, row.at, text)


def about(ticket_id: int) -> str:
    """What sealed words are bound to."""
    return f"ticket:{ticket_id}"


def unsealed(key: bytes, row: TicketWord) -> str:
    """The words of a row, under its author's key."""
    derived = privacy.derive(key, "ticket")
    return privacy.unseal(derived, row.sealed, about(row.ticket_id)).decode()


async def mine(session: AsyncSession, person_id: int, limit: int = 40) -> Sequence[Ticket]:
    """A person's own, live ones first, newest first."""
    query = select(Ticket).where(Ticket.person_id == person_id)
    newest = query.order_by(Ticket.status.in_(LIVE).desc(), Ticket.id.desc())
    return (await session.scalars(newest.limit(limit))).all()


async def owed(session: AsyncSession, grants: Iterable[Grant], limit: int = 40) -> Sequence[Ticket]:
    """Those that wait for the holder of these roles, the most urgent first."""
    held = list(grants)
    own = {grant.organisation_id for grant in held if grant.role in SERVES} - {None}
    counties = {grant.county_id for grant in held if grant.role in RULES}
    waiting: list[ColumnElement[bool]] = []
    if own:
        waiting.append((Ticket.status == Status.OPEN) & _theirs(own))
    if counties:
        waiting.append((Ticket.status == Status.AT_BUREAU) & _within(counties))
    if not waiting:
        return []
    query = select(Ticket).where(or_(*waiting)).order_by(Ticket.answer_by, Ticket.id)
    return (await session.scalars(query.limit(limit))).all()


async def board(
    session: AsyncSession, organisations: Iterable[int], limit: int = 40
) -> Sequence[Ticket]:
    """Demands that these organisations could serve, newest first, whoever answered already."""
    live = Ticket.status.in_((Status.OPEN, Status.ANSWERED, Status.AT_BUREAU))
    query = select(Ticket).where(Ticket.kind == Kind.DEMAND, live, _matched(set(organisations)))
    return (await session.scalars(query.order_by(Ticket.id.desc()).limit(limit))).all()


async def matched(session: AsyncSession, ticket_id: int) -> list[int]:
    """The organisations that could serve a demand."""
    its = TicketMatch.ticket_id == ticket_id
    return list(await session.scalars(select(TicketMatch.organisation_id).where(its)))


async def escalated(session: AsyncSession, now: datetime, limit: int = 200) -> Sequence[Ticket]:
    """Those whose next word is overdue, to be moved here and by nobody else meanwhile."""
    late = (Ticket.answer_by <= now) & Ticket.status.in_((Status.OPEN, Status.ANSWERED))
    query = select(Ticket).where(late).order_by(Ticket.answer_by).limit(limit)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def objecting(session: AsyncSession, booking_id: int) -> Sequence[Ticket]:
    """Live objections to the fee of a booking's row."""
    of_it = (Ticket.booking_id == booking_id) & (Ticket.kind == Kind.FEE)
    return (await session.scalars(select(Ticket).where(of_it, Ticket.status.in_(LIVE)))).all()


def _theirs(own: set[int | None]) -> ColumnElement[bool]:
    return or_(Ticket.organisation_id.in_(own), _matched(own))


def _matched(own: set[int] | set[int | None]) -> ColumnElement[bool]:
    fits = and_(TicketMatch.ticket_id == Ticket.id, TicketMatch.organisation_id.in_(own))
    return exists().where(fits)


def _within(counties: set[int | None]) -> ColumnElement[bool]:
    if None in counties:
        return Ticket.status.in_(WAITING)
    its = select(Organisation.county_id).where(Organisation.id == Ticket.organisation_id)
    return or_(Ticket.organisation_id.is_(None), its.scalar_subquery().in_(counties))
