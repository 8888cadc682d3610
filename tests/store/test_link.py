import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import link
from store.database import Database
from store.errors import Refused
from store.link import (
    TOKEN,
    Errand,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    Purpose,
    SignedLink,
    issue,
    look,
    use,
)
from store.policies import load
from store.retention import forget
from tests.store.people import SECRET, person

POLICY = load("jinzhong")
LIVES = POLICY.link_valid.value


async def issued(database: Database, purpose: Purpose, now: datetime) -> tuple[int, str]:
    async with database.begin() as session:
        her = await person(session, now)
        errand = Errand(purpose, her, "affiliation:3")
        return her, await issue(session, POLICY, SECRET, errand, now)


async def seen(database: Database, token: str, now: datetime) -> SignedLink:
    async with database.read() as session:
        return await look(session, SECRET, token, now)


async def used(database: Database, token: str, now: datetime) -> SignedLink:
    async with database.begin() as session:
        return await use(session, POLICY, SECRET, token, now)


async def test_seeing_uses_nothing_up(database: Database, now: datetime) -> None:
    her, token = await issued(database, Purpose.PROOF, now)
    for _ in range(3):
        row = await seen(database, token, now)
    assert (row.person_id, row.purpose, row.subject_id) == (her, Purpose.PROOF, 3)
    await used(database, token, now)
    with pytest.raises(LinkUsed):
        await seen(database, token, now)
    with pytest.raises(LinkUsed):
        await used(database, token, now)


async def test_a_download_may_be_repeated_for_some_minutes(
    database: Database, now: datetime
) -> None:
    _, token = await issued(database, Purpose.OWN_DATA, now)
    first = await used(database, token, now)
    again = await used(database, token, now + timedelta(minutes=9))
    assert again.repeat_until == first.repeat_until
    with pytest.raises(LinkUsed):
        await seen(database, token, now + timedelta(minutes=10))


async def test_an_old_address(database: Database, now: datetime) -> None:
    _, token = await issued(database, Purpose.PROOF, now)
    await seen(database, token, now + LIVES - timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        await seen(database, token, now + LIVES)
    with pytest.raises(LinkExpired):
        await used(database, token, now + LIVES)


async def test_handing_up_twice_at_once(database: Database, now: datetime) -> None:
    _, token = await issued(database, Purpose.PROOF, now)
    ends = await asyncio.gather(
        *(used(database, token, now) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(end, SignedLink) for end in ends) == 1
    assert sum(isinstance(end, LinkUsed) for end in ends) == 19


async def test_made_up_addresses(sqlite_database: Database, now: datetime) -> None:
    _, token = await issued(sqlite_database, Purpose.PROOF, now)
    _, other = await issued(sqlite_database, Purpose.OWN_DATA, now)
    head, end, sign = token.split(".")
    later = format(int(end, 16) + 3600, "x")
    wrong = [
        f"{head}.{later}.{sign}",
        f"{head}.{end}.{other.split('.')[2]}",
        f"{other.split('.')[0]}.{end}.{sign}",
        token[:-1],
        token + "=",
        token.swapcase(),
        "",
        "../../etc/passwd",
        "é" * 50,
    ]
    for made_up in wrong:
        with pytest.raises(LinkUnknown):
            await seen(sqlite_database, made_up, now)


async def test_every_letter_counts(sqlite_database: Database, now: datetime) -> None:
    _, token = await issued(sqlite_database, Purpose.PROOF, now)
    for at in range(len(token) - 1):  # the last of base64 has bits to spare, but is compared too
        changed = "A" if token[at] != "A" else "B"
        with pytest.raises(LinkUnknown):
            await seen(sqlite_database, token[:at] + changed + token[at + 1 :], now)


async def test_a_row_turned_to_somebody_else_does_not_open(
    database: Database, now: datetime
) -> None:
    _, token = await issued(database, Purpose.FILE, now)
    for column, value in (("purpose", Purpose.OWN_DATA), ("subject", "file:9")):
        async with database.begin() as session:
            row = await look(session, SECRET, token, now)
            before = getattr(row, column)
            setattr(row, column, value)
            await session.flush()
            with pytest.raises(LinkUnknown):
                await look(session, SECRET, token, now)
            setattr(row, column, before)
    async with database.begin() as session:
        row = await look(session, SECRET, token, now)
        row.person_id = await person(session, now)
    with pytest.raises(LinkUnknown):
        await seen(database, token, now)


async def test_nothing_opens_for_the_forgotten_or_under_another_key(
    database: Database, now: datetime
) -> None:
    her, token = await issued(database, Purpose.OWN_DATA, now)
    async with database.read() as session:
        with pytest.raises(LinkUnknown):
            await look(session, bytes(32), token, now)
    async with database.begin() as session:
        await forget(session, her, now)
    with pytest.raises(LinkUnknown):
        await seen(database, token, now)


async def test_old_rows_go(database: Database, now: datetime) -> None:
    _, token = await issued(database, Purpose.PROOF, now)
    async with database.begin() as session:
        await link.sweep(session, POLICY, now + timedelta(hours=2))
    with pytest.raises(LinkExpired):
        await seen(database, token, now + timedelta(hours=2))
    async with database.begin() as session:
        await link.sweep(session, POLICY, now + timedelta(days=2))
    with pytest.raises(LinkUnknown):
        await seen(database, token, now)


@given(st.text(max_size=60))
def test_tokens_are_plain(words: str) -> None:
    assert TOKEN.fullmatch(words) is None or words.isascii()


def test_refusals_are_answers() -> None:
    assert all(issubclass(no, Refused) for no in (LinkUnknown, LinkExpired, LinkUsed))
