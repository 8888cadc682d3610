"""What the account answers and tells, topic by topic: who builds one adds it here."""

from collections.abc import Mapping

from bot.kit.flow import Flow
from handlers import (
    affiliation,
    after,
    answering,
    coming,
    duties,
    greeting,
    person,
    record,
    sample,
    search,
    search_statistics,
    ticket,
    visit,
)
from handlers.booking import topic as booking
from notifications import booking as booking_notices
from notifications import ticket as ticket_notices
from notifications.notice import Hears

ROUTERS = (
    greeting.router,
    search.router,
    search_statistics.router,
    person.router,
    affiliation.router,
    duties.router,
    answering.router,
    *booking.ROUTERS,
    *ticket.ROUTERS,
    after.router,
    visit.router,
    sample.router,
    record.router,
    coming.router,
)
FLOWS: tuple[type[Flow], ...] = (
    person.Bind,
    person.SetName,
    person.SetPhone,
    person.SetEmail,
    person.Forget,
    affiliation.Claim,
    affiliation.Decide,
    affiliation.Invite,
    *answering.FLOWS,
    *booking.FLOWS,
    ticket.Demand,
    ticket.Complain,
    ticket.Suggest,
    ticket.Leave,
    ticket.Trouble,
    after.Rate,
    after.Report,
    visit.Lift,
    sample.Lack,
    record.Use,
    record.Research,
)
TOPICS: tuple[Mapping[str, Hears], ...] = (booking_notices.HEARS, ticket_notices.HEARS)
"""Who hears what of which event."""
