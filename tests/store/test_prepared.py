"""What is prepared answers as SQLAlchemy would: the same values, in the same transaction."""

from datetime import timedelta

from sqlalchemy import bindparam, select

from store.booking import Booking, Status
from store.database import Database
from store.person import Person
from store.prepared import Prepared
from tests.store.booking.scene import NOW, begin

COLUMNS = (Booking.id, Booking.status, Booking.starts_at, Booking.price, Booking.late)
LATER = select(*COLUMNS, Booking.purpose).where(
    Booking.person_id == bindparam("person"),
    Booking.starts_at > bindparam("after"),
    Booking.status.in_((Status.REQUESTED, Status.APPROVED)),
)
later = Prepared(LATER.order_by(Booking.id).limit(2))


async def test_values_are_what_the_columns_hold(database: Database) -> None:
    scene = await begin(database)
    made = [await scene.ask(hour, hour + 1) for hour in (8, 10, 12, 14)]
    await scene.move(made[1].number, "cancel", "user")
    given = {"person": scene.user, "after": made[0].starts_at}
    async with database.read() as session:
        found = await later(session, **given)
        same = (await session.execute(LATER.order_by(Booking.id).limit(2), given)).all()
        assert found == [tuple(row) for row in same]
        assert [row[0] for row in found] == [made[2].id, made[3].id]
        assert found[0][1] is Status.REQUESTED
        assert await later(session, person=scene.user, after=NOW + timedelta(days=99)) == []


counted = Prepared(select(Person.id).where(Person.openid == bindparam("openid")))


async def test_what_the_session_holds_is_there(database: Database) -> None:
    async with database.begin() as session:
        session.add(Person(openid="o1"))
        ((number,),) = await counted(session, openid="o1")
        await session.rollback()
    async with database.read() as session:
        assert number
        assert await counted(session, openid="o1") == []
