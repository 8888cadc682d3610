"""Whatever is done in whatever order, the store and a brute-force model of it agree."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from store import booking
from store.availability import Unfit
from store.booking import LIFECYCLE, OCCUPYING, OutageThere, Status, Wish
from store.database import Database
from store.lifecycle import NotNow, NotYours
from tests.store.booking.scene import NOW, POLICY, Scene, at, begin

T = TypeVar("T")
HALF = timedelta(minutes=30)
STARTS, LENGTHS, BUFFERS = st.integers(2, 20), st.integers(1, 6), st.integers(0, 2)
"""In half hours."""
SIDES = st.sampled_from(["user", "keeper"])
ELSEWHERE = {"replace", "shift", "reopen", "renew", "restore", "resend"}
"""Verbs that are rules of their own."""
MOVES = sorted({(move.verb, move.by) for move in LIFECYCLE if move.verb not in ELSEWHERE})
UNDONE = {Status.REQUESTED, Status.OFFERED, Status.APPROVED}


@dataclass
class Believed:
    """What the model holds of one number."""

    status: Status
    start: int
    end: int
    wish: Wish
    before: int
    """How far its time reaches before its start, and after its end."""
    after: int
    was: Status | None = None
    """Where it stood when its user called it off last."""

    @property
    def blocked(self) -> tuple[int, int]:
        return self.start - self.before, self.end + self.after


@dataclass
class Down:
    """An outage that the model holds."""

    start: int
    end: int


@dataclass
class World:
    """All that the model holds."""

    bookings: dict[int, Believed] = field(default_factory=dict)
    outages: dict[int, Down] = field(default_factory=dict)

    def blocked(self, but: int = 0) -> list[tuple[int, int]]:
        held = [b.blocked for n, b in self.bookings.items() if n != but and b.status in OCCUPYING]
        return sorted(held + [(down.start, down.end) for down in self.outages.values()])

    def fits(self, start: int, end: int, but: int = 0) -> bool:
        return all(other[1] <= start or end <= other[0] for other in self.blocked(but))


class Machine(RuleBasedStateMachine):
    """One instrument, in which anybody does anything."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, T]], T], database: Database) -> None:
        super().__init__()
        self.run: Any = run
        self.database = database
        self.world = World()

    @initialize(before=BUFFERS, after=BUFFERS, approval=st.booleans())
    def arrive(self, before: int, after: int, *, approval: bool) -> None:
        self.before, self.after, self.approval = before, after, approval
        given = {"before": before * HALF, "after": after * HALF, "approval": approval}
        self.scene: Scene = self.run(begin(self.database, **given))

    def believed(self, wish: Wish, status: Status, start: int, end: int) -> Believed:
        return Believed(status, start, end, wish, self.before, self.after)

    @rule(start=STARTS, length=LENGTHS)
    def ask(self, start: int, length: int) -> None:
        end = start + length
        wish = self.scene.wish(start / 2, end / 2)
        fits = self.world.fits(start - self.before, end + self.after)
        try:
            made = self.run(self.scene.ask_for(wish))
        except Unfit:
            assert not fits
        else:
            assert fits
            assert made.number not in self.world.bookings
            status = Status.REQUESTED if self.approval else Status.APPROVED
            self.world.bookings[made.number] = self.believed(wish, status, start, end)

    @precondition(lambda self: self.world.bookings)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """The same confirmation, delivered once more."""
        number, believed = self.pick(data)
        assert self.run(self.scene.ask_for(believed.wish)).number == number

    @precondition(lambda self: self.world.bookings)
    @rule(data=st.data(), move=st.sampled_from(MOVES))
    def move(self, data: st.DataObject, move: tuple[str, str]) -> None:
        verb, by = move
        number, believed = self.pick(data)
        facts = {"was": str(believed.status)} if verb == "cancel" else {}
        arrows = {(a.verb, a.old, a.by): Status(a.new) for a in LIFECYCLE}
        new = arrows.get((verb, believed.status, by))
        try:
            moved = self.run(self.scene.move(number, verb, by, facts=facts))
        except (NotNow, NotYours):
            assert new is None
        else:
            assert moved.status is new
            believed.was = believed.status if verb == "cancel" else None
            believed.status = new

    @precondition(lambda self: self.world.bookings)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        number, believed = self.pick(data)
        fits = self.world.fits(believed.start - self.before, believed.end + self.after, number)
        may = believed.status is Status.CANCELLED and believed.was in UNDONE
        try:
            self.run(self.undone(number))
        except (NotNow, booking.TooLateToUndo):
            assert not may
        except Unfit:
            assert may
            assert not fits
        else:
            assert may
            assert fits
            assert believed.was
            believed.status = believed.was
            believed.before, believed.after = self.before, self.after

    async def undone(self, number: int) -> None:
        async with self.database.begin() as session:
            row = await self.scene.found(session, number)
            terms, user = self.scene.terms, self.scene.user
            await booking.undo(session, row, user, terms=terms, policy=POLICY, now=NOW)

    @precondition(lambda self: self.world.bookings)
    @rule(data=st.data(), start=STARTS, length=LENGTHS, by=SIDES)
    def reschedule(self, data: st.DataObject, start: int, length: int, by: str) -> None:
        number, believed = self.pick(data)
        end = start + length
        verb = "replace" if by == "user" else "shift"
        may = any(a.verb == verb and a.old == believed.status for a in LIFECYCLE)
        same = by == "user" and (start, end) == (believed.start, believed.end)
        fits = same or self.world.fits(start - self.before, end + self.after, number)
        try:
            self.run(self.scene.reschedule(number, start / 2, end / 2, by))
        except NotNow:
            assert not may
        except Unfit:
            assert may
            assert not fits
        else:
            assert may
            assert fits
            if same:
                return
            asked = Status.REQUESTED if self.approval else Status.APPROVED
            status = Status.OFFERED if by == "keeper" else asked
            self.world.bookings[number] = self.believed(believed.wish, status, start, end)

    @rule(start=STARTS, length=LENGTHS)
    def begin_outage(self, start: int, length: int) -> None:
        end = start + length
        others = self.world.outages.values()
        free = all(down.end <= start or end <= down.start for down in others)
        try:
            outage, aborted = self.run(self.scene.outage(start / 2, end / 2))
        except OutageThere:
            assert not free
            return
        assert free
        hit = set()
        for number, believed in self.world.bookings.items():
            if believed.status not in OCCUPYING:
                continue
            if believed.start < end and start < believed.end:
                believed.status = Status.ABORTED
                hit.add(number)
            elif believed.end <= start < believed.blocked[1]:
                believed.after = start - believed.end
            elif believed.blocked[0] < end <= believed.start:
                believed.before = believed.start - end
        assert {row.number for row in aborted} == hit
        self.world.outages[outage.id] = Down(start, end)

    @precondition(lambda self: self.world.outages)
    @rule(data=st.data())
    def end_outage(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.world.outages)))
        self.run(self.ended(number))
        del self.world.outages[number]

    async def ended(self, number: int) -> None:
        async with self.database.begin() as session:
            await booking.end_outage(session, number, self.scene.keeper, NOW)

    @rule(hour=st.integers(0, 12))
    def expire(self, hour: int) -> None:
        """A request is held until its period begins, for all of them begin before three days."""
        self.run(self.expired(hour))
        for each in self.world.bookings.values():
            if each.status in {Status.REQUESTED, Status.OFFERED} and each.start <= 2 * hour:
                each.status = Status.EXPIRED

    async def expired(self, hour: int) -> None:
        async with self.database.begin() as session:
            await booking.expire(session, at(hour))

    @invariant()
    def agree(self) -> None:
        if self.world.bookings or self.world.outages:
            self.run(self.compared())

    async def compared(self) -> None:
        taken = [(2 * start, 2 * end) for start, end in await self.scene.taken()]
        assert taken == self.world.blocked()
        async with self.database.read() as session:
            mine = {
                row.number: row
                for past in (False, True)
                for row in await booking.mine(session, self.scene.user, NOW, past=past)
            }
        assert {
            number: (row.status, row.starts_at, row.ends_at) for number, row in mine.items()
        } == {
            number: (each.status, at(each.start / 2), at(each.end / 2))
            for number, each in self.world.bookings.items()
        }

    def pick(self, data: st.DataObject) -> tuple[int, Believed]:
        number = data.draw(st.sampled_from(sorted(self.world.bookings)))
        return number, self.world.bookings[number]


def play(url: str, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        database = Database(url)

        class Here(Machine):
            def __init__(self) -> None:
                super().__init__(runner.run, database)

        given = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        try:
            run_state_machine_as_test(Here, settings=given)
        finally:
            runner.run(database.close())


def test_the_model_and_the_store_agree(database_url: str) -> None:
    play(database_url, examples=25, steps=30)


@pytest.mark.soak
def test_the_model_and_the_store_agree_for_long(database_url: str) -> None:
    play(database_url, examples=1000, steps=60)
