"""The desk: hears each follower's messages in order, has them answered, keeps where they stand.

Messages that only read are loaded and saved together, many to a transaction. A handler that changes
something runs in a transaction of its own with the repeat-key, the conversation and what it says.
Whoever loses the race for a conversation's next version (another replica was faster) starts again.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.batch import Batch, InOrder
from bot.discretion import PRIVATE, Discretion, Facts
from bot.kit.asking import below
from bot.kit.heard import Act, Heard
from bot.kit.pages import cut
from bot.kit.say import Answer, Say
from bot.kit.texts import Texts
from bot.listening import Changes, Declined, Listening, Outcome
from store import conversation
from store.context import Context, Who
from store.conversation import State, Step
from store.database import Database, Unavailable
from store.policies import Policy
from store.search.index import Index
from store.search.kept import Kept

LONGEST = 2_000
"""Bytes of UTF-8 in one message; the platform's limit is about 2,048."""
TRIES = 16
AWAY = 1.0
"""Seconds between two tries while the database is away: what comes late is still brought."""
GIVING_WAY = 0.02
"""Seconds that whoever was overtaken waits at most before the second try; longer each time."""
MESSAGES = frozenset({Act.TEXT, Act.PLACE, Act.PICTURE, Act.OTHER})
UNASKED = ("notice.", "notices.")
"""Below what is said of notices itself, nothing more is said of them."""
KEPT = 800
"""Answers whose words are kept ready."""
MOST_KEPT = 5
"""Late answers kept for one follower."""

log = structlog.get_logger(__name__)


class Overtaken(Exception):  # noqa: N818 - not a fault: start again
    """Another replica moved the conversation first."""


@dataclass(frozen=True)
class House:
    """What every message is answered with."""

    database: Database
    policy: Policy
    catalogue: Index
    address: str
    secret: bytes
    clock: Callable[[], datetime]
    rng: random.Random
    new_id: Callable[[], str]


class Desk:
    """Where messages are heard."""

    def __init__(self, house: House, listening: Listening, texts: Texts) -> None:
        self._house = house
        self._listening = listening
        self._texts = texts
        self._order = InOrder()
        self._load = Batch(self._load_many)
        self._save = Batch(self._save_many)
        self._discretion = Discretion(house.secret)
        self._said: Kept[int, tuple[Say, str]] = Kept(KEPT)
        self._next = "\n" + texts.compose(Say("desk.cut"))

    async def hear(self, heard: Heard) -> Answer | None:
        """Answer one message; None when nothing is to be said. A repeat gets the same answer."""
        if not self._listening.concerns(heard):
            return None
        return await self._order.run(heard.openid, partial(self._hear, heard))

    async def _hear(self, heard: Heard) -> Answer | None:
        for tried in range(1, TRIES + 1):
            try:
                state = await self._load(heard)
                if state is None:
                    return None
                if state.repeated:
                    return self._again(heard, state)
                return await self._answer(heard, state)
            except Overtaken:
                await asyncio.sleep(self._house.rng.uniform(0, GIVING_WAY * tried))
            except Unavailable:
                await asyncio.sleep(AWAY)
        raise Overtaken(heard.key)

    def _again(self, heard: Heard, state: State) -> Answer | None:
        said = self._discretion.opened(state.said or {}, heard.key)
        return self._compose(Outcome(Say.from_json(said) if said else None, {}))

    async def keep(self, heard: Heard, answer: Answer) -> None:
        """Keep an answer that came too late, for when its follower writes `继续`."""
        await self._order.run(heard.openid, partial(self._keep, heard, answer))

    async def _keep(self, heard: Heard, answer: Answer) -> None:
        key = f"{heard.key}:kept"
        for _ in range(TRIES):
            state = await self._load(replace(heard, key=key))
            if state is None:
                return
            kept = [*state.facts.get("kept", []), answer.say.to_json()]
            outcome = Outcome(None, {**state.facts, "kept": kept[-MOST_KEPT:]})
            if state.repeated or await self._save(self._step(heard, state, outcome, key)):
                return

    async def _answer(self, heard: Heard, state: State) -> Answer | None:
        """Answer by reading; what turns out to change something is heard again in a transaction."""
        try:
            try:
                outcome = await self._read(heard, state)
            except Changes:
                return await self._change(heard, state)
        except Overtaken:
            raise
        except Declined as declined:
            outcome = declined.outcome
        except Exception as fault:
            outcome = self._fault(heard, state, fault)
        outcome = _with_waiting(outcome, state.waiting)
        answer = self._compose(outcome)
        if not await self._save(self._step(heard, state, outcome)):
            raise Overtaken(heard.key)
        return answer

    async def _read(self, heard: Heard, state: State) -> Outcome:
        context = self._context(state, self._house.database.reading, writes=False)
        try:
            return await self._listening.hear(context, heard, state.facts)
        finally:
            if "session" in vars(context):
                await context.session.close()

    async def _change(self, heard: Heard, state: State) -> Answer | None:
        """In one transaction: the change, the repeat-key, the conversation, what is said."""
        async with self._house.database.begin() as session:
            context = self._context(state, lambda: session, writes=True)
            outcome = await self._listening.hear(context, heard, state.facts)
            outcome = _with_waiting(outcome, state.waiting)
            answer = self._compose(outcome)
            saving = conversation.save([self._step(heard, state, outcome)])
            if not await self._house.database.run_in(session, saving):
                raise Overtaken(heard.key)
        return answer

    def _fault(self, heard: Heard, state: State, fault: Exception) -> Outcome:
        """A fault of ours: logged with a number that its follower is told; nothing else changes."""
        number = self._house.new_id()[:8]
        log.error("fault", fault=number, message=heard.key, exc_info=fault)
        return Outcome(Say("desk.fault", {"number": number}), state.facts)

    def _compose(self, outcome: Outcome) -> Answer | None:
        """The answer in words; what is too long for one message is kept for `下一页`."""
        say, shown = outcome.say, outcome.facts.get("shown", {})
        shown.pop("page", None)
        if say is None:
            return None
        text = self._words_of(say)
        if len(text) * 4 > LONGEST and len(text.encode()) > LONGEST:
            parts = cut(text, LONGEST - len(self._next.encode()))
            text = parts[min(say.part, len(parts) - 1)]
            if say.part < len(parts) - 1:
                text += self._next
                page = replace(say, part=say.part + 1)
                outcome.facts["shown"] = {**shown, "page": page.to_json()}
        return Answer(text, say)

    def _words_of(self, say: Say) -> str:
        """The words of an answer; the very same one, asked for often, is not composed again."""
        _, text = self._said.get(id(say)) or self._said.put(
            id(say), (say, self._texts.compose(say))
        )
        return text

    def _context(
        self, state: State, session: Callable[[], AsyncSession], *, writes: bool
    ) -> Context:
        house = self._house
        return Context(
            person=Who(state.person_id, state.openid, frozenset(state.grants), state.noticed),
            policy=house.policy,
            now=house.clock(),
            catalogue=house.catalogue,
            address=house.address,
            secret=house.secret,
            rng=house.rng,
            new_id=house.new_id,
            open=session,
            writes=writes,
        )

    def _step(self, heard: Heard, state: State, outcome: Outcome, key: str = "") -> Step:
        key, at = key or heard.key, self._house.clock()
        said = outcome.say.to_json(lists=False) if outcome.say else None
        close = self._discretion.closed
        if said and outcome.say and (outcome.say.linked or _in_talk(outcome.facts, state.facts)):
            said = close(said, key, frozenset(said))
        facts = close(outcome.facts, state.person_id, PRIVATE)
        return Step(key, state.person_id, state.version, facts, said, at, _wrote(heard))

    async def _load_many(self, messages: Sequence[Heard]) -> Sequence[State | None]:
        """Where each stands; strangers are made known, but none who only leaves."""
        wanted = {heard.key: heard.openid for heard in messages}
        database = self._house.database
        states = await database.run(conversation.load(wanted))
        strangers = (heard for heard in messages if heard.key not in states)
        new = {heard.openid for heard in strangers if heard.act is not Act.LEAVE}
        if new:
            async with database.begin() as session:
                await conversation.admit(session, sorted(new))
            states = await database.run(conversation.load(wanted))
        for state in states.values():
            state.facts = self._discretion.opened(state.facts, state.person_id)
        return [states.get(heard.key) for heard in messages]

    async def _save_many(self, steps: Sequence[Step]) -> Sequence[bool]:
        won = await self._house.database.run(conversation.save(steps), writes=True)
        return [step.key in won for step in steps]


def _wrote(heard: Heard) -> bool:
    """Whether it opens the window of 48 hours: a message, but no tap on words of ours."""
    return heard.act in MESSAGES and "bizmsgmenuid" not in heard.facts


def _with_waiting(outcome: Outcome, waiting: int) -> Outcome:
    """Say once how many notices could not be sent, below what is said anyway."""
    say, told = outcome.say, outcome.facts.get("waiting", 0)
    if waiting <= told or say is None or say.key.startswith(UNASKED):
        if told > waiting:
            outcome.facts["waiting"] = waiting
        return outcome
    outcome.facts["waiting"] = waiting
    return replace(outcome, say=below(say, Say("notice.delivery.kept", {"count": waiting})))


def _in_talk(*facts: Facts) -> bool:
    return any(not PRIVATE.isdisjoint(each) for each in facts)
