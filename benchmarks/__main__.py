"""`make bench`: measure the door, booking and delivery, and write docs/performance.md."""

import importlib
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import door
from tests import postgres

LASTING = ("listen_addresses=''", "max_connections=60")
"""As a real server is set: what is committed is on the disk."""
REPORT = Path(__file__).parents[1] / "docs" / "performance.md"
PACKAGES = ("aiohttp", "uvloop", "sqlalchemy", "asyncpg", "pyroaring", "orjson", "cryptography")
TITLE = """# How fast

Written by `make bench`; trust the ratios, not the absolute figures, and those only as far as the
machine was quiet. How well and how fast it understands stands in
[understanding](understanding.md)."""
HEAD = """## The door

The door is measured whole, from signature to reply, over {instruments:,}
generated instruments and {followers:,} followers of whom a tenth hold a role: each request is
signed (and sealed, in safe mode) and its own message; its follower, roles, open talk and last list
are looked up, and its answer, list and repeat-key kept. The server runs on one core, wrk (1 thread,
{connections} connections, {seconds} s a round) on another, rounds are interleaved over all variants
and the first is left out. `x bare` is the median of per-round ratios to a bare aiohttp handler
that reads the body and answers a constant; `CPU µs` is the server's processor time a request.
"""


@contextmanager
def postgresql() -> Iterator[str | None]:
    """A private PostgreSQL with an empty database, its writes as safe as a real one's; or None."""
    folder = postgres.home()
    try:
        server = postgres.ensure(folder, LASTING)
        server.run("CREATE DATABASE bench")
        yield server.url("bench")
    except postgres.Unavailable as why:
        print(f"without PostgreSQL: {why}", file=sys.stderr)
        yield None
    finally:
        postgres.stop(folder)


BESIDE = {
    "booking": ("Booking: the store's verb against the same SQL by hand", "benchmarks.booking"),
    "conversation": ("Booking: a step of a conversation", "benchmarks.conversation"),
    "delivery": ("Telling what is due", "benchmarks.delivery"),
}
"""What is measured by programs of its own: each section's title, and its module."""


def report(parts: list[str]) -> str:
    """The page."""
    machine = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load average before {LOAD:.1f}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{', '.join(f'{name} {version(name)}' for name in PACKAGES)}."
    )
    return "\n\n".join([TITLE, machine, *parts]) + "\n"


def measured_door() -> str:
    """The door's section."""
    with tempfile.TemporaryDirectory() as folder, postgresql() as url:
        lines = door.run(Path(folder), url)
    head = HEAD.format(
        instruments=door.INSTRUMENTS,
        followers=door.requests.FOLLOWERS,
        connections=door.CONNECTIONS,
        seconds=door.SECONDS,
    )
    return "\n".join([head, *lines])


def measured_beside(name: str) -> str:
    """Another section, as its program prints it."""
    title, module = BESIDE[name]
    told = subprocess.run(
        [sys.executable, "-m", module], capture_output=True, text=True, check=True
    ).stdout.strip()
    about = (importlib.import_module(module).__doc__ or "").strip()
    shown = told if told.startswith("|") else f"```text\n{told}\n```"
    return f"## {title}\n\n{about}\n\n{shown}"


LOAD = os.getloadavg()[0]


def main() -> None:
    """Measure the sections asked for, by default all; write the page when it is all."""
    asked = sys.argv[1:] or ["door", *BESIDE]
    parts = []
    for name in asked:
        parts.append(measured_door() if name == "door" else measured_beside(name))
        print(parts[-1], flush=True)
    if not sys.argv[1:]:
        REPORT.write_text(report(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
