"""Every code of the platform's table has a reaction, and each reaction has its consequence."""

from datetime import datetime, timedelta

import pytest

from bot.wechat.breaker import Breaker
from bot.wechat.codes import UNKNOWN, Reaction, rule, table, tomorrow
from bot.wechat.errors import Halted, Refusal

R = Reaction
REACTIONS = {
    R.BACK_OFF: [-1],
    R.RETRY_TOKEN: [40001, 40014, 42001],
    R.FATAL: [40164, 61004, 89503, 40013, 40125, 41002, 41004, 40243],
    R.DROP: [40003],
    R.MARK_UNSUBSCRIBED: [43004, 50005],
    R.ZERO_CREDIT: [43101],
    R.MUTE: [43019, 48002],
    R.CLOSE_WINDOW: [45015],
    R.DEFER_CONTACT: [45047],
    R.STOP_API: [45009, 45028],
    R.SLOW_DOWN: [45011],
    R.FIX: [45002, 45008, 47003],
    R.DISABLE_TEMPLATE: [40037, 40036],
    R.ALREADY_DONE: [45065],
    R.WAIT: [45066, 42010],
    R.DISABLE_FEATURE: [48001, 48004, 50002, 40200],
    R.REUPLOAD: [40007],
    R.RESTART_OAUTH: [40029, 40163],
    R.IGNORE: [45072, 45080, 45081, 46003],
}
"""wechat-platform.md 2.9, row by row."""


def test_the_table_is_that_of_the_reference() -> None:
    """No code is missing, none has another reaction, none was made up."""
    expected = {code: reaction for reaction, codes in REACTIONS.items() for code in codes}
    assert {code: row.reaction for code, row in table().items()} == expected
    assert set(REACTIONS) == set(Reaction)


def test_an_unknown_code_is_never_tried_again() -> None:
    """Better a message lost than a loop."""
    assert rule(99999) is UNKNOWN
    assert UNKNOWN.reaction is Reaction.FIX


def test_a_wrong_secret_shows_as_a_bad_token(now: datetime) -> None:
    """40001 on the token's own call is no token to renew."""
    assert rule(40001).at("stable_token") is Reaction.FATAL
    assert rule(40001).at("menu/create") is Reaction.RETRY_TOKEN
    assert rule(40001).ends(now) > now


def test_quotas_are_new_at_midnight_in_beijing(now: datetime) -> None:
    """Whatever zone the server stands in."""
    assert rule(45009).ends(now) == tomorrow(now) == now.replace(day=21, hour=0)
    assert rule(45011).ends(now) == now + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("code", "stopped", "free"),
    [
        (40164, ("menu/create", "menu/create"), None),
        (45009, ("message/custom/send", "message/custom/send#text"), "menu/create"),
        (45011, ("message/custom/send", "message/custom/send#text"), "menu/create"),
        (40200, ("message/custom/send", "message/custom/send#msgmenu"), "message/custom/send"),
    ],
)
def test_a_stop_reaches_as_far_as_it_must(
    now: datetime, code: int, stopped: tuple[str, str], free: str | None
) -> None:
    """Everything, one API, or one kind of message; and it ends."""
    breaker = Breaker()
    refusal = Refusal("message/custom/send", code)
    breaker.learn(refusal, "message/custom/send#msgmenu", now)
    with pytest.raises(Halted) as halted:
        breaker.check(*stopped, now)
    assert halted.value.code == code
    if free:
        breaker.check(free, f"{free}#text", now)
    breaker.check(*stopped, rule(code).ends(now))


def test_what_needs_a_person_says_so(now: datetime) -> None:
    """Settings that are wrong are alerted, a quota is not; mended settings hold at once."""
    breaker = Breaker()
    assert breaker.learn(Refusal("token", 40164), "token", now)
    assert not breaker.learn(Refusal("token", 45009), "token", now)
    breaker.reset()
    breaker.check("token", "token", now)


def test_what_an_errmsg_tells() -> None:
    """The address to put on the white list, the field at fault, the call's number."""
    unknown = "invalid ip 116.1.2.3 ipv6 ::ffff:116.1.2.3, not in whitelist rid: 65b0-1a-2b"
    refusal = Refusal("token", 40164, unknown)
    assert refusal.address == "116.1.2.3"
    assert refusal.rid == "65b0-1a-2b"
    assert Refusal("x", 47003, "argument invalid! data.thing2.value is emtpy").field == "thing2"
    assert Refusal("x", 47003, "argument invalid! data.time1.value invalid rid: 1").field == "time1"
