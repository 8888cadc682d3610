"""The index alone: how fast it answers, is made, opened and followed, and what it takes.

Run: python -m benchmarks.search [instruments …] [--keep FOLDER]; by default 100,000 and a million.
"""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from benchmarks.catalogue import fill, questions, zipf
from store.base import Base
from store.database import Database
from store.instrument import Instrument, announce
from store.search.index import FILE, Index
from store.search.rebuild import rebuild

ASKED = 10_000
WARM = 1_000
SHOWN = 5
FOLLOWED = 200
HERE = (37.42, 112.55)
AWKWARD = ["😀" * 4_000, "7" * 3_000, "镜" * 4_000, "电镜 " * 1_000, "\ud83d" * 500, "a-" * 2_000]


def main() -> None:
    """Measure one size after the other, each in a process of its own."""
    told = argparse.ArgumentParser()
    told.add_argument("instruments", type=int, nargs="*", default=[100_000, 1_000_000])
    told.add_argument("--keep", type=Path, help="where the databases stay for another run")
    told.add_argument("--asking", type=Path, help=argparse.SUPPRESS)
    args = told.parse_args()
    if args.asking:
        asyncio.run(ask(args.asking))
        return
    for count in args.instruments:
        with tempfile.TemporaryDirectory() as folder:
            where = (args.keep or Path(folder)) / str(count)
            print(f"{count} instruments")
            asyncio.run(make(where, count))
            command = [sys.executable, "-m", "benchmarks.search", "--asking", str(where)]
            subprocess.run(command, check=True)


def address(folder: Path) -> str:
    """The database of a size."""
    return f"sqlite+aiosqlite:///{folder / 'yixiang.db'}"


async def make(folder: Path, count: int) -> None:
    """Fill a database, unless there is one, and make the index as the server does."""
    fresh = not (folder / "yixiang.db").exists()
    database = Database(address(folder))
    if fresh:
        async with database.writer.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await fill(database, count, datetime.now(UTC))
    path = folder / FILE
    began, used = time.perf_counter(), children()
    await rebuild(database, path)
    took, used = time.perf_counter() - began, children() - used
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    print(f"  made in {took:.1f} s ({used:.1f} s of processor), at most {most:.0f} MB,", end=" ")
    print(f"{path.stat().st_size / 1e6:.0f} MB on disk")
    await database.close()


def children() -> float:
    """Processor seconds of ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def ask(folder: Path) -> None:
    """Open the index in a fresh process and ask."""
    before = resident()
    began = time.perf_counter()
    index = Index.open(folder)
    print(f"  opened in {(time.perf_counter() - began) * 1e3:.0f} ms,", end=" ")
    print(f"{resident() - before:.0f} MB more resident")
    everything = questions(WARM + 2 * ASKED)
    different, others = everything[WARM : WARM + ASKED], everything[WARM + ASKED :]
    for words in everything[:WARM]:
        index.find(words)
    measure("find, all different", index.find, different)
    measure("find and five lines", lambda words: page(index, words), others)
    measure("find and five lines, 2,000 by Zipf", lambda words: page(index, words), zipf(ASKED))
    measure("find, nearest first", lambda words: index.find(words, near=HERE), others[:2_000])
    measure("find, awkward", index.find, AWKWARD)
    print(f"  {resident() - before:.0f} MB more resident after that")
    await follow(index, Database(address(folder)))


def page(index: Index, words: str) -> None:
    """What one answer needs."""
    for number in index.find(words).ids[:SHOWN]:
        index.facts(number)


def measure(label: str, call: Callable[[str], object], asked: Iterable[str]) -> None:
    """Print how long one call takes."""
    times: list[float] = []
    used = time.process_time()
    for words in asked:
        began = time.perf_counter()
        call(words)
        times.append((time.perf_counter() - began) * 1e6)
    used = (time.process_time() - used) / len(times) * 1e6
    times.sort()
    p50, p95, p99 = (times[int(len(times) * part)] for part in (0.5, 0.95, 0.99))
    print(
        f"  {label}: p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f}, worst {times[-1]:.0f},", end=" "
    )
    print(f"mean {statistics.mean(times):.0f}, processor {used:.0f} us")


async def follow(index: Index, database: Database) -> None:
    """Change some instruments, and see how long the event loop waits while they are followed."""
    await index.follow(database)
    async with database.begin() as session:
        numbers = range(1, FOLLOWED + 1)
        changed = update(Instrument).where(Instrument.id.in_(numbers)).values(english="changed")
        await session.execute(changed)
        await announce(session, numbers, datetime.now(UTC))
    longest, going = 0.0, True

    async def watch() -> None:
        nonlocal longest
        while going:
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    await index.follow(database)
    took, going = time.perf_counter() - began, False
    await watching
    print(f"  {FOLLOWED} changes followed in {took * 1e3:.0f} ms,", end=" ")
    print(f"the loop waited at most {longest * 1e3:.1f} ms")
    await index.close()
    await database.close()


def resident() -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
