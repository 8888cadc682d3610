"""What is kept of a conversation, and where it stands: the open question follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from bot.kit.answer import Given, Offer
from bot.kit.flow import Flow, Step
from bot.kit.say import Say
from store.errors import Refused


@dataclass(frozen=True, slots=True)
class Talk:
    """An unfinished conversation; one JSON value in its follower's row."""

    flow: str
    """The flow's name."""
    touched: datetime
    """When the last message was taken."""
    answers: tuple[Given, ...] = ()
    """In the order in which they were given. Those of a branch not taken wait, and do not count."""
    version: int = 0
    """One more with every message."""
    tries: int = 0
    """Messages in a row that did not answer the open question."""
    changing: str | None = None
    """An answered question that is asked once more; its answer stands until there is a new one."""
    offered: Offer | None = None
    """The numbered lines that a number means."""
    seen: str = ""
    """The fingerprint of the summary last shown: only what was seen can be confirmed."""
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What of that summary is compared with the next."""

    def give(self, given: Given) -> Talk:
        """With one more answer, which takes the place of an earlier one to the same question."""
        return replace(self.forget(given.step), answers=(*self.forget(given.step).answers, given))

    def forget(self, step: str) -> Talk:
        """Without the answer to a question."""
        kept = tuple(given for given in self.answers if given.step != step)
        return replace(self.again(), answers=kept)

    def again(self) -> Talk:
        """With its open question put as for the first time."""
        return replace(self, tries=0, changing=None, offered=None)

    def interrupted(self, now: datetime, *, numbered: bool) -> Talk:
        """After something else was answered; `numbered`: a number now means a line of that."""
        return replace(self, touched=now, offered=None if numbered else self.offered)

    def to_json(self) -> dict[str, Any]:
        """As the row keeps it."""
        offer = self.offered
        return {
            "flow": self.flow,
            "touched": self.touched.isoformat(),
            "answers": [[given.step, given.value, given.label] for given in self.answers],
            "version": self.version,
            "tries": self.tries,
            "changing": self.changing,
            "offered": offer and [list(offer.choices), offer.about, offer.first],
            "seen": self.seen,
            "told": dict(self.told),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As it was kept."""
        offered = kept["offered"]
        return cls(
            **{key: kept[key] for key in ("flow", "version", "tries", "changing", "seen")},
            touched=datetime.fromisoformat(kept["touched"]),
            told=kept.get("told", {}),
            answers=tuple(Given(*given) for given in kept["answers"]),
            offered=offered and Offer(tuple(offered[0]), *offered[1:]),
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message came to."""

    talk: Talk | None
    """What is kept now; None: the talk is over."""
    say: Say | None = None
    done: Flow | None = None
    """Complete and confirmed: its `finish` is to be run, and says what there is to say."""
    understood: bool = True
    """Whether the message was meant for this talk. If not, `say` is what to say should nobody
    else understand it either."""
    left: Talk | None = None
    """A talk that ended unfinished: `resume` brings it back for ten minutes."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a talk stands: a walk through its questions up to the first open one."""

    so_far: Flow
    """The answers that count."""
    given: tuple[Given, ...]
    """The same, in the order of the questions."""
    step: Step | None
    """The open question."""

    @property
    def labels(self) -> dict[str, str]:
        """The answers in words, as placeholders of a text."""
        return {given.step: given.label for given in self.given}


def walk(flow: type[Flow], talk: Talk) -> Walk:
    """Find the open question: the one being changed, else the first without an answer."""
    answers = {given.step: given for given in talk.answers}
    so_far, passed = flow(), list[Given]()
    step: Step | None
    for name, step in flow.steps.items():
        if step.when is not None and not step.when(so_far):
            continue
        given = answers.get(name)
        if given is None or not _load(so_far, step, given):
            break
        passed.append(given)
    else:
        step = None
    changing = next((flow.steps[g.step] for g in passed if g.step == talk.changing), step)
    return Walk(so_far, tuple(passed), changing)


def _load(so_far: Flow, step: Step, given: Given) -> bool:
    """Set the flow's field; False when the code has changed so that the value means nothing."""
    try:
        setattr(so_far, step.name, step.load(given.value))
    except (Refused, ValueError, TypeError, KeyError):
        return False
    return True
