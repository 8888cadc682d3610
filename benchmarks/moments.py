"""How long it takes to read when somebody wants something: `python -m benchmarks.moments`.

Processor time a phrase over the phrases of the tests, each read once a round so that nothing is
remembered from the time before; then the worst that any text can cost.
"""

import gc
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.questions import load
from benchmarks.questions.load import Moment
from bot.kit.moments import HERE, read_period
from store.errors import Refused

PHRASES = Path(__file__).parents[1] / "tests" / "bot" / "kit" / "moments.txt"
NOW = datetime(2026, 11, 20, 10, tzinfo=HERE)
ROUNDS = 15
WHOLE = (
    "明天下午3点到5点",
    "下周二上午9点到11点半",
    "11.25 9:00~11:30",
    "20261125 0900-1130",
    "后天早上8点起用4小时",
    "大后天上午十点半开始两个半小时",
    "11月25号晚上10点到26号凌晨2点",
    "老师您好，想预约一下下周二上午9点到11点，可以吗？谢谢！",
)
"""Shown one by one."""
ANY = {
    "4,000 emoji": "😀" * 4000,
    "3,000 digits": "9" * 3000,
    "half surrogates": "\ud800" * 4000,
    "control characters": "\x00\x07\u202e" * 1300,
    "150 numerals": "一" * 150,
    "hours without end": "明天9点到" * 30,
    "dates without end": "1-1 " * 37,
    "ordinals without end": "第" * 150,
}


def table() -> str:
    """How the labelled phrases are read, as Markdown."""
    said = load.moments()
    good = wrong = back = 0
    for one in said:
        start, end = meant(one)
        right = load.timed(one, start, end)
        good += right
        back += start is None and not right
        wrong += start is not None and not right
    times = sorted(
        statistics.median(once(one.say, one.base) for _ in range(ROUNDS)) for one in said
    )
    taken = f"{share(times, 0.5):.0f} | {share(times, 0.95):.0f}"
    cells = (f"{100 * part / len(said):.1f} %" for part in (good, back, wrong))
    return "\n".join(
        [
            "| phrases | right | asked back without need | silently wrong | p50 us | p95 us |",
            "| --- | --- | --- | --- | --- | --- |",
            f"| {len(said)} | {' | '.join(cells)} | {taken} |",
        ]
    )


def meant(one: Moment) -> tuple[datetime | None, datetime | None]:
    """What a phrase is read as, in the labels' form; nothing where it is asked back."""
    try:
        period = read_period(one.say, one.base)
    except Refused:
        return None, None
    return period.start, period.end


def phrases() -> list[str]:
    """Those that the tests hold the grammar to."""
    lines = PHRASES.read_text("utf-8").splitlines()
    return [line.partition(" => ")[0] for line in lines if " => " in line]


def once(words: str, now: datetime) -> float:
    """Microseconds of processor time for one reading."""
    began = time.thread_time_ns()
    with suppress(Refused):
        read_period(words, now)
    return (time.thread_time_ns() - began) / 1000


def measured(several: Iterable[str]) -> dict[str, float]:
    """The median of the rounds, phrase by phrase; the rounds go through all of them in turn."""
    said = list(several)
    taken: dict[str, list[float]] = {words: [] for words in said}
    for turn in range(ROUNDS):
        random.Random(turn).shuffle(said)
        for words in said:
            taken[words].append(once(words, NOW + timedelta(minutes=turn)))
    return {words: statistics.median(times) for words, times in taken.items()}


def imported() -> tuple[float, float]:
    """Seconds and MB that importing the grammar costs a fresh interpreter beyond its own."""
    code = "import resource, time; b = time.perf_counter(); {}; print(time.perf_counter() - b,"
    code += " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    figures = []
    for line in ("import bot.kit.reading", "import bot.kit.moments"):
        run = [sys.executable, "-c", code.format(line)]
        out = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
        figures.append((float(out[0]), float(out[1])))
    (before, small), (after, large) = figures
    return after - before, large - small


def share(times: Iterable[float], of: float) -> float:
    """The time that this share of the phrases stays under."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * of))]


def show(title: str, times: dict[str, float], each: Callable[[str], str] = str) -> None:
    print(f"\n{title}")
    for words, taken in times.items():
        print(f"{taken:9.1f} µs  {each(words)}")


def main() -> None:
    gc.disable()
    every = measured(phrases())
    times = every.values()
    figures = (statistics.median(times), share(times, 0.95), share(times, 0.99), max(times))
    print(
        f"{len(every)} phrases: "
        + "median {:.1f}, p95 {:.1f}, p99 {:.1f}, max {:.1f} µs".format(*figures)
    )
    show("some", measured(WHOLE))
    names = {text: name for name, text in ANY.items()}
    show("any text", measured(ANY.values()), names.__getitem__)
    seconds, memory = imported()
    print(f"\nimport {seconds * 1000:.0f} ms, {memory:.1f} MB beside bot.kit.reading;", end=" ")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
