"""Notices: kinds are whole, facts come back as they were, events become rows of the outbox."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import app
from bot.kit import facts as facts_of
from bot.kit.facts import Fen, Seals
from bot.kit.say import Say
from notifications.notice import Kind, KindsBroken, Notice, Planner, load
from store.database import Database
from store.event import Event, record
from store.outbox import Outbox, Outcome
from store.policies import Policy
from store.policies import load as policy_of
from tests.store.people import SECRET
from tests.store.people import person as somebody

POLICY = policy_of("jinzhong")
HOUR = timedelta(hours=1)
KINDS = {
    "thing.made": Kind("thing.made", "things"),
    "thing.soon": Kind("thing.soon", "things", ends=frozenset({"thing.end"})),
}


def test_every_kind_is_whole() -> None:
    """Words and title, a setting with its name; and every kind that is told has a row."""
    copy = app.texts()
    for kind in load().values():
        assert copy.find(kind.key) == kind.key
        assert copy.find(f"{kind.key}:title"), kind.name
        assert copy.find(f"notice.setting.{kind.setting}:title"), kind.setting
        for event in kind.ends:
            assert event.count(".") == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('["a.b"]\nsetting = "x"\nmandatry = true', "mandatry"),
        ('["a.b"]\nurgent = true', "setting"),
    ],
)
def test_a_mistake_in_a_kind_is_named(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "kinds.toml").write_text(row, "utf-8")
    with pytest.raises(KindsBroken, match=said):
        load(tmp_path / "kinds.toml")


def test_facts_come_back_as_they_were() -> None:
    at = datetime(2026, 11, 25, 1, tzinfo=UTC)
    facts = {"n": 208, "name": "x", "at": at, "period": (at, at + HOUR), "fee": Fen(40_000)}
    kept = facts_of.closed({**facts, "nothing": None})
    assert facts_of.opened(kept) == facts
    assert isinstance(facts_of.opened(kept)["fee"], Fen)


def test_private_facts_are_one_persons() -> None:
    seals = Seals(SECRET)
    sealed = seals.closed({"reason": "张三说的"}, 7)
    assert sealed is not None
    assert "张三" not in sealed
    assert seals.opened(sealed, 7) == {"reason": "张三说的"}
    assert seals.opened(sealed, 8) == {}
    assert seals.closed({}, 7) is None
    assert seals.opened(None, 7) == {}


async def hears(session: AsyncSession, event: Event, policy: Policy) -> Sequence[Notice]:
    del session, policy
    assert event.actor_id is not None
    other = event.facts["other"]
    return [
        Notice("thing.made", other, {"n": event.id}),
        Notice("thing.made", event.actor_id),
        Notice("thing.soon", event.actor_id, due_at=event.at + HOUR, until=event.at + 2 * HOUR),
        Notice("thing.soon", other, due_at=event.at - HOUR),
    ]


async def test_events_become_rows(database: Database, now: datetime) -> None:
    """Told at once to others, planned for oneself, what is past not at all; ended by another."""
    database.tell = Planner([{"thing.make": hears}], KINDS, POLICY, SECRET).tell
    async with database.begin() as session:
        me, other = await somebody(session, now), await somebody(session, now)
        made = Event("thing", 3, "make", 1, now, me, {"other": other})
        await record(session, made)
    async with database.read() as session:
        rows = (await session.scalars(select(Outbox).order_by(Outbox.id))).all()
        assert [(row.kind, row.person_id, row.due_at) for row in rows] == [
            ("thing.made", other, now),
            ("thing.soon", me, now + HOUR),
        ]
        assert {row.about for row in rows} == {"thing/3"}
        assert rows[0].facts == {"n": 3}
        assert rows[1].until == now + 2 * HOUR
    async with database.begin() as session:
        await record(session, Event("thing", 3, "end", 2, now))
    async with database.read() as session:
        rows = (await session.scalars(select(Outbox).order_by(Outbox.id))).all()
        assert [row.outcome for row in rows] == [None, Outcome.WITHDRAWN]


async def test_a_kind_without_a_row_is_a_fault(database: Database, now: datetime) -> None:
    database.tell = Planner([{"thing.make": hears}], {}, POLICY, SECRET).tell
    async with database.begin() as session:
        me = await somebody(session, now)
    with pytest.raises(KindsBroken, match=r"thing\.made"):
        async with database.begin() as session:
            await record(session, Event("thing", 3, "make", 1, now, me, {"other": me + 1}))


def test_a_title_without_its_facts_is_a_text() -> None:
    copy = app.texts()
    assert copy.compose(Say("notice.booking.missed:title", {"number": 7})).startswith("YY7")
