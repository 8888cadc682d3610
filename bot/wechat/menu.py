"""The account's menu: written in TOML, checked against the platform's limits, put in place.

A tap on an entry with `words` arrives as an event whose key is those words, as if they were typed.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.wechat.client import Client

Json = dict[str, Any]
FILE = Path(__file__).with_name("texts") / "menu.toml"
BUTTONS, ENTRIES = 3, 5
NAME, ENTRY_NAME, KEY, ADDRESS = 16, 60, 128, 1024
"""Bytes (wechat-platform.md 2.3)."""
KNOWN = {"name", "words", "key", "place", "page"}


class MenuError(ValueError):
    """The menu's file breaks a limit; the message says where."""


def load(address: str = "", path: Path = FILE) -> Json:
    """The menu as the platform takes it; `address` is where our pages open. Raises MenuError."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise MenuError(f"{path.name}: {error}") from error
    buttons = told.get("button", [])
    if set(told) - {"button"} or not 1 <= len(buttons) <= BUTTONS:
        raise MenuError(f"{path.name}: one to {BUTTONS} [[button]] and nothing else")
    return {"button": [_button(button, address) for button in buttons]}


async def push(client: Client, menu: Mapping[str, Any]) -> None:
    """Put the menu in place. People see it within five minutes. Raises PlatformError."""
    await client.menu.create(dict(menu))


def _button(button: Json, address: str) -> Json:
    entries = button.get("entry", [])
    if not entries:
        return _entry(button, address, NAME)
    name = _name(button, NAME)
    if len(entries) > ENTRIES or set(button) - {"name", "entry"}:
        raise MenuError(f"{name}: a name and at most {ENTRIES} entries")
    return {"name": name, "sub_button": [_entry(entry, address, ENTRY_NAME) for entry in entries]}


def _entry(entry: Json, address: str, most: int) -> Json:
    name = _name(entry, most)
    goals = [entry[goal] for goal in ("words", "key", "page") if entry.get(goal)]
    if len(goals) != 1 or set(entry) - KNOWN:
        raise MenuError(f"{name}: exactly one of words, key, page")
    if "page" in entry:
        return {"type": "view", "name": name, "url": _fits(name, address + goals[0], ADDRESS)}
    kind = "location_select" if entry.get("place") else "click"
    return {"type": kind, "name": name, "key": _fits(name, goals[0], KEY)}


def _name(entry: Json, most: int) -> str:
    name = str(entry.get("name", ""))
    if not name:
        raise MenuError("an entry without a name")
    return _fits(name, name, most)


def _fits(name: str, text: str, most: int) -> str:
    if len(text.encode()) > most:
        raise MenuError(f"{name}: {len(text.encode())} bytes, at most {most}")
    return text
