"""The door, tried by whoever saw something go by."""

from tests.bot.wechat.pushing import KEY, door, seal, text, xml


async def test_a_message_that_went_by_is_not_opened_for_whoever_asks() -> None:
    async with door(keys=(KEY,)) as platform:
        query, _body = platform.wrapped(sealed := seal(xml(text("机密"))))
        for asked in (query, {k: v for k, v in query.items() if k != "signature"}):
            status, told = await platform.get({**asked, "echostr": sealed})
            assert status == 400
            assert told == b""
