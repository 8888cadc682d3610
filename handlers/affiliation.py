"""For whom one works: claimed, confirmed by the organisation, shown, ended."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.kit.asking import below
from bot.kit.flow import Begin, Flow, Option, ask, pick
from bot.kit.heard import Heard
from bot.kit.kinds import one_of
from bot.kit.moments import HERE, read_day, show_date
from bot.kit.reading import Unreadable
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers import duties
from handlers.duties import Duty
from handlers.person import addressed
from store import affiliation, audit, file, invitation, organisation, personal
from store.affiliation import Affiliation, NotYourOrganisation, Status
from store.context import Context
from store.errors import Refused
from store.invitation import Offer
from store.link import Errand, Purpose
from store.person import Grant, Role

router = Router("affiliation")

DECISIONS = {"confirm": ("同意", "确认任职", "通过", "是"), "refuse": ("拒绝", "不同意", "不是")}
GUESTS = {"colleague": ("同事", "本单位人员"), "keeper": ("机主", "仪器管理员")}
YEARS = {1: "一年", 2: "两年", 3: "三年"}
SPEAKS = frozenset({Role.REPRESENTATIVE})


@dataclass(eq=False)
class NameMissing(Refused):
    """Nobody can confirm somebody without a name."""


# Claiming


async def _organisations(context: Context, said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    found = await organisation.matching(context.session, said)
    return [Option(row.id, row.name) for row in found]


async def _ends(context: Context, said: str, _so_far: Any) -> list[Option[str]]:  # noqa: ANN401
    today = context.now.astimezone(HERE).date()
    ends = [(_years_on(today, years), words) for years, words in YEARS.items()]
    usual = [Option(end.isoformat(), words, {"until": show_date(end)}) for end, words in ends]
    if not said or said in YEARS.values():
        return [option for option in usual if said in {"", option.label}]
    try:
        end = read_day(said, context.now)
    except Unreadable:
        return []
    return [Option(end.isoformat(), show_date(end))]


def _years_on(day: date, years: int) -> date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + years, day=28 if leap else day.day)


def _fit(end: str, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    longest = context.policy.affiliation_longest.value
    if not context.now < _end_of(end) <= context.now + longest + timedelta(days=1):
        raise affiliation.EndUnfit(longest.days)


def _end_of(day: str) -> datetime:
    """The end of a day here."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), HERE)


async def _unclaimed(number: int, context: Context, _so_far: Any) -> None:  # noqa: ANN401
    rows = await affiliation.open_of(context.session, context.person.id, context.now)
    if any(row.organisation_id == number for row in rows):
        raise affiliation.AlreadyClaimed


class Claim(Flow, name="affiliation.claim"):
    """Say for whom one works."""

    organisation: int = pick(_organisations, check=_unclaimed)
    until: str = pick(_ends, check=_fit)

    async def summary(self, context: Context) -> Facts:
        """The day itself, where a number of years was chosen."""
        del context
        return {"until": show_date(date.fromisoformat(self.until))}

    async def finish(self, context: Context) -> Say:
        """Note the claim; it counts once the organisation has confirmed it."""
        end = min(_end_of(self.until), context.now + context.policy.affiliation_longest.value)
        number = await affiliation.claim(
            context.session,
            context.policy,
            person_id=context.person.id,
            organisation_id=self.organisation,
            now=context.now,
            ends_at=end,
        )
        days = context.policy.claim_valid.value.days
        names = await organisation.names(context.session, [self.organisation])
        errand = Errand(Purpose.PROOF, context.person.id, f"affiliation:{number}")
        say = Say("affiliation.claimed", {"organisation": names[self.organisation], "days": days})
        return await addressed(context, say, "affiliation.claimed.link", errand)


@router.words("我的单位", "填报单位", "改单位", "所在单位")
async def claim(context: Context, heard: Heard) -> Begin:
    """Begin to claim. Raises NameMissing."""
    del heard
    told = await personal.known(context.session, context.secret, context.person.id)
    if not told.name:
        raise NameMissing
    return Begin(Claim)


# One's own


@router.words("任职 {n:int}", changes=True)
async def show(context: Context, heard: Heard, n: int) -> Say:
    """One affiliation of one's own, with an address for a paper while it waits."""
    del heard
    rows = await affiliation.open_of(context.session, context.person.id, context.now)
    row = next((row for row in rows if row.id == n), None)
    if row is None:
        raise NotYourOrganisation
    facts = await _facts(context, row)
    if row.status != Status.CLAIMED:
        return Say("affiliation.confirmed", facts)
    errand = Errand(Purpose.PROOF, context.person.id, f"affiliation:{row.id}")
    say = Say("affiliation.waiting", facts)
    return await addressed(context, say, "affiliation.waiting.link", errand)


@router.words("离职 {n:int}", "撤回任职 {n:int}", changes=True)
async def leave(context: Context, heard: Heard, n: int) -> Say:
    """End one affiliation of one's own."""
    del heard
    me = context.person.id
    row = await affiliation.leave(context.session, n, person_id=me, now=context.now)
    key = "withdrawn" if row.status == Status.WITHDRAWN else "left"
    return Say(f"affiliation.{key}", await _facts(context, row))


async def _facts(context: Context, row: Affiliation) -> dict[str, Any]:
    names = await organisation.names(context.session, [row.organisation_id])
    until = show_date((row.ends_at - timedelta(microseconds=1)).astimezone(HERE).date())
    return {
        "id": row.id,
        "organisation": names.get(row.organisation_id, ""),
        "until": until,
    }


# The organisation's word


async def _claims(context: Context, _said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    rows = await affiliation.waiting(context.session, context.person.id, context.now)
    return [await _claim_option(context, row) for row in rows]


async def _claim_option(context: Context, row: Affiliation) -> Option[int]:
    """One claim; its label has the whole name, for who decides must know about whom."""
    facts = await _facts(context, row)
    told = await personal.known(context.session, context.secret, row.person_id)
    count, masked = len(await file.about(context.session, f"affiliation:{row.id}")), told.masked
    papers = {"key": "affiliation.papers", "args": {"count": count, "id": row.id}}
    more = {"who": masked.name, "phone": masked.phone, "papers": papers if count else None}
    return Option(row.id, f"{told.name}（{row.id}）", {**facts, **more})


@duties.source(Role.REPRESENTATIVE)
async def _waiting(context: Context) -> list[Duty]:
    """Claims that wait for one's word, as duties."""
    return [
        Duty({"key": "affiliation.waits", "args": option.facts}, f"核对 {option.value}")
        for option in await _claims(context, "", None)
    ]


class Decide(Flow, name="affiliation.decide", confirm=False):
    """Confirm or refuse one claim."""

    claim: int = pick(_claims)
    answer: str = ask(one_of(DECISIONS))

    async def finish(self, context: Context) -> Say:
        """Give the organisation's word."""
        row = await affiliation.decide(
            context.session, self.answer, self.claim, by=context.person.id, now=context.now
        )
        told = (await personal.known(context.session, context.secret, row.person_id)).masked
        facts = await _facts(context, row)
        return Say(f"affiliation.decided.{self.answer}", {**facts, "who": told.name})


@router.words("核对 {n:int}", roles=SPEAKS)
async def decide(context: Context, heard: Heard, n: int) -> Begin:
    """Look at one claim, to decide it."""
    del context, heard
    return Begin(Decide, {"claim": n})


@router.words("材料 {n:int}", roles=SPEAKS, changes=True)
async def papers(context: Context, heard: Heard, n: int) -> Say:
    """Addresses of the papers handed up for a claim that waits for one's word."""
    del heard
    waiting = await affiliation.waiting(context.session, context.person.id, context.now)
    if all(row.id != n for row in waiting):
        raise NotYourOrganisation
    says = []
    for paper in await file.about(context.session, f"affiliation:{n}"):
        errand = Errand(Purpose.FILE, context.person.id, f"file:{paper.id}")
        say = Say("affiliation.paper")
        says.append(await addressed(context, say, "affiliation.paper.link", errand))
        subject, facts = f"file:{paper.id}", {"about": f"affiliation:{n}"}
        audit.record(context.session, context.person.id, "look", subject, facts, context.now)
    return below(*says) if says else Say("affiliation.no_paper")


# Inviting


async def _spoken_for(context: Context, _said: str, _so_far: Any) -> list[Option[int]]:  # noqa: ANN401
    mine = {grant.organisation_id for grant in context.person.grants if _speaks(grant)}
    names = await organisation.names(context.session, {each for each in mine if each is not None})
    return [Option(number, name) for number, name in sorted(names.items())]


def _speaks(grant: Grant) -> bool:
    return grant.role is Role.REPRESENTATIVE


class Invite(Flow, name="affiliation.invite"):
    """Make a code for somebody of one's own organisation."""

    organisation: int = pick(_spoken_for)
    guest: str = ask(one_of(GUESTS))

    async def finish(self, context: Context) -> Say:
        """Say the code, this once."""
        role = Role.KEEPER if self.guest == "keeper" else None
        code = await invitation.invite(
            context.session,
            context.policy,
            context.secret,
            Offer(role, self.organisation),
            now=context.now,
            by=context.person.id,
        )
        days = context.policy.invitation_valid.value.days
        return Say("affiliation.invited", {"code": code, "days": days})


@router.words("邀请", "邀请同事", "发邀请码", roles=SPEAKS)
async def invite(context: Context, heard: Heard) -> Begin:
    """Begin to invite; the organisation is known where there is only one."""
    del heard
    mine = await _spoken_for(context, "", None)
    return Begin(Invite, {"organisation": mine[0].value} if len(mine) == 1 else {})
