"""The door, from signature to reply, beside a bare aiohttp handler in the same run.

Server on core 0, wrk (1 thread, 32 connections) on core 1, rounds interleaved over all variants;
the first round is discarded; `x` is the median of per-round ratios to the bare handler.
"""

import asyncio
import base64
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import update

from benchmarks import catalogue, requests
from store import conversation, migrations, person
from store.database import Database
from store.person import Grant, Person, Role

CONNECTIONS = 32
SECONDS = 4
ROUNDS = int(os.environ.get("ROUNDS", "6"))
INSTRUMENTS = int(os.environ.get("INSTRUMENTS", "100000"))
MOST_PER_SECOND = 12_000
DIFFERENT = 150_000
"""Distinct questions: far more than any cache keeps."""
YIXIANG = str(Path(sys.executable).with_name("yixiang"))
PORTS = iter(range(18_100, 18_200))


@dataclass
class Variant:
    """One way of asking one server."""

    name: str
    target: float | None
    port: int
    safe: bool = False
    zipf: bool = False
    rounds: list[dict[str, float]] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Requests a second, a round each, the first left out."""
        return [r["requests"] / r["microseconds"] * 1e6 for r in self.rounds[1:]]


class Questions:
    """An endless supply of questions: all different, or a few thousand drawn with a Zipf law."""

    def __init__(self) -> None:
        self.rng = random.Random(7)
        self.different = cycle(catalogue.questions(DIFFERENT))
        self.usual = catalogue.questions(2_000, seed=12)

    def take(self, count: int, *, zipf: bool) -> Iterable[str]:
        """The next questions of a kind."""
        if zipf:
            return requests.zipf(self.usual, count, self.rng)
        return islice(self.different, count)


@dataclass
class Server:
    """One server on core 0, and how long it took until it could serve."""

    port: int
    process: subprocess.Popen[bytes]
    seconds: float

    @property
    def resident(self) -> int:
        """Megabytes of memory it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024


@contextmanager
def server(port: int, settings: dict[str, str], *command: str) -> Iterator[Server]:
    """Run one server on core 0."""
    began = time.perf_counter()
    process = subprocess.Popen(["taskset", "-c", "0", *command], env={**os.environ, **settings})
    try:
        _wait(port)
        yield Server(port, process, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(6_000):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
        except urllib.error.HTTPError as answer:
            if answer.code == 404:
                return  # the bare handler knows no such page
            time.sleep(0.01)
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(port)


def _cpu(pid: int) -> float:
    """Microseconds of processor time that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1e6


def measure(variant: Variant, questions: Questions, folder: Path, pid: int) -> None:
    """Send one round of prepared requests."""
    path = folder / "requests.txt"
    count = MOST_PER_SECOND * SECONDS if variant.target else 1_000
    requests.write(path, questions.take(count, zipf=variant.zipf), safe=variant.safe)
    address = f"http://127.0.0.1:{variant.port}"
    lua = str(Path(__file__).with_name("wrk.lua"))
    shape = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "5s"]
    command = ["taskset", "-c", "1", "wrk", *shape, "-s", lua, address, "--", str(path)]
    before = _cpu(pid)
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    row = json.loads(out.strip().splitlines()[-1])
    row["cpu"] = (_cpu(pid) - before) / row["requests"]
    if variant.target and row["requests"] > count:
        raise RuntimeError(f"{variant.name}: ran out of prepared requests")
    variant.rounds.append(row)


def table(variants: list[Variant]) -> Iterator[str]:
    """The results as Markdown rows."""
    bare = variants[0].rates
    yield "| variant | requests/s | x bare | target | p50 ms | p99 ms | CPU µs | errors |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for v in variants:
        ratio = statistics.median(mine / base for mine, base in zip(v.rates, bare, strict=True))
        p50, p99 = (statistics.median(r[p] for r in v.rounds[1:]) / 1000 for p in ("p50", "p99"))
        cells = (
            v.name,
            f"{statistics.median(v.rates):,.0f}",
            f"{ratio:.3f}",
            f"{v.target:.2f}" if v.target else "–",
            f"{p50:.2f}",
            f"{p99:.2f}",
            f"{statistics.median(r['cpu'] for r in v.rounds[1:]):.0f}",
            f"{sum(r['errors'] for r in v.rounds):.0f}",
        )
        yield f"| {' | '.join(cells)} |"


def environment(port: int, url: str, *, safe: bool) -> dict[str, str]:
    """Settings of one measured server."""
    return {
        "YIXIANG_DATABASE_URL": url,
        "YIXIANG_REGION": "jinzhong",
        "YIXIANG_PUBLIC_URL": "http://127.0.0.1",
        "YIXIANG_HOST": "127.0.0.1",
        "YIXIANG_PORT": str(port),
        "YIXIANG_WECHAT_APPID": requests.APPID,
        "YIXIANG_WECHAT_SECRET": "bench-secret",
        "YIXIANG_WECHAT_TOKEN": requests.TOKEN,
        "YIXIANG_WECHAT_AES_KEY": requests.AES_KEY if safe else "",
        "YIXIANG_WECHAT_ACCOUNT": "service",
        "YIXIANG_WECHAT_API_URL": "http://127.0.0.1:9",
        "YIXIANG_DATA_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
    }


async def prepare(url: str, count: int) -> None:
    """A database with the catalogue and the followers, a tenth of them with a role."""
    await migrations.upgrade(url)
    database, now = Database(url), datetime.now(UTC)
    try:
        await catalogue.fill(database, count, now)
        async with database.begin() as session:
            await conversation.admit(session, map(requests.openid, range(requests.FOLLOWERS)))
        async with database.begin() as session:
            await session.execute(update(Person).values(noticed_at=now))
            for number in range(1, requests.FOLLOWERS, 10):
                await person.give(session, number, Grant(Role.BUREAU), now)
    finally:
        await database.close()


def plan(postgresql: str | None) -> list[Variant]:
    """What is measured, the baseline first."""
    ports = {name: next(PORTS) for name in ("bare", "plain", "safe", "postgresql")}
    variants = [
        Variant("bare aiohttp", None, ports["bare"]),
        Variant("plain, all different", 0.08, ports["plain"]),
        Variant("plain, Zipf", 0.20, ports["plain"], zipf=True),
        Variant("safe, all different", 0.06, ports["safe"], safe=True),
        Variant("safe, Zipf", 0.15, ports["safe"], safe=True, zipf=True),
    ]
    if postgresql:
        variants.append(Variant("PostgreSQL, plain, Zipf", 0.08, ports["postgresql"], zipf=True))
    return variants


def run(folder: Path, postgresql: str | None, count: int = INSTRUMENTS) -> list[str]:
    """Measure everything; the lines of the report."""
    variants = plan(postgresql)
    urls = {v.port: f"sqlite+aiosqlite:///{folder}/{v.port}/yixiang.db" for v in variants[1:5]} | {
        v.port: postgresql for v in variants[5:] if postgresql
    }
    with ExitStack() as stack:
        bare = (sys.executable, "-m", "benchmarks.bare", str(variants[0].port))
        servers = [stack.enter_context(server(variants[0].port, {}, *bare))]
        for port, url in urls.items():
            asyncio.run(prepare(url, count))
            safe = any(v.safe for v in variants if v.port == port)
            settings = environment(port, url, safe=safe)
            with server(port, settings, YIXIANG, "serve"):
                pass  # the first start makes the index; the second one is measured
            servers.append(stack.enter_context(server(port, settings, YIXIANG, "serve")))
        pids = {server.port: server.process.pid for server in servers}
        questions = Questions()
        for _ in range(ROUNDS):
            for variant in variants:
                measure(variant, questions, folder, pids[variant.port])
        return [*table(variants), "", *(_start(s) for s in servers)]


def _start(server: Server) -> str:
    return f"- port {server.port}: ready in {server.seconds:.2f} s, resident {server.resident} MB"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        postgresql = os.environ.get("YIXIANG_BENCH_POSTGRES")
        print("\n".join(run(Path(folder), postgresql)))


if __name__ == "__main__":
    main()
