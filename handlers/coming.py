"""What is asked for and not open yet: said honestly, with what can be done about it today.

A row a topic: the words, and the text that answers them. Whoever builds a topic deletes its row,
and its table in `texts/coming.toml`.
"""

from collections.abc import Awaitable, Callable

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Say
from handlers import search
from store.context import Context

Coming = Callable[..., Awaitable[Say]]

router = Router("coming")


def topic(key: str) -> Coming:
    """What is said of a topic, whatever stands behind its words."""

    async def told(context: Context, heard: Heard, number: int = 0, said: str = "") -> Say:
        del heard, number, said
        return _said(context, key)

    return told


def numbered(key: str) -> Coming:
    """What is said of a number that nobody can have yet; it may be a model's name."""

    async def told(context: Context, heard: Heard, number: int) -> Say:
        listed = search.answer(context, heard.words)
        if listed.choices and listed.args["head"]["key"] not in UNLIKE:
            return listed
        letters = "".join(filter(str.isalpha, heard.words.upper()))
        return Say(f"coming.{key}", {"number": f"{letters}{number}"})

    return told


def _said(context: Context, key: str) -> Say:
    return Say(f"coming.{key}", {"bureau": context.policy.names.bureau})


UNLIKE = frozenset({"search.head.some", "search.head.without"})
"""The heads of lists of what is only like the question."""


router.words("同意 {number:BB}", "退回 {number:BB}", "退回 {number:BB} {said}")(topic("filing"))
router.words("同意 {number:PY}", "退回 {number:PY}", "退回 {number:PY} {said}")(topic("filing"))
router.words("拒绝 {number:BB}", "拒绝 {number:BB} {said}")(topic("filing"))
router.words("拒绝 {number:PY}", "拒绝 {number:PY} {said}")(topic("filing"))
router.words("怎么备案")(topic("filing"))
router.words("{number:BB}")(numbered("number"))
router.words("{number:PY}")(numbered("number"))
router.words("统计")(topic("statistics"))
router.words("公告", "最新清单")(topic("announce"))
