"""Whose an instrument is, and where."""

from store import county, organisation
from store.county import Place
from store.ledger import around
from store.ledger.record import Record
from store.organisation import Kind
from store.wording import fold

LONGEST = 200
Owner = tuple[str, str, Kind | None, str | None, Place | None]


def owner(record: Record) -> Owner | None:
    """The organisation's name, folded name, kind, address and county, if any is told."""
    told = record.text("unit")
    name = around.organisation(told) if told else record.section.unit
    if not name or len(name) > LONGEST:
        return None
    kind = record.text("unit_kind")
    where = record.text("unit_address")
    return (
        name,
        fold(name),
        organisation.kind_of(kind) if kind else None,
        where,
        _place(record, name),
    )


def _place(record: Record, name: str) -> Place | None:
    """By the county's own column, else the addresses, else what stands above, else the name."""
    told = record.text("county")
    stands = address(record)
    at = county.locate(stands) if stands else None
    if told and (named := county.named(told)):
        return at if at and at.name == named.name else named
    home = record.text("unit_address")
    return (
        at
        or (county.locate(home) if home else None)
        or (county.named(record.section.county) if record.section.county else None)
        or county.locate(name)
    )


def address(record: Record) -> str | None:
    """Where the instrument stands, province and city in front; else where its owner is."""
    own = record.text("address")
    if own is None:
        return record.text("unit_address")
    parts = [record.text(name) or "" for name in ("province", "city", "county")]
    if not parts[0] and not parts[1]:
        return own
    return "".join(part for part in parts if part and part not in own) + own
