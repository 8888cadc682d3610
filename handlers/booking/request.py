"""Asking for an instrument: one line or step by step, a summary, one confirmation."""

from functools import partial
from typing import Any

from bot.kit.flow import Flow, Option, ask, pick
from bot.kit.kinds import whole, words
from bot.kit.moments import Fits, Period
from bot.kit.say import Facts, Say
from handlers.booking import instruments, plan, reading, times
from handlers.booking.instruments import Chosen
from handlers.booking.reading import PERIOD
from store import terms as terms_of
from store.context import Context
from store.terms import Terms

MOST_SAMPLES = 9_999
LONGEST_WORDS = 200


async def terms_for(context: Context, number: int) -> Terms:
    """Under what terms it is booked."""
    read = partial(terms_of.of, context.session, number, context.policy)
    return await context.once(("terms", number), read)


async def _modes(context: Context, said: str, so_far: "Book") -> list[Option[str]]:
    del context
    named = reading.mode(said) if said else None
    offered = [Option(code, instruments.mode_label(code)) for code in so_far.modes]
    return [one for one in offered if not said or one.value == named or said in one.label]


async def _fits(context: Context, so_far: "Book") -> Fits:
    if not so_far.instrument:
        return lambda _period: True
    return times.fitting(await terms_for(context, so_far.number))


async def _to_be_had(value: Period, context: Context, so_far: "Book") -> None:
    """Whether the time, or any time within it, is free. Raises CantBe."""
    if not so_far.instrument or so_far.sends:
        return
    terms = await terms_for(context, so_far.number)
    if not terms.offered:  # the instrument is asked for anew; the time is kept
        return
    check = times.refuse_unfit if reading.exact(value) else times.refuse_full
    await check(context, terms, value)


async def _slots(context: Context, said: str, so_far: "Book") -> list[Option[str]]:
    """Free times within a rough wish, or the time that the words say."""
    terms = await terms_for(context, so_far.number)
    return await slots(context, said, so_far.period, terms)


async def slots(
    context: Context, said: str, rough: Period, terms: Terms, replaces: int | None = None
) -> list[Option[str]]:
    """The options of a question that asks from when to when."""
    if not said:
        free = await times.proposals(context, terms, rough, replaces)
        return [times.option(each, rough) for each in free]
    read = reading.within(said, rough, context.now, times.fitting(terms))
    return [times.option(read, rough)]


async def _slot_free(value: str, context: Context, so_far: "Book") -> None:
    terms = await terms_for(context, so_far.number)
    await times.refuse_unfit(context, terms, reading.load(value))


def _several_modes(so_far: Any) -> bool:  # noqa: ANN401
    return len(so_far.modes) > 1


def _timed(so_far: Any) -> bool:  # noqa: ANN401
    return not so_far.sends


def _rough(so_far: Any) -> bool:  # noqa: ANN401
    return not so_far.sends and not reading.exact(so_far.period)


def _sends(so_far: Any) -> bool:  # noqa: ANN401
    return bool(so_far.sends)


class Book(Flow, name="booking.book"):
    """Ask for time on an instrument, or for samples to be measured."""

    instrument: str = pick(instruments.found, check=instruments.open_to_all)
    mode: str = pick(_modes, when=_several_modes)
    period: Period = ask(PERIOD, when=_timed, fits=_fits, check=_to_be_had)
    slot: str = pick(_slots, when=_rough, check=_slot_free)
    samples: int = ask(whole(1, MOST_SAMPLES), when=_sends)
    what: str = ask(words(LONGEST_WORDS), when=_sends)
    purpose: str = ask(words(LONGEST_WORDS), check=instruments.customs_purpose)

    compared = ("cost", "when", "until", "answered")

    @property
    def number(self) -> int:
        """The instrument's number."""
        return Chosen.of(self.instrument).number

    @property
    def modes(self) -> tuple[str, ...]:
        """How the instrument may be used."""
        return Chosen.of(self.instrument).modes if self.instrument else instruments.MODES

    @property
    def used(self) -> str:
        """How it is to be used: as was said, or as is the only way."""
        return self.mode or (self.modes[0] if len(self.modes) == 1 else "")

    @property
    def sends(self) -> bool:
        """Whether samples are sent in, at no certain time."""
        return self.used == "sample"

    @property
    def time(self) -> Period | None:
        """The exact time that is wished for."""
        if self.sends:
            return None
        return reading.load(self.slot) if self.slot and _rough(self) else self.period

    async def summary(self, context: Context) -> Facts:
        """Everything that is confirmed, reckoned now."""
        return (await plan.made(context, self)).facts()

    async def finish(self, context: Context) -> Say:
        """Ask for it, and read back what was made."""
        ready = await plan.made(context, self)
        row = await plan.request(context, ready)
        return plan.told(ready, row)
