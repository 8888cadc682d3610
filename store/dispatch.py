"""Due rows of the outbox: claimed with what is done about them, and settled, many at once.

One transaction claims: it locks what is due, looks up how the people can be reached, decides, and
writes what was decided, with a lease for what is to be sent. A row whose lease ran out was in the
hands of somebody who died: it may have gone out, and is decided about accordingly
(store/choosing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.choosing import Account, Decision, Due, House, Human, begins, decide
from store.delivery import Result
from store.outbox import Channel, Outcome
from store.script import Rows, Script, Statement

FOREVER = 2**62
LOCK = " for update of o skip locked"
"""On PostgreSQL; SQLite has one writer."""
INDEXED = "indexed by ix_outbox_due"
"""On SQLite, whose planner was seen to read every row that waits, once ANALYZE had been run."""

_DUE = """
with batch(now, most) as (ROWS)
select o.id, o.person_id, o.kind, cast(o.facts as text), o.sealed, o.planned_at, o.until, o.tries,
       o.channel, o.tried_at
  from outbox o NEAR
 where o.settled_at is null and o.due_at <= (select now from batch)
 order by o.due_at limit (select most from batch)
"""
_PEOPLE = """
with batch(id) as (ROWS)
select p.id, p.openid, p.left_at, c.wrote_at, c.heard_at, r.muted_at, r.closed_at, r.window_at,
       r.used, r.told_since, r.told
  from batch
  join person p on p.id = batch.id
  left join conversation c on c.person_id = p.id
  left join reach r on r.person_id = p.id
"""
_WISHES = """
with batch(id) as (ROWS)
select c.person_id, c.template, c.owed from batch join credit c on c.person_id = batch.id
union all
select s.person_id, s.setting, null from batch join silence s on s.person_id = batch.id
"""
_ACCOUNT = """
with batch(channel, seconds, begins_at) as (ROWS)
select q.channel, '', q.seconds, q.used
  from batch join quota q
    on q.channel = batch.channel and q.seconds = batch.seconds and q.begins_at = batch.begins_at
union all
select s.channel, s.template, 0, coalesce(s.until, 0)
  from stop s, batch
 where batch.channel = 'now' and (s.until is null or s.until > batch.begins_at)
"""
SET = """
with batch(id, due_at, channel, tried_at, settled_at, outcome, claim, tries) as (ROWS)
update outbox
   set due_at = batch.due_at, channel = batch.channel, tried_at = batch.tried_at,
       settled_at = batch.settled_at, outcome = batch.outcome, claim = batch.claim,
       tries = outbox.tries + batch.tries
  from batch where outbox.id = batch.id
"""
SET_TYPES = ("bigint", "bigint", "text", "bigint", "bigint", "text", "bigint", "bigint")
LOG = """
with batch(outbox_id, at, channel, result, why, detail, receipt) as (ROWS)
insert into delivery (outbox_id, at, channel, result, why, detail, receipt)
select outbox_id, at, channel, result, why, detail, receipt from batch
"""
LOG_TYPES = ("bigint", "bigint", "text", "text", "text", "text", "text")
_COUNTED = """
with batch(person_id, window_at, used, told_since, told) as (ROWS)
insert into reach (person_id, window_at, used, told_since, told)
select person_id, window_at, used, told_since, told from batch where true
on conflict (person_id) do update
   set window_at = excluded.window_at, used = excluded.used, told_since = excluded.told_since,
       told = excluded.told
"""
_TAKEN = """
with batch(person_id, template, taken) as (ROWS)
update credit set owed = credit.owed - batch.taken
  from batch where credit.person_id = batch.person_id and credit.template = batch.template
"""
_SPENT = """
with batch(channel, seconds, begins_at, used) as (ROWS)
insert into quota (channel, seconds, begins_at, used)
select channel, seconds, begins_at, used from batch where true
on conflict (channel, seconds, begins_at) do update set used = quota.used + excluded.used
"""
_WAITING = """
with batch(id, more) as (ROWS)
update person set waiting = coalesce(person.waiting, 0) + batch.more
  from batch where person.id = batch.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """How many are taken, when, until when, by whom."""

    now: int
    until: int
    """When the lease ends: whoever holds it sends nothing after that."""
    most: int
    token: int


def claim(taken: Claim, house: House, *, embedded: bool) -> Script[list[Decision]]:
    """Take what is due, decide, and give what is to be sent now; the rest is done already."""
    now = taken.now
    sql = _DUE.replace("NEAR", INDEXED if embedded else "") + ("" if embedded else LOCK)
    rows = [_due(row) for row in (yield Statement(sql, ("bigint", "bigint"), [(now, taken.most)]))]
    if not rows:
        return []
    ids = [(person_id,) for person_id in sorted({row.person_id for row in rows})]
    people = {row[0]: _human(row) for row in (yield Statement(_PEOPLE, ("bigint",), ids))}
    for person_id, name, left in (yield Statement(_WISHES, ("bigint",), ids)):
        if left is None:
            people[person_id].silent.add(name)
        else:
            people[person_id].credits[name] = left
    account = _account((yield _asked(house, now)), house)
    decisions = decide(rows, people, account, house, now)
    yield Statement(SET, SET_TYPES, [each for one in decisions for each in _set(one, taken)])
    yield from _done(decisions, now)
    yield from _counts(people, account, house, now)
    return [decision for decision in decisions if decision.channel is not None]


CHANNELS = {str(channel): channel for channel in Channel} | {None: None}


def _due(row: Sequence[Any]) -> Due:
    number, person_id, kind, facts, sealed, planned_at, until, tries, channel, tried_at = row
    by = CHANNELS[channel]
    return Due(number, person_id, kind, facts, sealed, planned_at, until, tries, by, tried_at)


def _human(row: Sequence[Any]) -> Human:
    number, openid, left, wrote, heard, muted, closed, window, used, since, told = row
    return Human(
        number,
        openid,
        left is not None,
        wrote or 0,
        heard or 0,
        muted or 0,
        closed or 0,
        window or 0,
        used or 0,
        since or 0,
        told or 0,
    )


def _asked(house: House, now: int) -> Statement:
    pairs = [
        (str(channel), seconds, begins(now, seconds))
        for channel, quotas in house.quotas.items()
        for seconds in quotas
    ]
    return Statement(_ACCOUNT, ("text", "bigint", "bigint"), [*pairs, ("now", 0, now)])


def _account(rows: Rows, house: House) -> Account:
    account = Account()
    for channel, template, seconds, value in rows:
        if seconds:
            account.used[Channel(channel), seconds] = value
        else:
            account.stops[Channel(channel), template] = value or FOREVER
    return account


def _set(decision: Decision, taken: Claim) -> list[tuple[Any, ...]]:
    """The columns of a decision's rows; several that go out as one are never sent once more."""
    channel, now = decision.channel, taken.now
    if channel is not None:
        alone = len(decision.rows) == 1
        return [
            (
                row.id,
                taken.until,
                channel.value,
                (row.tried_at if row.channel else now) if alone else 0,
                None,
                None,
                taken.token,
                1,
            )
            for row in decision.rows
        ]
    settled_at = now if decision.outcome else None
    outcome = decision.outcome and str(decision.outcome)
    return [
        (row.id, decision.at or now, row.channel, row.tried_at, settled_at, outcome, None, 0)
        for row in decision.rows
    ]


ENDS = {
    Outcome.DROPPED: Result.DROPPED,
    Outcome.UNKNOWN: Result.LOST,
    Outcome.KEPT: Result.KEPT,
}


def _done(decisions: Sequence[Decision], now: int) -> Script[None]:
    """Write down what was decided without sending."""
    ended = [
        (row, decision.outcome, decision.why)
        for decision in decisions
        if decision.outcome is not None
        for row in decision.rows
    ]
    logged = [
        (row.id, now, row.channel, str(ENDS[outcome]), why and str(why), None, None)
        for row, outcome, why in ended
    ]
    if logged:
        yield Statement(LOG, LOG_TYPES, logged)
    waiting: dict[int, int] = {}
    for row, outcome, _ in ended:
        if outcome is Outcome.KEPT:
            waiting[row.person_id] = waiting.get(row.person_id, 0) + 1
    if waiting:
        yield Statement(_WAITING, ("bigint", "bigint"), sorted(waiting.items()))


def _counts(people: Mapping[int, Human], account: Account, house: House, now: int) -> Script[None]:
    counted = [
        (one.id, one.window_at or None, one.used, one.told_since or None, one.told)
        for one in people.values()
        if one.counted
    ]
    if counted:
        yield Statement(_COUNTED, ("bigint",) * 5, counted)
    taken = [(one.id, template, n) for one in people.values() for template, n in one.taken.items()]
    if taken:
        yield Statement(_TAKEN, ("bigint", "text", "bigint"), taken)
    spent = [
        (str(channel), seconds, begins(now, seconds), n)
        for channel, n in sorted(account.spent.items())
        for seconds in sorted(house.quotas.get(channel, ()))
    ]
    if spent:
        yield Statement(_SPENT, ("text", "bigint", "bigint", "bigint"), spent)
