"""What a sender's answer means for a row: over, later, or elsewhere; and what it teaches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from store.base import microseconds
from store.choosing import Decision, Due
from store.delivery import Result
from store.outbox import (
    Delivered,
    Delivery,
    Drop,
    Outcome,
    RetryAt,
    Scope,
    StopChannel,
    Unknown,
    Unsubscribed,
    Why,
)
from store.reach import Fact, Lesson

MOST_TRIES = 12
LONGEST_PAUSE = timedelta(minutes=30)
SHORTLY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the rows of one message."""

    result: Result
    outcome: Outcome | None = None
    at: datetime | None = None
    """When they are looked at again."""
    again: bool = False
    """By the same channel: it may have gone out."""
    why: Why | None = None
    detail: str = ""
    receipt: str = ""
    lessons: Sequence[Lesson] = ()

    def columns(self, row: Due, now: datetime) -> dict[str, Any]:
        """As `store.settling.Ended` wants them."""
        return {
            "result": self.result,
            "at": microseconds(self.at or now),
            "outcome": self.outcome,
            "again": self.again,
            "tried_at": row.tried_at or microseconds(now),
            "why": self.why,
            "detail": self.detail,
            "receipt": self.receipt,
        }


def judge(decision: Decision, delivery: Delivery, now: datetime) -> Verdict:
    """The verdict on one answer; what may have gone out before is never sent in another way."""
    match delivery:
        case Delivered():
            return Verdict(Result.SENT, Outcome.DELIVERED, receipt=delivery.receipt)
        case Unknown():
            return LOST
        case RetryAt():
            return _later(decision, delivery, now)
        case StopChannel():
            return _stopped(decision, delivery, now)
        case Drop():
            return _dropped(decision, delivery)
        case Unsubscribed():
            gone = _lesson(decision, Fact.LEFT)
            return _over(decision, Verdict(Result.DROPPED, Outcome.DROPPED, why=Why.LEFT), gone)


LOST = Verdict(Result.LOST, Outcome.UNKNOWN, why=Why.LOST)
"""It may have gone out, and nobody will ever know."""


def _doubtful(decision: Decision) -> bool:
    """Whether an earlier attempt may have gone out."""
    return any(row.channel is not None for row in decision.rows)


def _over(decision: Decision, verdict: Verdict, lessons: Sequence[Lesson]) -> Verdict:
    """An end that is certain, unless an earlier attempt may have gone out."""
    return replace(LOST if _doubtful(decision) else verdict, lessons=lessons)


def _later(decision: Decision, retry: RetryAt, now: datetime) -> Verdict:
    """Once more; longer pauses each time, and not for ever."""
    tries = decision.rows[0].tries
    if retry.why is Why.LOST or _doubtful(decision):
        if len(decision.rows) > 1 or (retry.before and retry.at >= retry.before):
            return LOST
        return Verdict(Result.LATER, at=retry.at, again=True, why=retry.why)
    refund = _lesson(decision, Fact.REFUND)
    if tries + 1 >= MOST_TRIES:
        return Verdict(Result.DROPPED, Outcome.DROPPED, why=Why.GAVE_UP, lessons=refund)
    pause = min((retry.at - now) * 2**tries, LONGEST_PAUSE)
    return Verdict(Result.LATER, at=max(retry.at, now + pause), why=retry.why, lessons=refund)


def _dropped(decision: Decision, drop: Drop) -> Verdict:
    muted = _lesson(decision, Fact.MUTED) if drop.why is Why.MUTED else ()
    return Verdict(Result.DROPPED, Outcome.DROPPED, why=drop.why, detail=drop.detail, lessons=muted)


def _stopped(decision: Decision, stop: StopChannel, now: datetime) -> Verdict:
    lessons = _stop(decision, stop)
    if _doubtful(decision):
        at = now + SHORTLY
        return Verdict(Result.LATER, at=at, again=True, why=stop.why, lessons=lessons)
    return Verdict(Result.ELSEWHERE, why=stop.why, lessons=lessons)


OF_PERSON = {
    Why.CREDIT: Fact.NO_CREDIT,
    Why.WINDOW: Fact.CLOSED,
    Why.USED_UP: Fact.USED_UP,
}


def _stop(decision: Decision, stop: StopChannel) -> Sequence[Lesson]:
    """A channel is closed: to this person, for this template, or to all."""
    if stop.scope is Scope.PERSON:
        return _lesson(decision, OF_PERSON[stop.why])
    template = decision.template if stop.scope is Scope.TEMPLATE else ""
    until = microseconds(stop.until) if stop.until else None
    lesson = Lesson(
        Fact.STOP, channel=decision.channel, template=template, why=str(stop.why), until=until
    )
    return (lesson,)


def _lesson(decision: Decision, fact: Fact) -> Sequence[Lesson]:
    person_id = decision.rows[0].person_id
    return (Lesson(fact, person_id, decision.channel, decision.template),)
