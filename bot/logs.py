"""Logs: one JSON object a line on stderr, without secrets and without people.

Whatever reaches a log may have been typed by somebody. What stands under a personal or secret
name is left out, and of every other text what looks like a person's is taken away. Our own
messages are English: Chinese in a log is always somebody's words.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, TextIO

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import Processor

GONE = "…"
SECRET = re.compile(
    r"secret|token|aes_?key|data_?key|password|authorization|signature|cookie|nonce|^key$|^code$"
)
PERSONAL = re.compile(
    r"^(name|nick|nickname|contact|phone|mobile|email|mail|openid|unionid|from_?user(name)?|"
    r"words|text|content|body|xml|payload|answer|answers|talk|said|say|address|place|reason)$"
)
IN_TEXT = (
    re.compile(r"\[parameters: .*", re.DOTALL),  # SQLAlchemy shows what was written
    re.compile(r"DETAIL: .*", re.DOTALL),  # and PostgreSQL which key it was
    re.compile(r"(?<=access_token=)[\w-]+|(?<=secret=)[\w-]+"),
    re.compile(r"://[^/\s:@]+:[^/\s@]+(?=@)"),  # a database's password
    re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    re.compile(r"(?<![\w-])o[\w-]{27}(?![\w-])"),  # an openid
    re.compile(r"(?<!\d)(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+"),
)
LONGEST = 2000


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send everything, also what libraries log, to one stream."""
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(TRACEBACKS),
                discreet,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("aiosqlite", "asyncio", "apscheduler", "alembic", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_is_ours)


def _is_ours(record: logging.LogRecord) -> bool:
    """Not what a stranger sent that is no HTTP: a flood of it is theirs, and so are its bytes."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)


def discreet(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The last processor but one: takes secrets and people out of an event."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever is logged
    lower = name.lower()
    if lower == "frames":  # of a traceback
        return [f"{at['filename']}:{at['lineno']} {at['name']}" for at in value]
    if SECRET.search(lower) or (PERSONAL.match(lower) and isinstance(value, str | bytes | Mapping)):
        return GONE
    return _scrub(value)


def _scrub(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_scrub(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(repr(value))


def scrub(text: str) -> str:
    """A text without what looks like a person's: numbers, addresses, Chinese words."""
    for pattern in IN_TEXT:
        text = pattern.sub(GONE, text)
    return text[:LONGEST]


def _to_json(event: Any, **_: object) -> str:  # noqa: ANN401
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
