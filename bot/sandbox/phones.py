"""The demo's cast: who holds a phone, where they can be, which codes they can scan."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

CAST = Path(__file__).with_name("phones.toml")


@dataclass(frozen=True, slots=True)
class Phone:
    """One follower's phone."""

    key: str
    """Names it in addresses and logs; the avatar is `static/<key>.svg`."""
    openid: str
    name: str
    title: str
    examples: tuple[str, ...] = ()
    """What a newcomer may click to send."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a follower can say they are (degrees, GCJ-02)."""

    name: str
    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Code:
    """A code that stands somewhere to be scanned."""

    scene: str
    label: str


@dataclass(frozen=True, slots=True)
class Cast:
    """All that the page plays with."""

    phones: tuple[Phone, ...]
    places: tuple[Place, ...]
    codes: tuple[Code, ...]
    firm: str = ""
    """For whom the demo's engineer works."""

    def by_key(self, key: str) -> Phone:
        """The phone of that key; raises KeyError."""
        return next((phone for phone in self.phones if phone.key == key), None) or _missing(key)

    def by_openid(self, openid: str) -> Phone | None:
        """The phone of that follower, if it is one of ours."""
        return next((phone for phone in self.phones if phone.openid == openid), None)


def cast(path: Path = CAST) -> Cast:
    """Read the cast from TOML; raises TypeError where a table has an unknown or missing key."""
    tables = tomllib.loads(path.read_text("utf-8"))
    return Cast(
        firm=tables.get("firm", ""),
        phones=tuple(
            Phone(**{**table, "examples": tuple(table.get("examples", ()))})
            for table in tables.get("phone", ())
        ),
        places=tuple(Place(**table) for table in tables.get("place", ())),
        codes=tuple(Code(**table) for table in tables.get("code", ())),
    )


def _missing(key: str) -> Phone:
    raise KeyError(key)
