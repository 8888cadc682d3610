"""A language model as a second opinion: it may choose among the known intents, and nothing else.

Asked only when the tables and the search know nothing. It is sent the message's words, at most 200
characters, without what may be personal; its answer is held against the tables and the words.
"""

import asyncio
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

import structlog
from aiohttp import ClientError, ClientSession
from yarl import URL

from bot.kit.intents import Intent, Reader
from bot.kit.intents.rules import TEXT, Rule
from bot.kit.reading import clean, plain

COPY: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
LONGEST, SHORTEST = 200, 3
"""Characters of a message that are sent; fewer than the least are not worth it."""
LONGEST_SLOT = 60
SECONDS = 2.0
"""For the whole question and answer."""
MOST_READ = 65_536
"""Bytes of an answer."""
AT_ONCE = 4
"""Questions under way; more are not asked."""
KEPT = 512
"""Answers remembered."""
FAILURES = 3
"""In a row, after which it is left alone for a while: longer each time it fails again."""
REST, LONGEST_REST = 60.0, 600.0
"""Seconds."""

_PERSONAL = tuple(re.compile(pattern) for pattern in COPY["personal"]["patterns"])
_NUMBER = re.compile(r"(?:yq|yy|cxq|ht|xq|gd|bb|py)[0-9]{1,9}")

log = structlog.get_logger(__name__)
Answers = dict[str, Intent | None]


class Failed(Exception):  # noqa: N818 - not a fault: answered without it
    """The model gave no answer that can be read."""


def scrubbed(words: str) -> str:
    """The words without phone numbers, numbers of papers, addresses and names; plain, bounded."""
    text = plain(words)
    for pattern in _PERSONAL:
        text = pattern.sub(COPY["personal"]["instead"], text)
    return text[:LONGEST]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is asked, as which, with which key."""

    url: URL
    model: str
    key: str

    @classmethod
    def of(cls, setting: str) -> Self:
        """Read `https://:KEY@host/v1#model`; key and model may be missing."""
        told = URL(setting)
        url = told.with_user(None).with_fragment(None)
        if not url.path.endswith("/chat/completions"):
            url = url.with_path(url.path.rstrip("/") + "/chat/completions").with_query(told.query)
        return cls(url, told.fragment or "default", unquote(told.password or told.user or ""))


class Model:
    """One model behind an OpenAI-compatible address."""

    def __init__(
        self, address: str, http: ClientSession, reader: Reader, count: Callable[[str], None]
    ) -> None:
        self._address = Address.of(address)
        self._http = http
        self._choices = reader.choices
        self._count = count
        self._answers: Answers = {}
        self._busy = self._failures = 0
        self._until = 0.0
        self._prompt = COPY["prompt"]["system"] + "\n" + _table(self._choices)

    def recall(self, words: str) -> Intent | None:
        """What it said of these words before; nothing is asked."""
        return self._answers.get(scrubbed(words))

    async def ask(self, words: str) -> Intent | None:
        """What it takes the words for; None where it does not know, fails, or is left alone."""
        text = scrubbed(words)
        if text in self._answers:
            return self._answers[text]
        now = asyncio.get_running_loop().time()
        bare = text.replace(COPY["personal"]["instead"], "")
        if len(bare) < SHORTEST or self._busy >= AT_ONCE or now < self._until:
            return None
        self._busy += 1
        try:
            intent = self._chosen(await self._answer(text), text, words)
        except (Failed, TimeoutError, ClientError, OSError, ValueError) as why:
            self._failed(now, why)
            return None
        finally:
            self._busy -= 1
        self._failures = 0
        self._count("known" if intent else "unknown")
        self._keep(text, intent)
        return intent

    def _failed(self, now: float, why: Exception) -> None:
        """Count a failure; after several in a row, ask nothing for a while."""
        self._failures += 1
        self._count("failed")
        if self._failures >= FAILURES:
            rest = min(REST * 2 ** min(self._failures - FAILURES, 10), LONGEST_REST)
            self._until = now + rest
            log.warning("model left alone", seconds=rest, why=type(why).__name__)

    def _keep(self, text: str, intent: Intent | None) -> None:
        if len(self._answers) >= KEPT:
            del self._answers[next(iter(self._answers))]
        self._answers[text] = intent

    async def _answer(self, text: str) -> str:
        """The words of its answer. Raises Failed, TimeoutError, ClientError."""
        asked = {
            "model": self._address.model,
            "temperature": 0,
            "max_tokens": 200,
            "response_format": {"type": "json_object"},
            "messages": [
                {"role": "system", "content": self._prompt},
                {"role": "user", "content": json.dumps({"message": text}, ensure_ascii=False)},
            ],
        }
        headers = {"Authorization": f"Bearer {self._address.key}"} if self._address.key else {}
        async with (
            asyncio.timeout(SECONDS),
            self._http.post(
                self._address.url, json=asked, headers=headers, allow_redirects=False
            ) as response,
        ):
            body = bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > MOST_READ:
                    raise Failed("too long")
        if response.status != 200:
            raise Failed(str(response.status))
        return _content(bytes(body))

    def _chosen(self, answer: str, text: str, words: str) -> Intent | None:
        """The intent that an answer names, if it keeps to the tables and to the words."""
        try:
            told = json.loads(answer)
        except (ValueError, RecursionError):
            return None
        if not isinstance(told, dict) or told.keys() - {"intent", "slots"}:
            return None
        name, filled = told.get("intent"), told.get("slots", {})
        rule = self._choices.get(name) if isinstance(name, str) else None
        if rule is None or not isinstance(filled, dict):
            return None
        if not all(_holds(rule, slot, value, text) for slot, value in filled.items()):
            return None
        slots = {slot: _written(str(value)) for slot, value in filled.items() if value}
        if TEXT in rule.slots:
            slots[TEXT] = clean(words)
        return Intent(rule.name, rule.command(slots), slots, sure=False)


def _table(choices: Mapping[str, Rule]) -> str:
    """The intents, a line each."""
    lines = []
    for rule in choices.values():
        slots = [slot for slot in rule.slots if slot != TEXT]
        lines.append(f"{rule.name}: {rule.means}" + (f" {slots}" if slots else ""))
    return "\n".join(lines)


def _content(body: bytes) -> str:
    """The answer's words inside what the server sends; raises Failed."""
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Failed("unreadable") from None
    if not isinstance(content, str):
        raise Failed("no words")
    return content


def _holds(rule: Rule, slot: object, value: object, text: str) -> bool:
    """Whether a slot is one of the rule's and was said; nothing may be made up."""
    if slot not in rule.slots or slot == TEXT or not isinstance(value, str | None):
        return False
    said = plain(value or "").replace(" ", "")
    if slot not in {"thing", "when"} and said and not _NUMBER.fullmatch(said):
        return False
    return len(said) <= LONGEST_SLOT and said in text.replace(" ", "")


def _written(value: str) -> str:
    """A slot as a command has it: numbers in capitals, no line breaks."""
    said = plain(value)
    return said.upper() if _NUMBER.fullmatch(said) else said
