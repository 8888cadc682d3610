"""Roaring bitmaps in process against tantivy, over the same tokens: what the choice rests on.

Run: python -m benchmarks.engines [instruments]. tantivy is not one of ours: pip install tantivy.
"""

import gc
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tantivy
from pyroaring import BitMap

from benchmarks.catalogue import Made, instruments, questions
from store.search.tokens import atoms, is_han, normalise, pairs, tokens

ASKED = 4_000
SHOWN = 40

Ask = Callable[[list[str]], tuple[int, list[int]]]


def texts(made: Made) -> tuple[frozenset[str], frozenset[str]]:
    """Tokens of the name, and of everything."""
    name = tokens(made.name)
    model = tokens(f"{made.maker} {made.model}", joined=True)
    rest = (made.functions, made.fields, made.unit.name, made.unit.county, made.unit.address)
    return name, name.union(model, *map(tokens, rest))


def query(words: str) -> list[str]:
    """The tokens of one question: pairs of Chinese, words of the rest."""
    found: list[str] = []
    for word in normalise(words).replace("-", "").split():
        parts = [part.group() for part in atoms(word)]
        for han, group in itertools.groupby(parts, is_han):
            run = "".join(group)
            found += pairs(run) if han else [run]
    return found


def roaring(made: list[Made]) -> Ask:
    """A bitmap a token, for names and for everything."""
    names: dict[str, BitMap] = {}
    everything: dict[str, BitMap] = {}
    for row in made:
        name, rest = texts(row)
        for token in name:
            names.setdefault(token, BitMap()).add(row.id)
        for token in rest:
            everything.setdefault(token, BitMap()).add(row.id)
    size = sum(len(bits.serialize()) for side in (names, everything) for bits in side.values())
    print(f"  {len(everything)} tokens, {size / 1e6:.1f} MB serialised")

    def ask(wanted: list[str]) -> tuple[int, list[int]]:
        return ask_bits(everything, names, wanted)

    return ask


def ask_bits(
    everything: dict[str, BitMap], names: dict[str, BitMap], wanted: list[str]
) -> tuple[int, list[int]]:
    """All that have every token; those that have them in the name come first."""
    found = both(everything, wanted)
    first = list(itertools.islice(both(names, wanted), SHOWN))
    if len(first) < SHOWN:
        first += [n for n in itertools.islice(found, SHOWN * 2) if n not in first][:SHOWN]
    return len(found), first[:SHOWN]


def both(side: dict[str, BitMap], wanted: list[str]) -> BitMap:
    """All that have every token."""
    bits = sorted((side.get(token, BitMap()) for token in wanted), key=len)
    found = bits[0]
    for more in bits[1:]:
        found = found & more
    return found


def tantive(made: list[Made], folder: str) -> Ask:
    """The same tokens in tantivy: name boosted three times."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    for field in ("name", "rest"):
        schema.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    index: Any = tantivy.Index(schema.build(), path=folder)
    writer = index.writer(64_000_000, 1)
    for row in made:
        name, rest = texts(row)
        writer.add_document(
            tantivy.Document(
                id=str(row.id), name=" ".join(sorted(name)), rest=" ".join(sorted(rest))
            )
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    print(f"  {sum(f.stat().st_size for f in Path(folder).iterdir()) / 1e6:.1f} MB on disk")
    return lambda wanted: ask_tantivy(index, searcher, wanted)


def ask_tantivy(
    index: tantivy.Index, searcher: tantivy.Searcher, wanted: list[str]
) -> tuple[int, list[int]]:
    """All that have every token, by bm25 with names first."""
    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    schema, query_of = index.schema, tantivy.Query.term_query
    parts = [(must, query_of(schema, "rest", token)) for token in wanted]
    parts += [(should, query_of(schema, "name", token)) for token in wanted]
    hits = searcher.search(tantivy.Query.boolean_query(parts), SHOWN)
    return hits.count or 0, [int(searcher.doc(at)["id"][0]) for _, at in hits.hits[:5]]


def measure(label: str, ask: Ask, asked: list[list[str]]) -> None:
    """Print how long one question takes."""
    for wanted in asked[:200]:
        ask(wanted)
    times, hits = [], 0
    for wanted in asked:
        began = time.perf_counter()
        hits += ask(wanted)[0]
        times.append((time.perf_counter() - began) * 1e6)
    times.sort()
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    print(
        f"{label}: p50 {p50:.0f} us, p95 {p95:.0f} us, mean {statistics.mean(times):.0f} us,",
        end="",
    )
    print(f" {hits} hits in all")


def main() -> None:
    """Build both and ask both the same."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    made = list(instruments(count))
    asked = [query(words) for words in questions(ASKED)]
    for label in ("roaring", "tantivy"):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            ask = roaring(made) if label == "roaring" else tantive(made, folder)
            print(f"{label}: built in {time.perf_counter() - began:.1f} s")
            measure(label, ask, asked)
            del ask
            gc.collect()


if __name__ == "__main__":
    main()
