"""What county, city and finance decide: applications, redemptions, draws, lists, figures."""

from collections.abc import Sequence

from bot.kit.heard import Heard
from bot.kit.moments import HERE, show_date
from bot.kit.reading import Unreadable
from bot.kit.route import Router
from bot.kit.say import Facts, Say
from handlers.amounts import read_amount
from handlers.duties import Duty, source
from handlers.voucher import rules
from handlers.voucher.holding import looks, seen
from store import organisation
from store.context import Context
from store.money import yuan
from store.person import Role
from store.voucher import apply, programme, reading, using
from store.voucher.by import By
from store.voucher.programme import Programme
from store.voucher.table import Status, UseStatus, Voucher, VoucherUse

router = Router("voucher")

DECIDES = frozenset({Role.BUREAU})
LOOKS = frozenset({Role.BUREAU, Role.FINANCE})


def hats(context: Context, row: Voucher) -> frozenset[str]:
    """As what the asker decides: a county's bureau for its county, the city's for all.

    Nobody decides what they applied for themselves.
    """
    if row.person_id == context.person.id:
        return frozenset()
    worn = {"city"} if city(context) else set[str]()
    for grant in context.person.grants:
        if grant.role is Role.BUREAU and grant.county_id in (None, row.county_id):
            worn.add("county")
        if grant.role is Role.FINANCE:
            worn.add("finance")
    return frozenset(worn)


def city(context: Context) -> bool:
    """Whether the asker decides for all counties."""
    return None in counties(context)


def by(context: Context, row: Voucher) -> By:
    """Who decides now."""
    return By(context.person.id, hats(context, row), context.now)


def counties(context: Context) -> set[int | None]:
    """For which counties; None is everywhere."""
    return {grant.county_id for grant in context.person.grants if grant.role is Role.BUREAU}


@source(Role.BUREAU)
async def _applications(context: Context) -> list[Duty]:
    stages = {Status.APPLIED} | ({Status.COUNTY_OK} if city(context) else set())
    rows = await reading.asking(context.session, stages, counties(context))
    names = await organisation.names(context.session, {row.firm_id for row in rows})
    return [Duty(_line("applied", _facts(row, names)), f"CXQ{row.id}") for row in rows]


@source(Role.BUREAU)
async def _redemptions(context: Context) -> list[Duty]:
    if not city(context):
        return []
    stages = (UseStatus.SUBMITTED, UseStatus.COUNTY_OK, UseStatus.AUDIT)
    rows = await reading.redeeming(context.session, stages)
    names = await organisation.names(context.session, {voucher.firm_id for _, voucher in rows})
    return [
        Duty(_line("redeems", _use(row, voucher, names)), f"兑付单 {row.id}")
        for row, voucher in rows
    ]


def _line(key: str, facts: Facts) -> Facts:
    return {"key": f"voucher.duty.{key}", "args": facts}


def _facts(row: Voucher, names: dict[int, str]) -> Facts:
    return {
        "number": f"CXQ{row.id}",
        "firm": names.get(row.firm_id, ""),
        "fen": yuan(row.asked_fen),
        "purpose": row.purpose,
    }


def _use(row: VoucherUse, voucher: Voucher, names: dict[int, str]) -> Facts:
    return {
        "n": row.id,
        "number": f"CXQ{voucher.id}",
        "booking": f"YY{row.booking_number}",
        "firm": names.get(voucher.firm_id, ""),
        "fen": yuan(row.fen),
        "invoice": row.invoice,
        "of": yuan(row.invoice_fen) if row.invoice_fen else None,
        "status": {"key": f"voucher.use.{row.status}"},
        "reason": row.reason,
    }


@router.words("同意 {number:CXQ}", "同意 {number:CXQ} {said}", roles=DECIDES, changes=True)
async def agree(context: Context, heard: Heard, number: int, said: str = "") -> Say:
    """Pass it on to the city, or grant it: all, or the amount that is named."""
    del heard
    row = await seen(context, number)
    decides = by(context, row)
    if row.status is Status.APPLIED and "city" not in decides.hats:
        await apply.move(context.session, row, "pass", decides)
        return Say("voucher.passed", {"number": f"CXQ{number}"})
    fen = read_amount(said, context.now) if said else row.asked_fen
    if fen <= 0:
        raise Unreadable
    found = programme.load(row.programme)
    await apply.grant(context.session, found, row, fen, decides)
    figures = await reading.figures(context.session, found)
    alarm = {"key": "voucher.alarm", "args": {"percent": figures.spent_percent}}
    return Say(
        "voucher.granted",
        {
            "number": f"CXQ{number}",
            "fen": yuan(row.granted_fen),
            "until": _day(row),
            "alarm": alarm if figures.spent_percent >= reading.ALARM else None,
        },
    )


def _day(row: Voucher) -> str | None:
    until = row.valid_until
    return show_date(until.astimezone(HERE).date()) if until else None


@router.words("退回 {number:CXQ} {said}", roles=DECIDES, changes=True)
async def send_back(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Have it corrected, with the reason."""
    del heard
    return await _decided(context, number, "return", said)


@router.words("拒绝 {number:CXQ} {said}", roles=DECIDES, changes=True)
async def refuse(context: Context, heard: Heard, number: int, said: str) -> Say:
    """Refuse it, with the reason."""
    del heard
    return await _decided(context, number, "refuse", said)


@router.words("退回 {number:CXQ}", "拒绝 {number:CXQ}", roles=DECIDES)
async def why(context: Context, heard: Heard, number: int) -> Say:
    """A reason is to be said with it."""
    del context, heard
    return Say("voucher.why", {"number": f"CXQ{number}"})


async def _decided(context: Context, number: int, verb: str, reason: str) -> Say:
    row = await seen(context, number)
    await apply.move(context.session, row, verb, by(context, row), reason=reason[:200])
    return Say(f"voucher.decided.{verb}", {"number": f"CXQ{number}", "reason": row.reason})


# Redemptions


@router.words("兑付单 {n:int}", roles=LOOKS)
async def redemption(context: Context, heard: Heard, n: int) -> Say:
    """One redemption, with its papers and what can be done."""
    del heard
    row, voucher = await _found(context, n)
    names = await organisation.names(context.session, [voucher.firm_id])
    return Say("voucher.redemption", _use(row, voucher, names))


async def _found(context: Context, n: int) -> tuple[VoucherUse, Voucher]:
    row = await using.find(context.session, n)
    if row is None:
        raise using.NoSuchRedemption(number=str(n))
    return row, await seen(context, row.voucher_id)


@router.words("同意兑付 {n:int}", roles=DECIDES, changes=True)
async def approve(context: Context, heard: Heard, n: int) -> Say:
    """It is in order."""
    del heard
    row, voucher = await _found(context, n)
    decides = by(context, voucher)
    verb = "approve" if "city" in decides.hats else "pass"
    await using.decide(context.session, row, verb, decides)
    return Say("voucher.approved", {"n": n})


@router.words("退回兑付 {n:int} {said}", roles=DECIDES, changes=True)
async def redemption_back(context: Context, heard: Heard, n: int, said: str) -> Say:
    """Papers are missing or wrong."""
    del heard
    row, voucher = await _found(context, n)
    await using.decide(context.session, row, "return", by(context, voucher), reason=said[:200])
    return Say("voucher.redemption_back", {"n": n})


@router.words("拒绝兑付 {n:int} {said}", roles=DECIDES, changes=True)
async def redemption_refused(context: Context, heard: Heard, n: int, said: str) -> Say:
    """It is not to be paid; the money goes back to the budget."""
    del heard
    row, voucher = await _found(context, n)
    await using.decide(context.session, row, "refuse", by(context, voucher), reason=said[:200])
    return Say("voucher.redemption_refused", {"n": n})


@router.words("抽查创新券", roles=DECIDES, changes=True)
async def draw(context: Context, heard: Heard) -> Say:
    """Draw the programme's share of what is in order, so that anybody can repeat it."""
    del heard
    found = _programme(context)
    waiting = await reading.redeeming(context.session, [UseStatus.CITY_OK])
    rows = {row.id: (row, voucher) for row, voucher in waiting}
    seed = f"{found.code}/{context.now.astimezone(HERE):%Y-%m-%d}"
    drawn = reading.drawn(rows, found.audit_percent.value or 0, seed)
    for number in drawn:
        row, voucher = rows[number]
        await using.decide(context.session, row, "draw", by(context, voucher))
    facts = {"count": len(drawn), "of": len(rows), "seed": seed}
    return Say("voucher.drawn", facts, choices=tuple(f"兑付单 {n}" for n in drawn))


@router.words("公示创新券", roles=DECIDES, changes=True)
async def publish(context: Context, heard: Heard) -> Say:
    """Put what is in order on the list that is shown to the public."""
    del heard
    found = _programme(context)
    rows = await reading.redeeming(context.session, [UseStatus.CITY_OK])
    for row, voucher in rows:
        await using.decide(context.session, row, "publish", by(context, voucher))
    lines = await _lines(context, rows)
    facts = {"count": len(rows), "days": found.publicity_days.value}
    return Say("voucher.published", facts, items=lines[:20])


@router.words("付款名单", roles=LOOKS)
async def payable(context: Context, heard: Heard) -> Say:
    """What is to be paid, and in sum."""
    del heard
    rows = await reading.redeeming(context.session, [UseStatus.PUBLISHED])
    rows = [(row, voucher) for row, voucher in rows if looks(context, voucher)]
    total = yuan(sum(row.fen for row, _ in rows))
    return Say(
        "voucher.payable",
        {"count": len(rows), "total": total},
        items=(await _lines(context, rows))[:20],
    )


@router.words("已拨付 {n:int}", roles=frozenset({Role.FINANCE}), changes=True)
async def paid(context: Context, heard: Heard, n: int) -> Say:
    """Finance has paid it."""
    del heard
    row, voucher = await _found(context, n)
    await using.decide(context.session, row, "pay", by(context, voucher))
    return Say("voucher.paid", {"n": n, "fen": yuan(row.fen)})


@router.words("创新券统计", roles=LOOKS)
async def statistics(context: Context, heard: Heard) -> Say:
    """The programme in sum: each figure is the ledger's."""
    del heard
    found = _programme(context)
    sums = await reading.figures(context.session, found)
    money = ("funded", "left", "granted", "reserved", "used", "redeemed", "paid")
    facts = {name: yuan(getattr(sums, name)) for name in money}
    return Say(
        "voucher.statistics",
        {
            **facts,
            "programme": found.name,
            "percent": sums.spent_percent,
            "asked": sums.asked,
            "firms": sums.firms,
        },
    )


def _programme(context: Context) -> Programme:
    found = rules.in_force(context)
    if found is None:
        raise apply.ProgrammeOpen(region=context.policy.names.region)
    return found


async def _lines(
    context: Context,
    rows: Sequence[tuple[VoucherUse, Voucher]],
) -> tuple[Facts, ...]:
    names = await organisation.names(context.session, {voucher.firm_id for _, voucher in rows})
    return tuple(_use(row, voucher, names) for row, voucher in rows)
