"""`/c/….ics`: bookings as a calendar feed (RFC 5545), by a signed address that lasts.

The address says whose bookings, or which instrument's, and is taken back in chat. Nobody's name
and nobody's words stand in a feed.
"""

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from store import instrument, link, listing, person
from store.booking.feed import of_instrument, of_person
from store.booking.occupation import Outage
from store.booking.table import Booking, Status
from store.database import Database
from store.link import LinkExpired, LinkUnknown, LinkUsed, Purpose, SignedLink
from store.policies import Policy

if TYPE_CHECKING:
    from icalendar import Calendar, Event

AGAIN = timedelta(hours=1)
"""How often programs are asked to look."""
CERTAIN = {Status.REQUESTED: "TENTATIVE", Status.OFFERED: "TENTATIVE"}
NAMED = "instrument:"
"""The subject of an instrument's feed begins so."""


@cache
def words() -> dict[str, Any]:
    """The words of calendar.toml."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@dataclass(frozen=True)
class Calendars:
    """The feeds, and what they need."""

    database: Database
    policy: Policy
    secret: bytes
    address: str
    clock: Callable[[], datetime]

    def app(self) -> web.Application:
        """For `app.add_subapp("/c", …)`."""
        app = web.Application()
        app.add_routes([web.get("/{token:[^/]{1,80}}.ics", self.feed)])
        return app

    async def feed(self, request: web.Request) -> web.Response:
        """One feed; what a program has already is not sent again."""
        try:
            async with self.database.read() as session:
                token = request.match_info["token"]
                row = await link.look(session, self.secret, token, self.clock())
                body = (await self._calendar(session, row)).to_ical()
        except (LinkUnknown, LinkExpired, LinkUsed) as why:
            status = 404 if isinstance(why, LinkUnknown) else 410
            return web.Response(text=words()["unknown"], status=status, headers=CLOSED)
        tag = hashlib.sha256(body).hexdigest()[:32]
        headers = {**CLOSED, "ETag": f'"{tag}"'}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        shown = {"Content-Disposition": 'inline; filename="yixiang.ics"'}
        return web.Response(
            body=body, content_type="text/calendar", charset="utf-8", headers={**headers, **shown}
        )

    async def _calendar(self, session: AsyncSession, row: SignedLink) -> "Calendar":
        """What an address shows now. Raises LinkUnknown where it is no calendar's, or no more."""
        if row.purpose is not Purpose.CALENDAR:
            raise LinkUnknown
        if row.subject.startswith(NAMED):
            return await self._of_instrument(session, row)
        bookings = await of_person(session, row.person_id, self.clock())
        units = await instrument.several(session, [each.instrument_id for each in bookings])
        titles = {unit[0].id: unit for unit in units}
        events = [self._mine(each, titles[each.instrument_id]) for each in bookings]
        return self._made(words()["name"], events)

    async def _of_instrument(self, session: AsyncSession, row: SignedLink) -> "Calendar":
        """An instrument's times, for as long as the person looks after it."""
        unit = await instrument.load(session, row.subject_id)
        grants = await person.grants(session, row.person_id)
        if unit is None or "keeper" not in listing.hats(unit[0], grants):
            raise LinkUnknown
        bookings, outages = await of_instrument(session, unit[0].id, self.clock())
        events = [*map(self._theirs, bookings), *map(self._down, outages)]
        facts = {"instrument": unit[0].name, "number": f"YQ{unit[0].id}"}
        return self._made(words()["name_of_instrument"], events, **facts)

    def _made(self, name: str, events: Sequence["Event"], **facts: str) -> "Calendar":
        from icalendar import Calendar

        calendar = Calendar()
        calendar.add("prodid", f"-//{urlsplit(self.address).hostname}//yixiang//ZH")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", name.format(account=self.policy.names.account, **facts))
        calendar.add("refresh-interval", AGAIN, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        for event in events:
            calendar.add_component(event)
        return calendar

    def _mine(self, row: Booking, unit: instrument.Row) -> "Event":
        """A booking for its user."""
        number, first = f"YY{row.number}", unit[0]
        title = " ".join(filter(None, (first.name, first.model)))
        event = self._event(row, words()["mine"], instrument=title)
        place = first.address or unit[1].address or unit[1].name
        event.add("location", place)
        told = words()["description"].format(number=number, organisation=unit[1].name)
        event.add("description", told)
        return event

    def _theirs(self, row: Booking) -> "Event":
        """A booking for who looks after the instrument."""
        event = self._event(row, words()["theirs"])
        event.add("description", words()["to_keeper"].format(number=f"YY{row.number}"))
        return event

    def _event(self, row: Booking, summary: str, **facts: str) -> "Event":
        facts |= {"number": f"YY{row.number}", "status": words()["status"][row.status]}
        event = self._entry(f"yy{row.number}", row.starts_at, row.ends_at, row.changed_at)
        event.add("summary", summary.format(**facts))
        event.add("status", CERTAIN.get(row.status, "CONFIRMED"))
        event.add("sequence", row.id * 1_000 + row.version)  # a row of another time is a later one
        return event

    def _down(self, row: Outage) -> "Event":
        event = self._entry(f"outage{row.id}", row.starts_at, row.ends_at, row.made_at)
        event.add("summary", words()["outage"].format(reason=row.reason))
        event.add("status", "CONFIRMED")
        return event

    def _entry(
        self, uid: str, start: datetime | None, end: datetime | None, changed: datetime
    ) -> "Event":
        """The same for every reader: in UTC, by a number that never changes."""
        from icalendar import Event

        event = Event()
        event.add("uid", f"{uid}@{urlsplit(self.address).hostname}")
        event.add("dtstamp", changed.replace(microsecond=0))
        event.add("last-modified", changed.replace(microsecond=0))
        event.add("dtstart", start)
        event.add("dtend", end)
        event.add("transp", "OPAQUE")
        return event


CLOSED = {
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""What every answer carries."""
