"""What we know of a person themselves: name, phone, e-mail; sealed, and gone with their key."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import privacy
from store.errors import Refused
from store.person import Person

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,4}", re.ASCII)


@dataclass(eq=False)
class EmailUnreadable(Refused):
    """These words are no e-mail address."""


@dataclass(frozen=True, slots=True)
class Personal:
    """What a person told of themselves; empty where they did not."""

    name: str = ""
    phone: str = ""
    email: str = ""

    @property
    def masked(self) -> "Personal":
        """As lists, replies and logs show it."""
        return Personal(
            privacy.mask_name(self.name) if self.name else "",
            privacy.mask_phone(self.phone) if self.phone else "",
            privacy.mask_email(self.email) if self.email else "",
        )


def read_email(words: str) -> str:
    """An e-mail address in lower case; raises EmailUnreadable."""
    email = unicodedata.normalize("NFKC", words).strip().lower()
    if not EMAIL.fullmatch(email):
        raise EmailUnreadable
    return email


async def key_of(session: AsyncSession, secret: bytes, person_id: int) -> bytes:
    """The person's key, made when first needed; raises Unopenable under a wrong account key."""
    query = select(Person).where(Person.id == person_id).with_for_update()
    person = (await session.scalars(query.execution_options(populate_existing=True))).one()
    if person.key is None:
        if person.forgotten_at is not None:
            raise privacy.Unopenable(_about(person_id))
        person.key = privacy.wrap(secret, privacy.new_key(), _about(person_id))
        await session.flush()
    return privacy.unwrap(secret, person.key, _about(person_id))


async def key_if_any(session: AsyncSession, secret: bytes, person_id: int) -> bytes | None:
    """The person's key where there is one, without making or holding it."""
    wrapped = await session.scalar(select(Person.key).where(Person.id == person_id))
    return None if wrapped is None else privacy.unwrap(secret, wrapped, _about(person_id))


async def known(session: AsyncSession, secret: bytes, person_id: int) -> Personal:
    """What the person told; nothing when they told nothing or are forgotten."""
    person = await session.get_one(Person, person_id)
    return opened(secret, person)


def opened(secret: bytes, person: Person) -> Personal:
    """What stands sealed in a row."""
    if person.key is None or person.personal is None:
        return Personal()
    key = privacy.unwrap(secret, person.key, _about(person.id))
    plain = privacy.unseal(privacy.derive(key, "personal"), person.personal, _about(person.id))
    return Personal(**json.loads(plain))


async def tell(
    session: AsyncSession,
    secret: bytes,
    person_id: int,
    *,
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
) -> Personal:
    """Keep what a person told, as the kit read it; the empty string takes it back."""
    key = await key_of(session, secret, person_id)
    person = await session.get_one(Person, person_id)
    given = {"name": name, "phone": phone, "email": email}
    told = replace(opened(secret, person), **{k: v for k, v in given.items() if v is not None})
    plain = json.dumps(asdict(told), ensure_ascii=False).encode()
    person.personal = privacy.seal(privacy.derive(key, "personal"), plain, _about(person_id))
    person.phone_hash = privacy.hashed(secret, "phone", told.phone) if told.phone else None
    await session.flush()
    return told


async def by_phone(session: AsyncSession, secret: bytes, phone: str) -> list[int]:
    """Persons who told this phone number."""
    found = Person.phone_hash == privacy.hashed(secret, "phone", phone)
    return list(await session.scalars(select(Person.id).where(found).order_by(Person.id)))


def rekeyed(old: bytes, new: bytes, person: Person) -> None:
    """Lock a row's key with another account key; the phone is hashed anew."""
    told = opened(old, person)
    if person.key is not None:
        person.key = privacy.rewrap(old, new, person.key, _about(person.id))
    person.phone_hash = privacy.hashed(new, "phone", told.phone) if told.phone else None


def _about(person_id: int) -> str:
    return f"person:{person_id}"
