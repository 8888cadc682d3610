"""A guess that would change something is asked about before anything is done."""

from dataclasses import replace

from bot.kit.intents import Intent
from bot.kit.route import Routes
from bot.topics import ROUTERS
from bot.wishing import asked, typed

ROUTES = Routes(*ROUTERS)


def test_only_a_guess_that_changes_something_is_asked_about() -> None:
    intent = Intent("complain", "投诉 没人开门", {}, sure=False, asks=False)
    ruled, guessed = typed(ROUTES, intent), typed(ROUTES, replace(intent, guessed=True))
    assert ruled is not None
    assert guessed is not None
    assert asked(ruled) is None
    say = asked(guessed)
    assert say is not None
    assert say.choices == ("投诉 没人开门",)
    reads = typed(ROUTES, Intent("my_bookings", "我的预约", {}, sure=False, guessed=True))
    assert reads is not None
    assert asked(reads) is None
