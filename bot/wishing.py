"""What words want done: a command as it is typed, or free words that mean one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.kit.flow import Flow
from bot.kit.intents import Intent
from bot.kit.reading import steering, yes
from bot.kit.route import Match, Routes
from bot.kit.say import Say
from bot.kit.state import Talk, walk

Reader = Callable[[str], Intent | None]
Second = Callable[[str], Awaitable[Intent | None]]


@dataclass(frozen=True, slots=True)
class Wish:
    """The words as one would type them, and the command that they are."""

    words: str
    match: Match | None
    sure: bool
    """Whether they can't be an answer in any words as well."""
    beside: bool = True
    """Whether it is answered beside an open question that they don't answer."""
    guessed: bool = False
    """Whether no rule says so: it is likely, no more."""

    @property
    def meaning(self) -> str | None:
        """What it does to a talk or a list, if that is what it is about."""
        return steering(self.words) if self.match is None else None


def no_wish(_words: str) -> Intent | None:
    """Where free words are not read."""
    return None


async def no_second(_words: str) -> Intent | None:
    """Where nobody else is asked."""
    return None


@dataclass(frozen=True)
class Wishes:
    """Who reads what people want done."""

    read: Reader = no_wish
    """The tables; at once."""
    recall: Reader = no_wish
    """What a second opinion was, where it was asked for before; at once."""
    second: Second = field(default=no_second)
    """A second opinion on words that nobody understood."""

    def of(self, routes: Routes, words: str) -> Wish:
        """The command that words are, typed or free; without one, the words themselves."""
        match = routes.command(words)
        if match is not None and not match.loose:
            return Wish(words, match, sure=True)
        intent, last = self.read(words), routes.fallback
        searches = match is None or (last is not None and match.route.topic == last.route.topic)
        wish = typed(routes, intent) if intent and (searches or intent.sure) else None
        return wish or Wish(words, match, sure=False)


def typed(routes: Routes, intent: Intent | None) -> Wish | None:
    """The command that an intent is; None where nothing answers it."""
    if intent is None:
        return None
    match = routes.command(intent.typed)
    wish = Wish(intent.typed, match, intent.sure, intent.asks, intent.guessed)
    return wish if match is not None or wish.meaning is not None else None


def asked(wish: Wish) -> Say | None:
    """Whether a guess that would change something is meant, before anything is done."""
    if not wish.guessed or wish.match is None or not wish.match.changes:
        return None
    return Say("desk.meant", {"line": wish.words}, choices=(wish.words,))


def steered(flow: type[Flow], talk: Talk, words: str, wish: Wish) -> str:
    """What a talk hears: the words, or the one word that steers it where that is surely meant."""
    if not wish.sure or steering(words) or yes(words) is not None:
        return words
    meant = wish.meaning
    fits = meant in {"cancel", "back", "resume"}
    fits = fits or (meant == "confirm" and flow.confirm and walk(flow, talk).step is None)
    return wish.words if fits or (meant == "next" and talk.offered is not None) else words
