"""What went over the wire, for the curious."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as the bytes went."""

    at: datetime
    way: str
    """`door`: platform → account and back; `api`: account → platform and back."""
    openid: str
    address: str
    """Path and query (tokens and secrets left out)."""
    sent: str
    plain: str
    """What `sent` says when decrypted."""
    status: int
    """HTTP status; 0 when no answer came."""
    answer: str
    answer_plain: str
    seconds: float
    number: int = field(default_factory=count(1).__next__)
    """Names this exchange while the process lives."""
