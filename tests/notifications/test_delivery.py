"""What is due is told once, by the best open channel, and every row ends with a reason."""

from datetime import datetime, timedelta

import pytest
import structlog
from sqlalchemy import select

from store import aging, job
from store.conversation import Conversation
from store.database import Database
from store.outbox import (
    Channel,
    Delivered,
    Delivery,
    Drop,
    Form,
    Outcome,
    Outgoing,
    RetryAt,
    Scope,
    StopChannel,
    Unknown,
    Unsubscribed,
    Why,
    Words,
    withdraw,
)
from store.person import Person
from store.reach import Credit, Quota, Reach, Silence, Stop
from tests.notifications.telling import FORMS, SUBSCRIPTION, TEMPLATE, Sent, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Killed(BaseException):
    pass


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    return World(database, now)


async def test_told_in_words_while_a_window_is_open(world: World) -> None:
    her = await world.person("a", wrote=47 * HOUR)
    await world.plan(her)
    await world.tell()
    await world.tell()
    (message,) = world.sent.messages
    assert (message.openid, message.channel, message.key) == ("a", Channel.CUSTOMER, "n1")
    assert isinstance(message.body, Words)
    assert message.body.text.startswith("预约成功（YY1）：\n三坐标测量机（YQ12）")
    (row,) = await world.rows()
    assert (row.outcome, row.channel, row.tries) == (Outcome.DELIVERED, Channel.CUSTOMER, 1)
    assert await world.log() == [("sent", "customer", None)]
    assert world.counted == [("customer", "delivered")]


async def test_kept_where_no_way_is_open(world: World) -> None:
    """Wrote too long ago, never wrote: shown at their next contact."""
    await world.plan(await world.person("a", wrote=49 * HOUR))
    await world.plan(await world.person("b", wrote=None))
    await world.tell()
    assert world.sent.messages == []
    assert await world.outcomes() == [Outcome.KEPT, Outcome.KEPT]
    assert await world.log() == [("kept", None, "no_way")] * 2
    async with world.database.read() as session:
        assert (await session.scalars(select(Person.waiting))).all() == [1, 1]


async def test_five_messages_a_window_then_kept(world: World) -> None:
    her = await world.person("a")
    for _ in range(7):
        await world.plan(her, "booking.aborted")
        await world.tell()
    assert world.sent.channels == ["customer"] * 5
    assert (await world.outcomes())[5:] == [Outcome.KEPT] * 2


async def test_a_menu_click_opens_three_messages_for_a_minute(world: World) -> None:
    her = await world.person("a", wrote=None)

    await world.add(
        Conversation, person_id=her, version=1, state={}, heard_at=world.now - timedelta(seconds=30)
    )
    for _ in range(4):
        await world.plan(her, "booking.aborted")
        await world.tell()
    assert world.sent.channels == ["customer"] * 3


async def test_the_best_channel_first(world: World) -> None:
    """A subscription while they owe one, else a template, else words."""
    world.forms = FORMS
    her = await world.person("a")
    await world.add(Credit, person_id=her, template=SUBSCRIPTION, owed=1, at=world.now)
    for kind in ("booking.approved", "booking.approved", "booking.day_before"):
        await world.plan(her, kind, facts={"number": 7, "instrument": "仪器"})
        await world.tell()
    assert world.sent.channels == ["subscription", "template", "customer"]
    first = world.sent.messages[0].body
    assert isinstance(first, Form)
    assert (first.template, first.fields["thing1"]) == (SUBSCRIPTION, "YY7 预约成功：仪器")
    async with world.database.read() as session:
        assert await session.scalar(select(Credit.owed)) == 0


async def test_an_account_s_type_limits_its_channels(world: World) -> None:
    world.forms, world.channels = FORMS, frozenset({Channel.CUSTOMER})
    await world.plan(await world.person("a"))
    await world.tell()
    assert world.sent.channels == ["customer"]


async def test_quiet_hours_hold_what_can_wait(world: World) -> None:
    world.now = world.now.replace(hour=22, minute=30)
    her = await world.person("a")
    await world.plan(her)
    await world.plan(her, "booking.aborted")
    await world.tell()
    assert len(world.sent.messages) == 1
    (held, _) = await world.rows()
    assert held.settled_at is None
    morning = world.now.replace(hour=7, minute=30) + DAY
    assert morning <= held.due_at <= morning + timedelta(minutes=5)
    world.now = morning + timedelta(minutes=5)
    await world.tell()
    assert await world.outcomes() == [Outcome.DELIVERED] * 2


async def test_several_become_one_message(world: World) -> None:
    her, him = await world.person("a"), await world.person("b")
    for _ in range(3):
        await world.plan(her)
    await world.plan(him)
    await world.plan(her, "booking.aborted")
    await world.tell()
    texts = [m.body.text for m in world.sent.messages if isinstance(m.body, Words)]
    assert len(texts) == 3
    digest = next(text for text in texts if text.startswith("您有 3 条提醒："))
    assert digest.splitlines()[1].startswith("1. YY")
    assert len(digest.splitlines()) == 4
    assert await world.outcomes() == [Outcome.DELIVERED] * 5


async def test_so_many_a_day_and_no_more(world: World) -> None:
    """What can wait waits for tomorrow; what must be told is told."""
    her = await world.person("a")
    world.forms = {"booking.day_before": FORMS["booking.aborted"], **FORMS}
    for _ in range(10):
        await world.plan(her, "booking.day_before")
        await world.tell()
    await world.plan(her, "booking.approved")
    await world.plan(her, "booking.aborted")
    await world.tell()
    rows = await world.rows()
    assert [row.outcome for row in rows] == [Outcome.DELIVERED] * 8 + [None] * 2 + [
        Outcome.DELIVERED
    ] * 2
    assert {row.due_at > world.now + 12 * HOUR for row in rows[8:10]} == {True}


async def test_what_is_of_no_use_is_dropped(world: World) -> None:
    her, gone = await world.person("a"), await world.person("b")
    async with world.database.begin() as session:
        (await session.get_one(Person, gone)).left_at = world.now
    await world.add(Silence, person_id=her, setting="before", at=world.now)
    await world.add(Silence, person_id=her, setting="answers", at=world.now)
    await world.plan(her, "booking.day_before")
    await world.plan(her, "booking.approved")  # mandatory: no switch holds it
    await world.plan(her, "booking.aborted", until=world.now)
    await world.plan(gone)
    await world.plan(her, "no.such_kind")
    await world.tell()
    assert len(world.sent.messages) == 1
    whys = {why for result, _, why in await world.log() if result == "dropped"}
    assert whys == {"silenced", "stale", "left", "no_such_person"}


async def test_a_closed_channel_leads_to_another(world: World) -> None:
    """The platform knows better: each refusal teaches, and the next channel is tried."""
    world.forms = FORMS
    refusals = {
        Channel.SUBSCRIPTION: StopChannel(Why.CREDIT, Scope.PERSON),
        Channel.TEMPLATE: StopChannel(Why.TEMPLATE, Scope.TEMPLATE),
        Channel.CUSTOMER: StopChannel(Why.WINDOW, Scope.PERSON),
    }
    world.sent = Sent(lambda message: refusals[message.channel])
    her = await world.person("a")
    await world.add(Credit, person_id=her, template=SUBSCRIPTION, owed=3, at=world.now)
    await world.plan(her)
    await world.tell()
    assert world.sent.channels == ["subscription", "template", "customer"]
    assert await world.outcomes() == [Outcome.KEPT]
    async with world.database.read() as session:
        assert await session.scalar(select(Credit.owed)) == 0
        stop = (await session.scalars(select(Stop))).one()
        assert (stop.channel, stop.template, stop.until) == (Channel.TEMPLATE, TEMPLATE, None)
        assert await session.scalar(select(Reach.closed_at)) == world.now
    await world.plan(await world.person("b", wrote=None), "booking.aborted")
    await world.tell()
    assert len(world.sent.messages) == 3  # the template is gone for all


async def test_used_up_and_muted_until_they_write_again(world: World) -> None:
    her, him = await world.person("a"), await world.person("b")
    answers: dict[str, Delivery] = {
        "a": StopChannel(Why.USED_UP, Scope.PERSON),
        "b": Drop(Why.MUTED),
    }
    world.sent = Sent(lambda message: answers[message.openid])
    for _ in range(2):
        await world.plan(her)
        await world.plan(him)
        await world.tell()
    assert [message.openid for message in world.sent.messages] == ["a", "b"]
    assert await world.outcomes() == [Outcome.KEPT, Outcome.DROPPED, Outcome.KEPT, Outcome.KEPT]


async def test_a_quota_holds_all_replicas(world: World) -> None:
    world.quotas = {Channel.CUSTOMER: {86_400: 3, 60: 2}}
    for n in range(4):
        await world.plan(await world.person(str(n)))
    await world.tell()
    assert len(world.sent.messages) == 2
    held = [row for row in await world.rows() if row.outcome is None]
    assert {row.due_at for row in held} == {world.now + timedelta(minutes=1)}
    world.now += timedelta(minutes=1)
    await world.tell()
    assert len(world.sent.messages) == 3
    (last,) = [row for row in await world.rows() if row.outcome is None]
    assert last.due_at == world.now.replace(hour=0, minute=0) + DAY


async def test_busy_is_tried_again_later_and_not_for_ever(world: World) -> None:
    world.sent = Sent(lambda _: RetryAt(world.now + timedelta(seconds=30), Why.BUSY))
    await world.plan(await world.person("a"), "booking.aborted")
    for _ in range(40):
        await world.tell()
        world.now += timedelta(minutes=31)
    assert len(world.sent.messages) == 12
    assert await world.outcomes() == [Outcome.DROPPED]
    assert (await world.log())[-1] == ("dropped", "customer", "gave_up")


async def test_a_lost_answer_is_repeated_while_the_key_lives(world: World) -> None:
    world.forms = FORMS
    first = world.now
    lives = first + timedelta(minutes=10)
    world.sent = Sent(lambda _: RetryAt(world.now + timedelta(seconds=30), Why.LOST, lives))
    await world.plan(await world.person("a"))
    for _ in range(30):
        await world.tell()
        world.now += timedelta(seconds=31)
    assert {message.key for message in world.sent.messages} == {"n1"}
    assert {message.first_tried_at for message in world.sent.messages} == {first}
    assert world.sent.messages[-1].channel is Channel.TEMPLATE
    assert len(world.sent.messages) > 10
    assert await world.outcomes() == [Outcome.UNKNOWN]


@pytest.mark.parametrize(
    ("answer", "outcome", "why"),
    [
        (Unknown(), Outcome.UNKNOWN, "lost"),
        (Drop(Why.MALFORMED, "thing1"), Outcome.DROPPED, "malformed"),
        (Unsubscribed(), Outcome.DROPPED, "left"),
    ],
)
async def test_other_ends(world: World, answer: Delivered, outcome: Outcome, why: str) -> None:
    world.sent = Sent(lambda _: answer)
    await world.plan(await world.person("a"))
    await world.tell()
    assert await world.outcomes() == [outcome]
    assert (await world.log())[0][2] == why
    async with world.database.read() as session:
        left = (await session.scalars(select(Person.left_at))).one()
        assert (left is not None) is isinstance(answer, Unsubscribed)


async def test_who_died_with_it_leaves_it_in_doubt(world: World) -> None:
    """A lease that ran out: a keyed send is repeated with its key, another one is unknown."""
    world.forms = {"booking.approved": FORMS["booking.approved"]}

    def die(_: object) -> Delivered:
        raise Killed

    world.sent = Sent(die)
    await world.plan(await world.person("a"))
    await world.plan(await world.person("b"), "booking.aborted")
    with pytest.raises(Killed):
        await world.deliverer.round()
    world.sent = Sent()
    await world.tell()
    assert world.sent.messages == []  # the lease still runs
    world.now += timedelta(minutes=3)
    await world.tell()
    (again,) = world.sent.messages
    assert (again.key, again.channel) == ("n1", Channel.TEMPLATE)
    assert await world.outcomes() == [Outcome.DELIVERED, Outcome.UNKNOWN]


async def test_withdrawn_while_it_goes_out_stays_withdrawn(world: World) -> None:
    await world.plan(await world.person("a"))
    async with world.database.begin() as session:
        await withdraw(session, "booking/1", world.now)
    await world.tell()
    assert world.sent.messages == []
    assert await world.outcomes() == [Outcome.WITHDRAWN]


async def test_a_row_that_cannot_be_worded_hurts_nobody(world: World) -> None:
    """Its facts are no facts: dropped with a reason; its neighbours are told."""
    await world.plan(await world.person("a"), "booking.aborted", facts={"period": {"at": "x"}})
    await world.plan(await world.person("b"), "booking.aborted")
    with structlog.testing.capture_logs() as logged:
        await world.tell()
    assert await world.outcomes() == [Outcome.DROPPED, Outcome.DELIVERED]
    assert [(line["event"], line["kinds"]) for line in logged] == [("notice", ["booking.aborted"])]


async def test_what_was_told_long_ago_is_forgotten(world: World) -> None:
    world.quotas = {Channel.CUSTOMER: {60: 10}}
    await world.plan(await world.person("a"))
    await world.plan(await world.person("b", wrote=None))
    await world.tell()
    async with world.database.begin() as session:
        assert await aging.forget(session, world.now + 179 * DAY) == 0
        assert await aging.forget(session, world.now + 181 * DAY) == 1
        assert await aging.forget(session, world.now + 181 * DAY) == 0
    assert await world.outcomes() == [Outcome.KEPT]
    async with world.database.read() as session:
        assert (await session.scalars(select(Quota))).all() == []
    assert await world.database.run(job.owed(0)) == (0, 0)


async def test_what_is_withdrawn_on_its_way_never_comes_back(world: World) -> None:
    """It was in a sender's hands: whatever the answer, it is not planned again."""

    class Slow(Sent):
        async def send(self, message: Outgoing) -> Delivery:
            async with world.database.begin() as session:
                await withdraw(session, "booking/1", world.now)
            return await super().send(message)

    world.sent = Slow(lambda _: RetryAt(world.now + timedelta(seconds=30), Why.BUSY))
    await world.plan(await world.person("a"))
    await world.tell()
    world.now += HOUR
    await world.tell()
    assert len(world.sent.messages) == 1
    assert await world.outcomes() == [Outcome.WITHDRAWN]
