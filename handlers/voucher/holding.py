"""What one holds, what it is worth for the instrument just looked at, and paying with it."""

from typing import Any

from bot.kit.heard import Heard
from bot.kit.moments import HERE, show_date
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.voucher import rules
from store import booking, instrument, organisation
from store.booking import Booking, Mode, Status
from store.context import Context
from store.money import yuan
from store.person import Role
from store.voucher import following, programme, reading
from store.voucher.by import By
from store.voucher.reading import Held
from store.voucher.table import Status as Standing
from store.voucher.table import Voucher, VoucherUse

router = Router("voucher")

SEES = frozenset({Role.BUREAU, Role.FINANCE})
PAYABLE = frozenset({Status.REQUESTED, Status.OFFERED, Status.APPROVED})


@router.words("创新券", "我的创新券", "我的券")
async def held(context: Context, heard: Heard) -> Say:
    """What one's firms hold, what ends first, and what to do next."""
    del heard
    code = rules.in_force(context)
    if code is None:
        return Say("voucher.no_programme", {"bureau": context.policy.names.bureau})
    firms = await rules.firms(context)
    if not firms:
        return Say("voucher.no_firm", rules.told(code))
    rows = await reading.of_firms(context.session, firms)
    if not rows:
        return Say("voucher.none", rules.told(code))
    usable = await reading.usable(context.session, firms, context.now)
    args = {
        "free": yuan(sum(one.free_fen for one in usable)),
        "first": _first(context, usable),
        "worth": await _worth(context, usable),
        "example": rules.told(code)["example"],
    }
    lines = tuple(_line(one, firms) for one in rows[:8])
    return Say(
        "voucher.held", args, items=lines, choices=tuple(f"CXQ{one.voucher.id}" for one in rows)
    )


def _first(context: Context, usable: list[Held]) -> Facts | None:
    """The one that ends first, and in how many days."""
    if not usable or usable[0].voucher.valid_until is None:
        return None
    until = usable[0].voucher.valid_until
    facts = {"fen": yuan(usable[0].free_fen), "day": _last_day(usable[0].voucher)}
    return {"key": "voucher.first", "args": {**facts, "days": (until - context.now).days}}


async def _worth(context: Context, usable: list[Held]) -> Facts | None:
    """What they pay for the instrument last spoken of, by the hour, where they do."""
    number = context.about.get("instrument")
    code = rules.in_force(context)
    loaded = await instrument.load(context.session, int(number)) if number else None
    if loaded is None or code is None or not usable:
        return None
    fits = loaded[0].on_provincial_platform or not code.platform_only.value
    own = loaded[0].organisation_id in {one.voucher.firm_id for one in usable}
    verdict = "own" if own else "yes" if fits else "no"
    facts = {"instrument": loaded[0].name, "number": f"YQ{loaded[0].id}"}
    return {"key": f"voucher.worth.{verdict}", "args": {**facts, "cite": code.platform_only.cite}}


def _line(one: Held, firms: dict[int, str]) -> dict[str, Any]:
    return {
        "number": f"CXQ{one.voucher.id}",
        "status": {"key": f"voucher.status.{one.voucher.status}"},
        "free": yuan(one.free_fen) if one.free_fen else None,
        "until": _last_day(one.voucher),
        "firm": firms.get(one.voucher.firm_id) if len(firms) > 1 else None,
    }


def _last_day(voucher: Voucher) -> str | None:
    """The last day on which it may be used."""
    if voucher.valid_until is None:
        return None
    last = voucher.valid_until.astimezone(HERE).date()
    return show_date(last.fromordinal(last.toordinal() - 1))


@router.words("我能申领吗", "创新券怎么用", "创新券规则")
async def may(context: Context, heard: Heard) -> Say:
    """Who may apply for how much, with the rule that says so."""
    del heard
    code = rules.in_force(context)
    if code is None:
        return Say("voucher.no_programme", {"bureau": context.policy.names.bureau})
    if not code.complete:
        return Say("voucher.left_open", {**rules.told(code), "bureau": context.policy.names.bureau})
    return Say("voucher.may", rules.told(code))


@router.words("{number:CXQ}")
async def card(context: Context, heard: Heard, number: int) -> Say:
    """One voucher: where it stands, what is left, what it paid for, what can be done."""
    del heard
    row = await seen(context, number)
    mine = await reading.held(context.session, row)
    names = await organisation.names(context.session, [row.firm_id])
    paid = await reading.uses(context.session, number)
    facts = {
        "number": f"CXQ{number}",
        "firm": names.get(row.firm_id, ""),
        "status": {"key": f"voucher.status.{row.status}"},
        "asked": yuan(row.asked_fen),
        "granted": yuan(row.granted_fen) if row.granted_fen else None,
        "free": yuan(mine.free_fen) if row.granted_fen else None,
        "reserved": yuan(mine.reserved_fen) if mine.reserved_fen else None,
        "until": _last_day(row),
        "reason": row.reason,
        "next": {"key": f"voucher.next.{_next(context, row)}", "args": {"number": f"CXQ{number}"}},
    }
    return Say("voucher.card", facts, items=tuple(_paid(one) for one in paid))


def _next(context: Context, row: Voucher) -> str:
    if row.status in (Standing.APPLIED, Standing.COUNTY_OK):
        return "decide" if looks(context, row) else "waits"
    return str(row.status)


def _paid(row: VoucherUse) -> dict[str, Any]:
    return {
        "booking": f"YY{row.booking_number}",
        "fen": yuan(row.fen),
        "status": {"key": f"voucher.use.{row.status}"},
        "reason": row.reason,
    }


async def seen(context: Context, number: int) -> Voucher:
    """A voucher of one's firms, or one that the asker's office looks at; raises NoSuchVoucher."""
    row = await reading.find(context.session, number)
    if row is None or not (looks(context, row) or row.firm_id in await rules.firms(context)):
        raise reading.NoSuchVoucher(number=f"CXQ{number}")
    return row


async def own(context: Context, number: int) -> Voucher:
    """A voucher of one's firms; raises NoSuchVoucher."""
    row = await reading.find(context.session, number)
    if row is None or row.firm_id not in await rules.firms(context):
        raise reading.NoSuchVoucher(number=f"CXQ{number}")
    return row


def looks(context: Context, row: Voucher) -> bool:
    """Whether the asker looks on as bureau or finance: a county's at its own county's alone."""
    held = (grant for grant in context.person.grants if grant.role in SEES)
    return any(grant.county_id in (None, row.county_id) for grant in held)


# Paying with it


@router.words("用券", "用券 {number:YY}", changes=True)
async def pay(context: Context, heard: Heard, number: int = 0) -> Say:
    """Set a voucher aside for a booking: the one that ends first and pays most of it."""
    del heard
    row = await _booking(context, number)
    if rules.in_force(context) is None or row is None:
        return Say("voucher.nothing_to_pay")
    if row.estimate_fen is None or row.status not in PAYABLE:
        return Say("voucher.not_payable", {"number": f"YY{row.number}"})
    covered, voucher = await _paying(context, row, row.estimate_fen)
    if voucher is None:
        return Say("voucher.too_little", {"number": f"YY{row.number}", "fen": yuan(covered)})
    loaded = await instrument.load(context.session, row.instrument_id)
    on_platform = bool(loaded and loaded[0].on_provincial_platform)
    by = By(context.person.id, frozenset({"user"}), context.now)
    code = programme.load(voucher.programme)
    paid = await following.pay_with(
        context.session, code, voucher, row, on_platform=on_platform, by=by
    )
    facts = {"voucher": f"CXQ{voucher.id}", "number": f"YY{row.number}", "fen": yuan(paid.fen)}
    own = {"own": yuan(max(0, row.estimate_fen - paid.fen)), "hours": row.mode is Mode.SELF}
    return Say("voucher.reserved", {**facts, **own})


async def _paying(context: Context, row: Booking, fen: int) -> tuple[int, Voucher | None]:
    """The voucher that pays, by its own programme's tiers, and how much of a price.

    Only of the firm for which the booking is made, where it is made for one.
    """
    firms = set(await rules.firms(context))
    theirs = firms & {row.employer_id} if row.employer_id else firms
    covered = 0
    for one in await reading.usable(context.session, theirs, context.now):
        covered = programme.load(one.voucher.programme).covers(fen)
        if one.free_fen >= covered > 0:
            return covered, one.voucher
    return covered, None


@router.words("不用券", "不用券 {number:YY}", changes=True)
async def unpay(context: Context, heard: Heard, number: int = 0) -> Say:
    """Pay without a voucher after all."""
    del heard
    row = await _booking(context, number)
    if row is None:
        return Say("voucher.nothing_to_pay")
    by = By(context.person.id, frozenset({"user"}), context.now)
    gone = await following.take_back(context.session, row, by)
    facts = {"number": f"YY{row.number}", "fen": yuan(gone.fen) if gone else None}
    return Say("voucher.released" if gone else "voucher.was_not", facts)


async def _booking(context: Context, number: int) -> Booking | None:
    """The booking named, or the newest that can be paid for; raises NoSuchBooking."""
    if number:
        row = await booking.present(context.session, number)
        if row is None or row.person_id != context.person.id:
            raise booking.NoSuchBooking(number=f"YY{number}")
        return row
    rows = await booking.mine(context.session, context.person.id, context.now)
    payable = [row for row in rows if row.status in PAYABLE]
    return max(payable, key=lambda row: row.requested_at) if payable else None
