"""One instrument of a ledger, read and checked."""

from dataclasses import dataclass, fields
from datetime import date

from store.county import Place
from store.organisation import Kind
from store.price import Json


@dataclass(slots=True)
class Facts:
    """What a ledger may say of an instrument; named as the instrument's columns are."""

    name: str = ""
    english: str | None = None
    asset_number: str | None = None
    serial_number: str | None = None
    model: str | None = None
    maker: str | None = None
    nation: str | None = None
    category: str | None = None
    scheme: str | None = None
    subcategory: str | None = None
    kind: str | None = None
    source: str | None = None
    worth_fen: int | None = None
    started_on: date | None = None
    started_precision: str | None = None
    quantity: int | None = None
    functions: str | None = None
    fields: str | None = None
    subjects: str | None = None
    technical: str | None = None
    rules: str | None = None
    service_content: str | None = None
    achievements: str | None = None
    open_hours: str | None = None
    service_modes: tuple[str, ...] = ()
    service_words: str | None = None
    fee: str | None = None
    prices: tuple[Json, ...] = ()
    address: str | None = None
    department: str | None = None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None
    postcode: str | None = None
    url: str | None = None
    funds: str | None = None
    customs_supervised: bool | None = None
    customs_declaration: str | None = None
    customs_released_on: date | None = None
    customs_item: str | None = None
    customs_form: str | None = None
    on_provincial_platform: bool | None = None
    vouchers: bool | None = None
    condition: str | None = None
    remarks: str | None = None


FACTS = tuple(field.name for field in fields(Facts))


@dataclass(slots=True)
class Row:
    """A good row: where it stood, whose the instrument is, where it is, and its facts."""

    sheet: str
    number: int
    unit: str
    unit_key: str
    unit_kind: Kind | None
    unit_address: str | None
    place: Place | None
    facts: Facts
    spoken: frozenset[str]
    """The facts that the sheet has columns for: only these are compared and updated."""
