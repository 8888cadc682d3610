"""Whether the account's templates are those that the reminders need: the file against the platform.

Without templates no reminder leaves a real account outside an open window.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.app import Account, now
from bot.settings import Settings
from bot.wechat.client import Client
from notifications import forms, notice
from notifications.forms import DIGEST, Form
from notifications.notice import Kind

FIELD = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")
Fields = Mapping[str, frozenset[str] | None]
"""The account's templates by id: their fields, or None where the platform does not tell."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong, a line each, and what is there."""

    problems: Sequence[str]
    kinds: int
    served: int

    @property
    def summary(self) -> str:
        """In one line."""
        return f"{self.served} of {self.kinds} kinds of notices have a template"


def look(settings: Settings) -> Checked:
    """The file alone. Raises FormsBroken."""
    kinds = notice.load()
    templates = forms.load(settings.templates, kinds)
    problems = [] if settings.templates else ["YIXIANG_TEMPLATES names no file"]
    return Checked([*problems, *_unserved(kinds, templates)], len(kinds), _served(kinds, templates))


async def compare(settings: Settings) -> Checked:
    """The file against the account that is set. Raises FormsBroken, PlatformError."""
    async with Account.opened(settings, now) as account:
        return await check(settings, account.client)


async def check(settings: Settings, client: Client) -> Checked:
    """The file against the account. Raises FormsBroken, PlatformError."""
    kinds = notice.load()
    templates = forms.load(settings.templates, kinds)
    found = look(settings)
    told = await _template_messages(client) if _ids(templates, "template") else {}
    owed = await _subscriptions(client) if _ids(templates, "subscription") else {}
    wrong = [
        *_against(templates, "template", told),
        *_against(templates, "subscription", owed),
    ]
    return Checked([*found.problems, *dict.fromkeys(wrong)], found.kinds, found.served)


def _served(kinds: Mapping[str, Kind], templates: Mapping[str, Form]) -> int:
    return sum(name in templates for name in kinds)


def _unserved(kinds: Mapping[str, Kind], templates: Mapping[str, Form]) -> Iterator[str]:
    missing = [name for name, kind in kinds.items() if kind.mandatory and name not in templates]
    if missing:
        yield f"no template for what must be told: {', '.join(missing)}"
    if templates and DIGEST not in templates:
        yield "no template for several notices in one (digest)"


def _ids(templates: Mapping[str, Form], way: str) -> dict[str, list[tuple[str, Form]]]:
    """By template id, the kinds that use it."""
    used: dict[str, list[tuple[str, Form]]] = {}
    for name, form in templates.items():
        if number := getattr(form, way):
            used.setdefault(number, []).append((name, form))
    return used


def _against(templates: Mapping[str, Form], way: str, there: Fields) -> Iterator[str]:
    """What the platform's templates lack, or want."""
    for number, users in _ids(templates, way).items():
        if number not in there:
            yield f"{users[0][0]}: the account has no {way} {number}"
            continue
        has = there[number]
        for name, form in users if has is not None else ():
            given = set(form.fields or {})
            if unknown := sorted(given - (has or set())):
                yield f"{name}: {number} has no field {', '.join(unknown)}"
            if empty := sorted((has or set()) - given):
                yield f"{name}: nothing fills {', '.join(empty)} of {number}"


async def _template_messages(client: Client) -> Fields:
    told: Mapping[str, Any] = await client.template.get_all_private_template()
    return {
        str(row["template_id"]): frozenset(FIELD.findall(str(row.get("content", ""))))
        for row in told["template_list"]
    }


async def _subscriptions(client: Client) -> Fields:
    rows = await client.notices.all()
    return {
        str(row["priTmplId"]): frozenset(FIELD.findall(str(row["content"])))
        if row.get("content")
        else None
        for row in rows
    }
