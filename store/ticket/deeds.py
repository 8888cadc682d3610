"""What is done with a ticket: opened, added to, answered, escalated, accepted, ended by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from store import audit, event, personal, policies, privacy
from store.errors import Refused
from store.event import Event
from store.lifecycle import NotNow
from store.missing import insert_missing
from store.policies import Policy
from store.ticket.reading import about, escalated, objecting
from store.ticket.table import LIFECYCLE, LIVE, Kind, Side, Status, Ticket, TicketMatch, TicketWord
from store.workdays import due

LONGEST = 500
MOST_MATCHES = 20
STRAIGHT = frozenset({Kind.SUGGESTION, Kind.HELP})
"""What only the bureau can answer."""


@dataclass(eq=False)
class NoSuchTicket(Refused):
    """The number is no ticket's, or not one the asker may see."""

    number: str


@dataclass(eq=False)
class WordsMissing(Refused):
    """A word is needed, of at most so many characters."""

    longest: int


@dataclass(eq=False)
class NothingToAdd(Refused):
    """The ticket is closed."""

    number: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What somebody wants, in their words, and what it is about."""

    kind: Kind
    text: str
    person_id: int
    organisation_id: int | None = None
    instrument_id: int | None = None
    booking_id: int | None = None
    matches: Sequence[tuple[int, int]] = ()
    """Who could serve a demand: organisation, and by which instrument."""


@dataclass(frozen=True, slots=True)
class By:
    """Who speaks, as what, and for which organisation."""

    person_id: int
    side: Side
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """The moment in which something is done: the unit of work, the account's key, rules, clock."""

    session: AsyncSession
    secret: bytes
    policy: Policy
    now: datetime


async def open_ticket(here: Here, matter: Matter) -> Ticket:
    """Keep a matter, and say until when it is answered; raises WordsMissing."""
    session, policy, now = here.session, here.policy, here.now
    text = said(matter.text)
    ticket = Ticket(
        kind=matter.kind,
        status=first_status(matter, policy),
        person_id=matter.person_id,
        organisation_id=matter.organisation_id,
        instrument_id=matter.instrument_id,
        booking_id=matter.booking_id,
        policy_id=await policies.in_force(session, policy, now),
        opened_at=now,
        answer_by=due(now, policy.ticket_answer.value),
        version=1,
        changed_at=now,
    )
    session.add(ticket)
    await session.flush()
    rows = [
        {"ticket_id": ticket.id, "organisation_id": organisation, "instrument_id": instrument}
        for organisation, instrument in dict(matter.matches[:MOST_MATCHES]).items()
    ]
    await insert_missing(session, TicketMatch, rows, ("ticket_id", "organisation_id"))
    await _keep(here, ticket, By(matter.person_id, Side.USER), text)
    await _happened(here, ticket, "open", matter.person_id)
    return ticket


def first_status(matter: Matter, policy: Policy) -> Status:
    """Who is to speak first: whoever can help, or the bureau."""
    if matter.kind is Kind.COMPLAINT:
        unit = policy.unit_answers_complaints.value and matter.organisation_id is not None
        return Status.OPEN if unit else Status.AT_BUREAU
    if matter.kind is Kind.DEMAND:
        return Status.OPEN if matter.matches else Status.AT_BUREAU
    straight = matter.kind in STRAIGHT or matter.organisation_id is None
    return Status.AT_BUREAU if straight else Status.OPEN


def said(words: str) -> str:
    """What somebody wrote, in one line's blanks; raises WordsMissing."""
    text = words.strip()
    if not 0 < len(text) <= LONGEST:
        raise WordsMissing(longest=LONGEST)
    return text


async def move(
    here: Here,
    ticket: Ticket,
    verb: str,
    by: By,
    *,
    text: str | None = None,
    score: int | None = None,
) -> Ticket:
    """Move it, with what is said about it; raises NotNow, NotYours, WordsMissing."""
    kept = None if text is None else said(text)
    await _swap(here, ticket, verb, by.side, score)
    if kept is not None:
        await _keep(here, ticket, by, kept)
    await _happened(here, ticket, verb, by.person_id)
    return ticket


async def add_words(here: Here, ticket: Ticket, by: By, text: str, *, verb: str = "add") -> Ticket:
    """Say more without moving it: `add`, or `offer` to serve what another has offered to serve.

    Raises NothingToAdd, WordsMissing.
    """
    if ticket.status not in LIVE:
        raise NothingToAdd(number=ticket.number)
    kept = said(text)
    await _set(here, ticket, {"changed_at": here.now})
    await _keep(here, ticket, by, kept)
    await _happened(here, ticket, verb, by.person_id)
    return ticket


async def sweep(session: AsyncSession, policy: Policy, now: datetime) -> int:
    """Hand what nobody answered to the bureau; close what its user left alone."""
    here = Here(session, b"", policy, now)
    rows = await escalated(session, now)
    for ticket in rows:
        verb = "overdue" if ticket.status is Status.OPEN else "lapse"
        await _swap(here, ticket, verb, "clock", None)
        await _happened(here, ticket, verb, None)
    return len(rows)


async def settle(session: AsyncSession, booking_id: int, policy: Policy, now: datetime) -> None:
    """The fee of a booking stands: nothing waits for a word on an objection to it any more."""
    here = Here(session, b"", policy, now)
    for ticket in await objecting(session, booking_id):
        await _swap(here, ticket, "settle", "clock", None)
        await _happened(here, ticket, "settle", None)


async def _swap(here: Here, ticket: Ticket, verb: str, by: str, score: int | None) -> None:
    arrow = LIFECYCLE.move(verb, ticket.status, frozenset({by}))
    new = Status(arrow.new)
    wait = here.policy.ticket_lapses if new is Status.ANSWERED else here.policy.ticket_answer
    by_when = due(here.now, wait.value)
    values: dict[str, object] = {"status": new, "answer_by": by_when, "changed_at": here.now}
    if new is Status.ANSWERED and ticket.answered_at is None:
        values["answered_at"] = here.now
    if score is not None:
        values["score"] = score
    await _set(here, ticket, values)


async def _set(here: Here, ticket: Ticket, values: dict[str, object]) -> None:
    """Compare and swap."""
    same = (Ticket.id == ticket.id) & (Ticket.version == ticket.version)
    swap = update(Ticket).where(same).values(version=Ticket.version + 1, **values)
    if (await here.session.execute(swap.returning(Ticket.id))).first() is None:
        raise NotNow(verb="swap", status=ticket.status)
    await here.session.refresh(ticket)


async def _keep(here: Here, ticket: Ticket, by: By, text: str) -> None:
    own = await personal.key_of(here.session, here.secret, by.person_id)
    word = TicketWord(
        ticket_id=ticket.id,
        author_id=by.person_id,
        organisation_id=by.organisation_id,
        side=by.side,
        at=here.now,
        sealed=privacy.seal(privacy.derive(own, "ticket"), text.encode(), about(ticket.id)),
    )
    here.session.add(word)
    await here.session.flush()


async def _happened(here: Here, ticket: Ticket, verb: str, actor_id: int | None) -> None:
    facts = {"kind": str(ticket.kind), "status": str(ticket.status)}
    happened = Event("ticket", ticket.id, verb, ticket.version, here.now, actor_id, facts)
    await event.record(here.session, happened)
    audit.record(here.session, actor_id, verb, f"ticket:{ticket.id}", facts, here.now)
