"""What one can write: short enough for a phone, and true for each role."""

import pytest

from bot import app
from bot.kit.say import Say
from handlers.guide import ROLES
from store.person import Role
from tests.handlers.chat import Chat

COPY = app.texts()
PAGES = sorted(key for key in COPY.keys() if key.startswith("guide.about."))  # noqa: SIM118
LINES, BYTES = 12, 2_000


async def test_help_by_role(chat: Chat) -> None:
    plain = await chat.say("o1", "帮助")
    assert "机主" not in plain
    assert "预约 YQ12" in plain
    await chat.say("o1", f"绑定 {await chat.code(Role.KEEPER, '晋中精密铸造有限公司')}")
    helped = await chat.say("o1", "帮助")
    assert "机主：" in helped
    assert "管理部门：" not in helped
    assert len(helped.splitlines()) <= LINES


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("帮助 预约", "预约自己上机"),
        ("帮助预约", "预约自己上机"),
        ("怎么送样", "送样"),
        ("帮助 创新券", "创新券"),
        ("帮助 工单", "有事找单位、找晋中市科学技术局"),
        ("帮助 机主", "机主"),
        ("帮助 我的", "您自己的"),
    ],
)
async def test_help_by_topic(chat: Chat, line: str, begins: str) -> None:
    assert (await chat.say("o1", line)).startswith(begins)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_phone(page: str) -> None:
    text = COPY.compose(Say(page, {"bureau": "晋中市科学技术局"}))
    assert len(text.splitlines()) <= LINES
    assert len(text.encode()) <= BYTES


def test_help_for_who_does_much_fits_a_message() -> None:
    most = {str(role): {"key": f"guide.role.{role}"} for role in ROLES if role is not Role.FINANCE}
    text = COPY.compose(Say("guide.all", most))
    assert len(text.splitlines()) <= LINES
    assert len(text.encode()) <= BYTES
