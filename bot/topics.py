"""What the account answers and tells, topic by topic: who builds one adds it here."""

from collections.abc import Mapping

from bot.kit.flow import Flow
from handlers import (
    affiliation,
    after,
    coming,
    duties,
    greeting,
    person,
    search,
    search_statistics,
    ticket,
)
from notifications import booking as booking_notices
from notifications.notice import Hears

ROUTERS = (
    greeting.router,
    search.router,
    search_statistics.router,
    person.router,
    affiliation.router,
    duties.router,
    *ticket.ROUTERS,
    after.router,
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
    ticket.Demand,
    ticket.Complain,
    ticket.Suggest,
    ticket.Leave,
    ticket.Trouble,
    after.Rate,
    after.Report,
)
TOPICS: tuple[Mapping[str, Hears], ...] = (booking_notices.HEARS,)
"""Who hears what of which event."""
