"""The account's menu: what stands in its file fits, and what does not fit is refused by name."""

from pathlib import Path

import pytest

from bot.sandbox.platform import Platform
from bot.wechat import menu
from bot.wechat.client import Client
from bot.wechat.menu import MenuError


async def test_our_menu_is_taken(client: Client, platform: Platform) -> None:
    """The stand-in has the platform's limits."""
    await menu.push(client, menu.load())
    assert [button["name"] for button in platform.menu] == ["找仪器", "我的", "帮助"]
    assert platform.menu[2]["sub_button"][0] == {"type": "click", "name": "怎么用", "key": "帮助"}


def written(folder: Path, text: str) -> Path:
    """A menu's file."""
    path = folder / "menu.toml"
    path.write_text(text, "utf-8")
    return path


def test_pages_and_places(tmp_path: Path) -> None:
    """Addresses begin where our pages open."""
    text = (
        '[[button]]\nname="预约"\npage="/calendar"\n[[button]]\nname="附近"\nkey="near"\nplace=true'
    )
    loaded = menu.load("https://yixiang.example", written(tmp_path, text))
    assert loaded["button"] == [
        {"type": "view", "name": "预约", "url": "https://yixiang.example/calendar"},
        {"type": "location_select", "name": "附近", "key": "near"},
    ]


ENTRY = '[[button.entry]]\nname="甲"\nwords="甲"\n'
BUTTON = '[[button]]\nname="甲"\nwords="甲"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "one to 3"),
        (BUTTON * 4, "one to 3"),
        ('[[button]]\nname="甲"\n' + ENTRY * 6, "at most 5"),
        ('[[button]]\nname="六个字的名字"\nwords="甲"', "18 bytes, at most 16"),
        (
            '[[button]]\nname="甲"\n[[button.entry]]\nname="' + "名" * 21 + '"\nwords="甲"',
            "63 bytes",
        ),
        ('[[button]]\nname="甲"\nwords="' + "长" * 43 + '"', "129 bytes, at most 128"),
        ('[[button]]\nname="甲"\npage="/' + "x" * 1024 + '"', "1025 bytes, at most 1024"),
        ('[[button]]\nwords="甲"', "without a name"),
        ('[[button]]\nname="甲"', "exactly one"),
        ('[[button]]\nname="甲"\nwords="甲"\nkey="k"', "exactly one"),
        ('[[button]]\nname="甲"\nwords="甲"\ncolour="red"', "exactly one"),
        (BUTTON + "[other]\nx=1", "nothing else"),
        ("[[button", "menu.toml"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """With one line that says where."""
    with pytest.raises(MenuError, match=why):
        menu.load("", written(tmp_path, text))
