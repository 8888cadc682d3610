"""Who does something to a voucher."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, as what (`user`, `keeper`, `county`, `city`, `finance`, `clock`), and when."""

    actor_id: int | None
    hats: frozenset[str]
    now: datetime
