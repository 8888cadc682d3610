"""How well wishes in free words are understood, and what that costs.

Run: python -m benchmarks.intents [--wrong]. The labelled lines stand in benchmarks/questions.
"""

import argparse
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterable

from benchmarks.questions import load
from benchmarks.questions.load import Said
from bot.kit.intents import Intent, Reader
from bot.kit.reading import count

OWN = dict.fromkeys(("name", "phone", "email", "organisation"), "my_data")
SAME = {**OWN, "hello": "help", "contact": "search"}
"""Finer intents of ours, by the label that takes them in."""
LETTERS = ("yq", "yy", "cxq", "ht", "xq", "gd", "bb", "py", "any")
ROUNDS = 5
AWKWARD = ["😀" * 4_000, "7" * 3_000, "预约" * 2_000, "约12号" * 800, "\ud83d" * 500, "不" * 4_000]


def main() -> None:
    """Print the tables; with `--wrong`, the lines that are read otherwise than labelled."""
    told = argparse.ArgumentParser()
    told.add_argument("--wrong", action="store_true")
    args = told.parse_args()
    print(table(wrong=args.wrong))


def table(*, wrong: bool = False) -> str:
    """The figures as Markdown."""
    reader, kilobytes = opened()
    said = load.intents()
    right = [load.meant(one, labelled(reader, one.say)) for one in said]
    if wrong:
        show(reader, said, right)
    searches = [one.ask for one in load.searches()]
    taken = [ask for ask in searches if reader.read(ask)]
    filled = [
        load.filled(one, slots(reader.read(one.say))) for one in said if one.intents[0] != "search"
    ]
    lines = ["| what | of | right |", "| --- | --- | --- |"]
    lines.append(f"| intents | {len(said)} | {share(sum(right), len(said))} |")
    lines.append(f"| slots of intents | {len(filled)} | {share(sum(filled), len(filled))} |")
    kept = len(searches) - len(taken)
    lines.append(f"| searches left to search | {len(searches)} | {share(kept, len(searches))} |")
    lines += ["", "| read | lines | p50 us | p95 us | p99 us |", "| --- | --- | --- | --- | --- |"]
    lines.append(timed("wishes", reader, [one.say for one in said]))
    lines.append(timed("searches", reader, searches))
    lines.append(timed("awkward, up to 4,000 characters", reader, AWKWARD))
    lines += ["", f"{kilobytes / 1024:.1f} MB for the tables.", ""]
    lines.append(by_intent(said, right))
    return "\n".join(lines)


def opened() -> tuple[Reader, float]:
    """The tables, and the kilobytes that they take."""
    tracemalloc.start()
    reader = Reader.load()
    reader.read("我有多少券")
    kilobytes = tracemalloc.get_traced_memory()[0] / 1024
    tracemalloc.stop()
    return reader, kilobytes


def labelled(reader: Reader, words: str) -> str:
    """What words are read as, by the labels' names."""
    intent = reader.read(words)
    return SAME.get(intent.name, intent.name) if intent else "search"


def slots(intent: Intent | None) -> dict[str, object]:
    """What was filled, by the labels' names."""
    got = dict(intent.slots) if intent else {}
    given: dict[str, object] = {name: got[key] for key, name in NAMES.items() if key in got}
    if found := next((got[letters] for letters in LETTERS if letters in got), None):
        given["number"] = found
    for name in ("score", "count"):
        if name in given:
            given[name] = count(str(given[name]).removesuffix("试块"))
    if "code" in got:
        given["text"] = got["code"]
    return given


NAMES = {"when": "moment", "thing": "words", "text": "text", "stars": "score", "amount": "count"}


def show(reader: Reader, said: Iterable[Said], right: Iterable[bool]) -> None:
    """The lines that are read otherwise."""
    for one, good in zip(said, right, strict=True):
        given = slots(reader.read(one.say))
        if not good:
            print(one.say, "|", one.intents, "|", labelled(reader, one.say))
        elif not load.filled(one, given) and one.intents[0] != "search":
            print(one.say, "|", dict(one.slots), "|", given)


def timed(label: str, reader: Reader, every: Iterable[str]) -> str:
    """One row: the fastest of some readings of each."""
    times = sorted(min(seconds(reader, words) for _ in range(ROUNDS)) * 1e6 for words in every)
    parts = (times[min(int(len(times) * part), len(times) - 1)] for part in (0.5, 0.95, 0.99))
    return f"| {label} | {len(times)} | {' | '.join(f'{part:.0f}' for part in parts)} |"


def seconds(reader: Reader, words: str) -> float:
    """How long one reading takes, the first time: the same words again are only looked up."""
    read = reader.read.__wrapped__
    began = time.perf_counter()
    read(words)
    return time.perf_counter() - began


def by_intent(said: Iterable[Said], right: Iterable[bool]) -> str:
    """The intents that are not always read right."""
    asked: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for one, fine in zip(said, right, strict=True):
        asked[one.intents[0]] += 1
        good[one.intents[0]] += fine
    less = [f"{name} {good[name]}/{asked[name]}" for name in asked if good[name] < asked[name]]
    return f"Not always right: {', '.join(less) or 'none'}."


def share(part: int, whole: int) -> str:
    """A part in per cent."""
    return f"{100 * part / whole:.1f} %"


if __name__ == "__main__":
    main()
