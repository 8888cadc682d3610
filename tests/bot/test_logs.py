"""Logs: JSON lines on one stream, and nobody in them."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from bot import logs

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
DASHED = "o6_bmjrPTlm6_2sgVt7hMZOPfL2-"
PLANTED = ("王建国", "13903541234", "wang@example.cn", OPENID, DASHED, "hunter2")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_object_a_line(stream: io.StringIO) -> None:
    structlog.get_logger("door").info("answered", act="text", person=12, seconds=0.0031)
    logging.getLogger("library").warning("slow: %s", "x\ny")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["person"], ours["level"]) == ("answered", 12, "info")
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"]) == ("slow: x\ny", "warning")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "王建国", "phone": "13903541234"},
        {"words": "wang@example.cn", "openid": OPENID},
        {"wechat_secret": "hunter2", "access_token": "hunter2", "data_key": b"hunter2"},
        {"person": {"id": 3, "name": "王建国", "contact": "139 0354 1234"}},
        {"items": ["王建国", OPENID, {"email": "wang@example.cn"}]},
        {"url": "https://x.cn/cgi-bin?access_token=hunter2&a=1"},
        {"url": "postgresql+asyncpg://yixiang:hunter2@db/yixiang"},
        {"error": ValueError("王建国 is no code of 13903541234")},
        {"message": f"wx0123456789abcdef:{DASHED}:7"},
    ],
)
def test_nobody_is_in_the_logs(stream: io.StringIO, fields: dict[str, Any]) -> None:
    structlog.get_logger().info("something", **fields)
    text = stream.getvalue()
    assert "something" in text
    assert not [planted for planted in PLANTED if planted in text]


def test_a_fault_is_told_without_what_was_said(stream: io.StringIO) -> None:
    def fail() -> None:
        raise IntegrityError("INSERT INTO person", {"name": "hunter2"}, ValueError("王建国"))

    try:
        fail()
    except IntegrityError:
        structlog.get_logger().exception("fault", fault="F3K9")
    (line,) = lines(stream)
    assert line["fault"] == "F3K9"
    told = line["exception"][0]
    assert told["exc_type"] == "IntegrityError"
    assert "INSERT INTO person" in told["exc_value"]
    assert told["frames"][-1].endswith(" fail")
    assert not [planted for planted in PLANTED if planted in stream.getvalue()]


def test_what_libraries_log_is_scrubbed_too(stream: io.StringIO) -> None:
    logging.getLogger("aiohttp.server").error("bad request from %s: %s", OPENID, "王建国")
    assert "bad request" in stream.getvalue()
    assert not [planted for planted in PLANTED if planted in stream.getvalue()]


def test_numbers_of_ours_stay() -> None:
    kept = "YQ12 YY208 2026-11-20T02:00:00Z 20261120103000 12345678901"
    assert logs.scrub(kept) == kept


@given(st.text(), st.sampled_from(PLANTED[:4]), st.text())
def test_scrub_never_lets_a_person_through(before: str, planted: str, after: str) -> None:
    # Beside other letters or digits a number may be part of a longer one.
    text = logs.scrub(f"{before} {planted} {after}")
    assert planted not in re.sub(r"\s", "", text) or planted in before + after


async def test_what_strangers_send_fills_no_log(stream: io.StringIO) -> None:
    async with TestServer(web.Application()) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"GET /f/secret HTTP/9.9\r\n\r\n")
        assert b"400" in await reader.readline()
        writer.close()
    assert stream.getvalue() == ""
