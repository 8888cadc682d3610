"""What a follower did, in our words; nothing here knows WeChat's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    """The kinds of things a follower does."""

    TEXT = "text"  #: typed, tapped a link that types, or spoke (as recognised)
    TAP = "tap"  #: tapped a menu entry; `words` is its key
    SCAN = "scan"  #: scanned one of our codes as a follower; `words` is its scene
    FOLLOW = "follow"  #: began to follow; `words` is the scene scanned, or empty
    LEAVE = "leave"  #: stopped following
    PLACE = "place"  #: sent a location
    PICTURE = "picture"  #: sent a picture; `media` names it
    OTHER = "other"  #: any other message (video, link, sticker)
    EVENT = "event"  #: any other event of the platform; `facts` holds it, `words` its name


@dataclass(frozen=True, slots=True)
class Heard:
    """One message or event."""

    key: str
    """The same for every delivery of the same message."""
    openid: str
    at: datetime
    act: Act
    words: str = ""
    place: tuple[float, float] | None = None
    """Latitude and longitude in degrees (GCJ-02)."""
    media: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
