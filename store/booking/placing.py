"""Putting a booking's row in place, with what it occupies and what is to be told of it.

These statements are the hottest that write, so they run as a script (store/script.py).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from store.base import microseconds
from store.booking.table import Booking
from store.errors import Refused
from store.event import Event, keep, note, writing
from store.policies import Policy, in_force
from store.script import Script, Statement, run_in, to_json

Columns = Mapping[str, Any]


@dataclass(eq=False)
class Unlisted(Refused):
    """The instrument takes no bookings: paused, withdrawn, or none at all."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What the database filled in."""

    id: int
    organisation_id: int
    policy_id: int


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """Why no row was put in place."""

    overlapping: bool
    """Else the token is used, or the instrument takes no bookings."""


KINDS = {
    "token": "text",
    "origin_id": "bigint",
    "replaces_id": "bigint",
    "instrument_id": "bigint",
    "person_id": "bigint",
    "employer_id": "bigint",
    "group": "text",
    "mode": "text",
    "cooperation": "text",
    "status": "text",
    "starts_at": "bigint",
    "ends_at": "bigint",
    "samples": "bigint",
    "sample_words": "text",
    "purpose": "text",
    "estimate_fen": "bigint",
    "price": "json",
    "voucher_id": "bigint",
    "voucher_fen": "bigint",
    "requested_at": "bigint",
    "hold_until": "bigint",
    "answer_by": "bigint",
    "answered_at": "bigint",
    "decided_by": "bigint",
    "free_until": "bigint",
    "reason": "text",
    "changed_at": "bigint",
}
"""The columns that are given, and their types in a batch."""
_EMPTY = dict.fromkeys(KINDS) | {"late": False, "version": 1}
_NAMES = ", ".join(KINDS).replace("group", "user_group")
_GIVEN = f"batch.{_NAMES.replace(', ', ', batch.')}"
_INSERT = f"""
with batch({_NAMES}, region, hash) as (ROWS)
insert into booking ({_NAMES}, organisation_id, policy_id, late, version)
select {_GIVEN}, i.organisation_id, p.id, false, 1
  from batch
  join instrument i on i.id = batch.instrument_id and i.status = 'listed'
  join policy_version p on p.region = batch.region and p.hash = batch.hash
 where true
on conflict do nothing
returning id, organisation_id, policy_id
"""  # noqa: S608 - names of our own
OCCUPY = """
with batch(instrument_id, starts_at, ends_at, booking_id, outage_id) as (ROWS)
insert into occupation (instrument_id, starts_at, ends_at, booking_id, outage_id)
select instrument_id, starts_at, ends_at, booking_id, outage_id from batch
 where not exists (
       select 1 from occupation o
        where o.instrument_id = batch.instrument_id
          and o.ends_at > batch.starts_at and o.starts_at < batch.ends_at)
on conflict do nothing
returning id
"""
_TAKE_BACK = """
with batch(id) as (ROWS)
delete from booking where id in (select id from batch) returning id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A row to put in place: its columns but for those that the database fills in."""

    columns: Columns
    verb: str
    """What is told of it."""
    actor_id: int | None
    facts: Mapping[str, Any]
    blocked: tuple[datetime, datetime] | None
    """The period with its buffers; nothing where no time of the instrument is taken."""


async def put(session: AsyncSession, place: Place, policy: Policy) -> Booking | NotPlaced:
    """Insert the row, what it occupies and its event; or nothing at all, and say why."""
    placed = await run_in(session, _script(place, policy))
    if placed == NotPlaced(overlapping=False):  # perhaps a policy's first booking of all
        await in_force(session, policy, place.columns["changed_at"])
        placed = await run_in(session, _script(place, policy))
    if isinstance(placed, NotPlaced):
        return placed
    note(session, _event(place, placed))
    booking = _loaded(session, place, placed)
    keep(session, booking)
    return booking


def _script(place: Place, policy: Policy) -> Script[Placed | NotPlaced]:
    row = (*(_encoded(place.columns.get(name)) for name in KINDS), policy.code, policy.hash)
    made = yield Statement(_INSERT, (*KINDS.values(), "text", "text"), [row])
    if not made:
        return NotPlaced(overlapping=False)
    placed = Placed(*made[0])
    if place.blocked is not None:
        blocked = [microseconds(moment) for moment in place.blocked]
        span = (place.columns["instrument_id"], *blocked, placed.id, None)
        if not (yield Statement(OCCUPY, ("bigint",) * 5, [span])):
            yield Statement(_TAKE_BACK, ("bigint",), [(placed.id,)])
            return NotPlaced(overlapping=True)
    yield writing([_event(place, placed)])
    return placed


def _event(place: Place, placed: Placed) -> Event:
    at = place.columns["changed_at"]
    return Event("booking", placed.id, place.verb, 1, at, place.actor_id, place.facts)


def _encoded(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, datetime):
        return microseconds(value)
    if isinstance(value, StrEnum):
        return value.value
    return to_json(value) if isinstance(value, Mapping) else value


def _loaded(session: AsyncSession, place: Place, placed: Placed) -> Booking:
    """The row as if read again: all of it is known."""
    booking = Booking()
    vars(booking).update(_EMPTY, **place.columns, **asdict(placed))
    make_transient_to_detached(booking)
    session.add(booking)
    return booking
