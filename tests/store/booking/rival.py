"""A process of its own that books: `python -m ... URL INSTRUMENT PERSON NAME`.

Says when it is ready, waits for a line, asks for periods, and says how it went.
"""

import asyncio
import random
import sys
from collections import Counter
from datetime import timedelta

from store import booking
from store.availability import Unfit
from store.booking import Mode, Wish
from store.database import Database
from store.terms import Terms
from tests.store.booking.scene import ALWAYS, DAY, NOW, POLICY

ATTEMPTS = 120
PERIODS = 40


async def book(database: Database, instrument: int, person: int, token: str) -> str:
    """One attempt at an hour that others want too; half of what is got is given back."""
    chance = random.Random(token)
    start = DAY + timedelta(minutes=30 * chance.randrange(PERIODS))
    terms = Terms(instrument_id=instrument, opening=ALWAYS)
    wish = Wish(
        instrument_id=instrument,
        person_id=person,
        mode=Mode.SELF,
        token=token,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    try:
        async with database.begin() as session:
            row = await booking.request(session, wish, terms, POLICY, NOW)
        if chance.random() < 0.5:
            return "kept"
        async with database.begin() as session:
            await booking.move(session, row, "cancel", frozenset({"user"}), person, NOW)
    except Unfit:
        return "refused"
    return "given back"


async def main(url: str, instrument: int, person: int, name: str) -> None:
    """Book, a few attempts at a time."""
    database = Database(url)
    say("ready")
    sys.stdin.readline()
    limit = asyncio.Semaphore(5)

    async def one(number: int) -> str:
        async with limit:
            return await book(database, instrument, person, f"{name}:{number}")

    ends = await asyncio.gather(*(one(n) for n in range(ATTEMPTS)), return_exceptions=True)
    await database.close()
    say(dict(Counter(end if isinstance(end, str) else repr(end) for end in ends)))


def say(what: object) -> None:
    """A line to whoever started it."""
    print(what, flush=True)  # noqa: T201 - this is how it speaks


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
