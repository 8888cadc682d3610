"""What a card shows of an instrument: plain facts, ready for the placeholders of texts."""

from datetime import date
from decimal import Decimal
from typing import Any

from store.county import County
from store.instrument import Instrument, vocabulary
from store.organisation import Organisation, label

SHOWN = (
    *("name", "english", "model", "maker", "nation", "category", "functions", "fields"),
    *("technical", "rules", "open_hours", "fee", "contact", "phone", "email", "url"),
    *("department", "latitude", "longitude", "on_provincial_platform", "vouchers", "reason"),
)


def facts(
    instrument: Instrument, organisation: Organisation, county: County | None
) -> dict[str, Any]:
    """JSON values by name; `number` is `YQ12`, `worth` and `started` are words."""
    shown = {field: getattr(instrument, field) for field in SHOWN}
    return shown | {
        "id": instrument.id,
        "number": f"YQ{instrument.id}",
        "organisation": organisation.name,
        "organisation_kind": label(organisation.kind),
        "county": county.name if county else None,
        "place": county.name[:-1] if county and len(county.name) > 2 else county and county.name,
        "address": instrument.address or organisation.address,
        "contact": instrument.contact or organisation.contact,
        "phone": instrument.phone or organisation.phone,
        "modes": modes(instrument.service_modes),
        "modes_short": modes(instrument.service_modes, form="short"),
        "mode_codes": list(instrument.service_modes),
        "prices": list(instrument.prices),
        "worth": worth(instrument.worth_fen),
        "started": started(instrument.started_on, instrument.started_precision),
        "status": str(instrument.status),
        "version": instrument.version,
    }


def modes(codes: list[Any], *, form: str = "label") -> str | None:
    """The ways to use an instrument, as people read them."""
    words = vocabulary()["modes"]
    return "、".join(words[code][form] for code in codes) or None


def worth(fen: int | None) -> str | None:
    """An original value in 万元, as ledgers write it."""
    if fen is None:
        return None
    wan = (Decimal(fen) / 1_000_000).quantize(Decimal("0.01")).normalize()
    return str(vocabulary()["shown"]["worth"].format(wan=wan))


def started(day: date | None, precision: str | None) -> str | None:
    """The day on which use began, as far as it is known."""
    if day is None:
        return None
    return str(vocabulary()["shown"][f"started_{precision or 'day'}"].format(day=day))
