"""What one message does to a conversation: numbers, pages, the open talk, commands, all else.

The order in which words are understood: a number of the list last shown; what steers any
conversation; a command, also in free words; an answer to the open question; and whatever is
nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.kit import talk as talking
from bot.kit import topics
from bot.kit.asking import below
from bot.kit.flow import Begin, Flow
from bot.kit.heard import Act, Heard
from bot.kit.reading import choice, steering
from bot.kit.route import Match, Routes
from bot.kit.say import Say
from bot.kit.state import Talk, Turn
from bot.kit.texts import Texts
from bot.wishing import Wish, Wishes, asked, steered, typed
from store import person
from store.context import Context
from store.errors import Refused

Facts = dict[str, Any]
Lost = Callable[[Context, int], Say]
"""What is said when the account was lost so many times in a row."""


MOST_LINES = 99
"""A bare number up to this means a line of a list, whether or not there is one."""
MEETINGS = frozenset({Act.TEXT, Act.TAP, Act.SCAN, Act.PLACE, Act.PICTURE})
"""What a follower does who may have followed before the account was here."""
PAGES = frozenset({"next", "previous"})


class Changes(Exception):  # noqa: N818 - not a fault: hear it again where writing is allowed
    """The message leads to a handler that writes."""


@dataclass
class Declined(Exception):  # noqa: N818 - carries the answer past the transaction it undoes
    """What would have been written was refused; nothing of it stays."""

    outcome: "Outcome"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said, and what the conversation becomes."""

    say: Say | None
    facts: Facts


@dataclass(frozen=True)
class Listening:
    """All that can be heard. Reads only, unless the context's session may write."""

    routes: Routes
    flows: Mapping[str, type[Flow]]
    texts: Texts
    lost: Lost
    notice: Callable[[Context], Say]
    """What is kept of people: said once."""
    wishes: Wishes = field(default_factory=Wishes)
    """Who reads what free words want done."""

    def concerns(self, heard: Heard) -> bool:
        """Whether anybody here answers such a thing at all."""
        return heard.act is Act.TEXT or heard.act is Act.TAP or self.routes.match(heard) is not None

    def talk(self, kept: Facts | None) -> Talk | None:
        """A talk as it was kept; none where another version of us kept it."""
        try:
            return Talk.from_json(kept) if kept and kept["flow"] in self.flows else None
        except (KeyError, TypeError, ValueError):
            return None

    async def hear(self, context: Context, heard: Heard, facts: Facts) -> Outcome:
        """Answer one message; raises `Changes` where only a transaction will do."""
        return await Visit(self, context, heard, facts).answer()


class Visit:
    """One message under way."""

    def __init__(self, house: Listening, context: Context, heard: Heard, facts: Facts) -> None:
        self.house = house
        self.context = context
        self.context.shown = facts.get("shown", {})
        self.heard = heard
        self.facts = dict(facts)
        self.talk = house.talk(facts.get("talk"))
        self.context.about = topics.now(facts, self.talk)
        self.done: Facts | None = self.facts.pop("done", None)
        """What the message before this one completed: confirming twice is answered alike."""
        self.asked = False
        """Whether what is said puts the talk's question: then no earlier list's number counts."""

    async def answer(self) -> Outcome:
        """What to say, and where that leaves the conversation."""
        say = await self._answer()
        if say is not None and not self.context.person.noticed and self.heard.act in MEETINGS:
            say = below(say, await self._notice())
        return self._outcome(say)

    async def _notice(self) -> Say:
        """What is kept of people, said to whoever wrote without having been told."""
        if not self.context.writes:
            raise Changes
        await person.notice(self.context.session, self.context.person.id, self.context.now)
        return self.house.notice(self.context)

    def _outcome(self, say: Say | None) -> Outcome:
        if say is not None:
            say = self._counted(say)
            self._remember(say)
        self.facts.pop("talk", None)
        if self.talk is not None:
            self.facts["talk"] = self.talk.to_json()
        return Outcome(say, self.facts)

    def _remember(self, say: Say) -> None:
        """Keep the list that a number or `下一页` will mean, and what was spoken of."""
        self.facts |= topics.of(say, self.facts)
        if self.asked:
            self.facts.pop("shown", None)
        elif say.choices or say.more:
            self.facts["shown"] = {"choices": list(say.choices), "more": say.more}

    def _counted(self, say: Say) -> Say:
        """Escalate when the account was lost several times in a row."""
        if not say.lost:
            self.facts.pop("lost", None)
            return say
        times = self.facts["lost"] = self.facts.get("lost", 0) + 1
        return below(say, self.house.lost(self.context, times)) if times > 1 else say

    async def _answer(self) -> Say | None:
        if self.heard.act is Act.TEXT:
            return await self._words(self._meant(self.heard.words))
        match = self.house.routes.match(self.heard)
        if match is not None:
            return await self._beside(match, self.heard.words)
        return await self._words(self.heard.words) if self.heard.act is Act.TAP else None

    def _meant(self, words: str) -> str:
        """The words, or those that the number of the last list's line stands for."""
        choices = self.facts.get("shown", {}).get("choices", ())
        n = choice(words, len(choices)) if choices else None
        return choices[n - 1] if n is not None and 1 <= n <= len(choices) else words

    async def _words(self, words: str) -> Say | None:
        wish = self.house.wishes.of(self.house.routes, words)
        meaning = steering(words) or (wish.meaning if wish.sure else None)
        if meaning == "next" and "shown" in self.facts:
            return await self._next(self.facts["shown"])
        if meaning == "resume" and (kept := self.facts.pop("kept", None)):
            return below(*(Say.from_json(each) for each in kept))
        if self.talk is not None:
            return await self._in_talk(self.talk, words, wish)
        if wish.match is not None:
            return asked(wish) or await self._run(wish.match, wish.words)
        if meaning is not None:
            return await self._steered(meaning)
        return self._beyond(words) or await self._anything(words)

    async def _anything(self, words: str) -> Say | None:
        """What answers words that are nothing else; a second opinion where that is lost, too."""
        fallback = self.house.routes.fallback
        say = await self._run(fallback, words) if fallback else None
        if say is None or not say.lost:
            return say
        wishes, writes = self.house.wishes, self.context.writes
        intent = wishes.recall(words) if writes else await wishes.second(words)
        wish = typed(self.house.routes, intent)
        return (
            say if wish is None or wish.match is None else await self._run(wish.match, wish.words)
        )

    def _beyond(self, words: str) -> Say | None:
        """What to say of a number that no line shown has; a long one may be a model's."""
        n = choice(words, 0)
        if n is None or n > MOST_LINES:
            return None
        most = len(self.facts.get("shown", {}).get("choices", ()))
        if n == 1 and not most and self.done:
            return self._again(self.done)
        return Say("desk.no_such_line", {"most": most}) if most else Say("desk.no_lines")

    async def _next(self, shown: Facts) -> Say:
        """The next page of a list, or the next part of a long text."""
        if page := shown.get("page"):
            return Say.from_json(page)
        if more := shown.get("more"):
            return await self.house.routes.more[more[0]](self.context, more[1])
        return Say("desk.end")

    async def _steered(self, meaning: str) -> Say:
        """`返回`, `取消`, `确认`, `继续` where no talk is open; pages where no list is."""
        if meaning == "confirm" and self.done:
            return self._again(self.done)
        if meaning in PAGES:
            shown = "shown" in self.facts
            return Say("desk.no_way_back" if shown else "desk.no_lines")
        left = self.house.talk(self.facts.pop("left", None)) if meaning == "resume" else None
        if left is not None:
            flow = self.house.flows[left.flow]
            return await self._turned(flow, await talking.resume(flow, left, self.context))
        return Say("desk.nothing_open", {"word": meaning})

    async def _in_talk(self, talk: Talk, words: str, wish: Wish) -> Say | None:
        """An answer to the open question, or else a command beside it."""
        flow = self.house.flows[talk.flow]
        sure, said = wish.match is not None and wish.sure, steered(flow, talk, words, wish)
        if not self.context.writes and talking.confirms(flow, talk, said, self.context):
            raise Changes  # all is checked once more: once, where it can be done
        turn = await talking.hear(flow, talk, said, self.context, command=sure)
        if turn.talk is None and not turn.understood:
            return await self._expired(flow, turn, words)
        if wish.match is not None and wish.beside and not turn.understood:
            return await self._beside(wish.match, wish.words)
        return await self._turned(flow, turn)

    async def _expired(self, flow: type[Flow], turn: Turn, words: str) -> Say:
        """The talk was left too long: the words are heard without it, and that is said."""
        note = await self._turned(flow, turn)
        say = await self._words(words)
        return below(say, note) if say and say.key != "desk.nothing_open" else note

    async def _turned(self, flow: type[Flow], turn: Turn) -> Say:
        """What became of the talk; one that is done is finished, where writing is allowed."""
        if turn.done is not None:
            return await self._finish(flow, turn.done)
        self.talk, self.asked = turn.talk, turn.talk is not None
        if turn.left is not None:
            self.facts["left"] = turn.left.to_json()
        return turn.say or Say("desk.nothing_open")

    async def _finish(self, flow: type[Flow], done: Flow) -> Say:
        if not self.context.writes:
            raise Changes
        try:
            say = await done.finish(self.context)
        except Refused as why:
            if self.talk is None:
                return self._declined(flow.name.partition(".")[0], why)
            turn = await talking.refuse(flow, self.talk, why, self.context)
            raise Declined(self._outcome(await self._turned(flow, turn))) from why
        self.talk, self.asked = None, False
        if flow.confirm:
            self.facts.pop("shown", None)
            self.facts["done"] = say.to_json()
        return say

    def _again(self, done: Facts) -> Say:
        """What was said when it was confirmed for the first time."""
        self.facts["done"] = done
        return Say.from_json(done)

    async def _beside(self, match: Match, words: str = "") -> Say | None:
        """A command's answer, with the open question put again below it."""
        open_talk = self.talk
        say = await self._run(match, words)
        if open_talk is None or self.talk is not open_talk or say is None:
            return say
        flow, numbered = self.house.flows[open_talk.flow], bool(say.choices or say.more)
        self.talk, self.asked = (
            open_talk.interrupted(self.context.now, numbered=numbered),
            not numbered,
        )
        return below(say, await talking.prompt(flow, self.talk, self.context, brief=numbered))

    async def _run(self, match: Match, words: str = "") -> Say | None:
        """Call the handler, where it may write if it does."""
        if match.changes and not self.context.writes:
            raise Changes
        heard = replace(self.heard, words=words) if words != self.heard.words else self.heard
        try:
            said = await match.run(self.context, heard)
        except Refused as why:
            return self._declined(match.route.topic, why)
        return await self._begun(said) if isinstance(said, Begin) else said

    async def _begun(self, begin: Begin) -> Say:
        """Open a talk; one that was open is left, and can be resumed."""
        if self.talk is not None:
            self.facts["left"], self.talk = self.talk.to_json(), None
        turn = await talking.begin(begin.flow, begin.answers, self.context, begin.said)
        return await self._turned(begin.flow, turn)

    def _declined(self, topic: str, why: Refused) -> Say:
        """A refusal in words; what a transaction had begun is undone."""
        say = self.house.texts.refusal(topic, why)
        if self.context.writes:
            raise Declined(self._outcome(say)) from why
        return say
