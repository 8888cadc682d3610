"""The door, from signature to reply, beside a bare aiohttp handler in the same run.

Server on core 0, wrk (1 thread, 32 connections) on core 1, rounds interleaved over all variants;
the first round is discarded; `x` is the median of per-round ratios to the bare handler.
"""

import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from benchmarks import catalogue, fill, requests

CONNECTIONS = 32
SECONDS = 4
ROUNDS = 6
INSTRUMENTS = 100_000
MOST_PER_SECOND = 9_000
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
        self.different = catalogue.questions(seed=11)
        self.usual = list(islice(catalogue.questions(seed=12), 2_000))

    def take(self, count: int, *, zipf: bool) -> Iterable[str]:
        """The next questions of a kind."""
        if zipf:
            return requests.zipf(self.usual, count, self.rng)
        return islice(self.different, count)


@contextmanager
def server(port: int, environment: dict[str, str], *command: str) -> Iterator[float]:
    """Run one server on core 0; give the seconds until it could serve."""
    began = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", "0", sys.executable, *command], env={**os.environ, **environment}
    )
    try:
        _wait(port)
        yield time.perf_counter() - began
        print(f"  port {port}: resident {_resident(process.pid)} MB")
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(6_000):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(port)


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def measure(variant: Variant, questions: Questions, folder: Path) -> None:
    """Send one round of prepared requests."""
    path = folder / "requests.txt"
    count = MOST_PER_SECOND * SECONDS if variant.target else 1_000
    requests.write(path, questions.take(count, zipf=variant.zipf), safe=variant.safe)
    address = f"http://127.0.0.1:{variant.port}"
    lua = str(Path(__file__).with_name("wrk.lua"))
    shape = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "5s"]
    command = ["taskset", "-c", "1", "wrk", *shape, "-s", lua, address, "--", str(path)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    row = json.loads(out.strip().splitlines()[-1])
    if variant.target and row["requests"] > count:
        raise RuntimeError(f"{variant.name}: ran out of prepared requests")
    variant.rounds.append(row)


def table(variants: list[Variant]) -> Iterator[str]:
    """The results as Markdown rows."""
    bare = variants[0].rates
    yield "| variant | requests/s | x bare | target | p50 ms | p99 ms | errors |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for v in variants:
        ratio = statistics.median(mine / base for mine, base in zip(v.rates, bare, strict=True))
        p50, p99 = (statistics.median(r[p] for r in v.rounds[1:]) / 1000 for p in ("p50", "p99"))
        errors = sum(r["errors"] for r in v.rounds)
        rate = statistics.median(v.rates)
        goal = f"{v.target:.2f}" if v.target else "–"
        yield f"| {v.name} | {rate:,.0f} | {ratio:.3f} | {goal} | {p50:.2f} | {p99:.2f} | {errors} |"


def environment(folder: Path, port: int, url: str, *, safe: bool) -> dict[str, str]:
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
        "YIXIANG_DATA_KEY": "A" * 43 + "=",
        "YIXIANG_VAR": str(folder),
    }
