"""A contract's text, composed of what is known of a booking: nothing in it is anybody's guess."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from store import customs, organisation
from store.booking.table import Booking, Cooperation, Mode
from store.contract.table import Contract
from store.instrument import load
from store.money import yuan
from store.policies import Policy, Rule
from store.policies.rule import Deadline
from store.tariff.estimate import from_json
from store.tariff.sheet import Priced
from store.tariff.table import Part
from store.tariff.words import group_label, priced
from store.workdays import HERE

FOLDER = Path(__file__).with_name("clauses")
CLAUSES = ("mode", "content", "ip", "secrecy", "damages", "breach", "disputes")
"""What a contract settles: （十） of Jinzhong; the alliance's 21 names all but the first."""
HEADING = "## "
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, and what must hold for it to be written."""

    text: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One of the seven."""

    key: str
    title: str
    lines: tuple[Line, ...] = field(default=())


@cache
def _file(region: str) -> dict[str, Any]:
    path = FOLDER / f"{region}.toml"
    return tomllib.loads(path.read_text("utf-8"))


@cache
def clauses(region: str) -> tuple[Clause, ...]:
    """The seven clauses of a region: the common ones, and what its documents add."""
    found = {each["key"]: each for each in _file("default")["clause"]}
    more = {each["key"]: each["line"] for each in _file(region).get("clause", ())}
    return tuple(
        Clause(key, found[key]["title"], tuple(_lines([*found[key]["line"], *more.get(key, ())])))
        for key in CLAUSES
    )


def _lines(rows: list[Facts]) -> Iterator[Line]:
    for row in rows:
        yield Line(str(row["text"]), tuple(row.get("when", ())))


def common() -> dict[str, Any]:
    """The title, the head, and the phrases that facts are put in."""
    return _file("default")


def hashed(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


async def compose(
    session: AsyncSession, contract: Contract, booking: Booking, policy: Policy
) -> str:
    """The text of a contract as things stand now."""
    facts = await facts_of(session, contract, booking, policy)
    return write(policy.code, facts)


def write(region: str, facts: Facts) -> str:
    """The text out of its facts; those that are nothing leave their paragraphs out."""
    words = common()
    head = [line.format_map(facts) for line in words["head"]["lines"]]
    lines = [str(words["title"]), *head]
    for number, clause in enumerate(clauses(region), start=1):
        title = {"number": words["numbers"][number - 1], "title": clause.title}
        lines.append(HEADING + words["heading"].format_map(title))
        said = [line for line in clause.lines if all(facts.get(key) for key in line.when)]
        for n, line in enumerate(said, start=1):
            about = {"clause": number, "line": n, "text": line.text.format_map(facts)}
            lines.append(words["paragraph"].format_map(about))
    return _shortened("\n".join(lines), region)


def _shortened(text: str, region: str) -> str:
    """A document's long name is written out once."""
    for document, name in _file(region).get("short", {}).items():
        first, found, rest = text.partition(document)
        if document in rest:
            named = common()["short"].format(document=found, name=name)
            text = first + named + rest.replace(document, name)
    return text


async def facts_of(
    session: AsyncSession, contract: Contract, booking: Booking, policy: Policy
) -> dict[str, Any]:
    """All that a text may say."""
    found = await load(session, booking.instrument_id)
    if found is None:
        raise LookupError(booking.instrument_id)
    instrument, unit, _ = found
    show, employers = common()["show"], [booking.employer_id] if booking.employer_id else []
    names = await organisation.names(session, employers)
    person = common()["head"]["person"].format(person=contract.person_id)
    joint = contract.cooperation is Cooperation.JOINT
    asset = instrument.asset_number
    return {
        "number": f"HT{contract.id}",
        "booking": f"YY{booking.number}",
        "unit": unit.name,
        "user": names.get(booking.employer_id or 0, person),
        "bureau": policy.names.bureau,
        "instrument": " ".join(filter(None, (instrument.name, instrument.model))),
        "instrument_number": f"YQ{instrument.id}",
        "asset": show["asset"].format(asset=asset) if asset else "",
        "place": instrument.address or unit.address or show["no_place"],
        "own": not joint,
        "joint": joint,
        "share": contract.share,
        "marked": policy.results_marked.value,
        "unmarked": not policy.results_marked.value,
        "fee_basis": policy.fee_basis.value,
        "objection": days(policy.objection.value),
        **_use(booking),
        **_money(booking),
        **await _customs(session, booking, policy),
        **cites(policy),
    }


def _use(booking: Booking) -> dict[str, Any]:
    """What the booking is for."""
    show, sample, words = common()["show"], booking.mode is Mode.SAMPLE, booking.sample_words
    return {
        "self": not sample,
        "sample": sample,
        "samples": booking.samples,
        "sample_words": show["sample_words"].format(words=words) if words else "",
        "period": _period(booking),
        "purpose": (booking.purpose or show["no_purpose"]).rstrip("。."),
        "free_until": _moment(booking.free_until) if booking.free_until else None,
    }


def _period(booking: Booking) -> str | None:
    if booking.starts_at is None or booking.ends_at is None:
        return None
    show = common()["show"]
    start, end = (each.astimezone(HERE) for each in (booking.starts_at, booking.ends_at))
    same = start.date() == end.date()
    last = show["clock"].format(hour=end.hour, minute=end.minute) if same else _moment(end)
    return str(show["period"].format(start=_moment(start), end=last))


def _moment(at: datetime) -> str:
    """A moment with its year: a contract is read later."""
    here = at.astimezone(HERE)
    form: str = common()["show"]["moment"]
    return form.format(
        year=here.year, month=here.month, day=here.day, hour=here.hour, minute=here.minute
    )


def _money(booking: Booking) -> dict[str, Any]:
    known = booking.estimate_fen
    return {
        "prices": _prices(booking.price, known),
        "estimate": None if known is None else yuan(known),
        "no_estimate": known is None,
        "voucher": yuan(booking.voucher_fen) if booking.voucher_fen else None,
    }


def _prices(kept: Facts, known: int | None) -> str:
    """The prices that the booking was made under; the amount where it was agreed as one."""
    show = common()["show"]
    rows = [from_json(each) for each in kept.get("prices", ())]
    said = [_price(each, show) for each in rows if each.fen is not None]
    whole = show["quoted"] if known is None else show["whole"].format(yuan=yuan(known))
    return str(show["between"].join(said) if said else whole)


def _price(each: Priced, show: Mapping[str, str]) -> str:
    price, group = priced(each.fen, each.to_fen, each.per, each.label), group_label(each.group)
    if each.part is not Part.USE:
        return show[each.part].format(price=price)
    return show["price" if group else "price_plain"].format(price=price, group=group)


async def _customs(session: AsyncSession, booking: Booking, policy: Policy) -> dict[str, Any]:
    number = await customs.number(session, booking.instrument_id)
    return {
        "customs": number,
        "customs_number": number,
        "customs_kinds": policy.customs_kinds.value,
    }


def cites(policy: Policy) -> dict[str, str]:
    """`by_<rule>` for each rule: `依据……，`, or nothing where no document says it."""
    rules = {each.name: getattr(policy, each.name) for each in fields(policy)}
    basis: str = common()["basis"]
    return {
        f"by_{name}": basis.format(cite=rule.cite) if rule.cite else ""
        for name, rule in rules.items()
        if isinstance(rule, Rule)
    }


def days(deadline: Deadline) -> str:
    """`5 个工作日`."""
    show = common()["show"]
    return str(show["working_days" if deadline.working else "days"].format(days=deadline.days))
