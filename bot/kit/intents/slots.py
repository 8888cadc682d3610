"""What fills the slots of a command: numbers, moments, things, and the story itself."""

from collections.abc import Collection, Sequence

from bot.kit.intents.lexicon import GAPS, PREFIXES, THING, Token
from bot.kit.pattern import bare_literal, rest
from bot.kit.reading import clean, number

MOMENTS = frozenset({"when", "nth", "shifted"})
VALUES = frozenset({"stars", "code", "value", "nth"})
OTHER = {"bindcode": "code"}
"""Concepts that fill another one's slot."""
LITTLE = frozenset({"filler", "want", "person", "bit", "ask"})
AROUND = "".join(GAPS)


def by_name(tokens: Sequence[Token], text: str) -> dict[str, str]:
    """What was said of each kind, the first where there are several."""
    known: dict[str, str] = {}
    for token in tokens:
        if token.name in PREFIXES and (n := number(token.value)) is not None:
            known.setdefault(token.name, f"{token.name.upper()}{n}")
        elif (name := OTHER.get(token.name, token.name)) in VALUES:
            known.setdefault(name, token.value)
        elif token.name == "amount":
            known.setdefault("amount", text[token.start : token.end])
    if "stars" in known:
        known["stars"] = str(number(known["stars"]))
    known["when"] = joined(tokens, text, MOMENTS)
    known[THING] = joined(tokens, text, {THING})
    return known


def joined(tokens: Sequence[Token], text: str, names: Collection[str]) -> str:
    """The tokens of these names, each run with the little words right between its parts."""
    runs: list[tuple[int, int]] = []
    reach = -1
    for token in tokens:
        if token.name in names:
            start = runs.pop()[0] if token.start == reach else token.start
            runs.append((start, token.end))
            reach = token.end
        elif token.name in LITTLE and token.start == reach:
            reach = token.end
        else:
            reach = -1
    return " ".join(text[start:end] for start, end in runs)


def shape(tokens: Sequence[Token], text: str) -> str:
    """The concepts in the order in which they are said, with a comma where one stands."""
    names: list[str] = []
    at = 0
    for token in tokens:
        if "," in text[at : token.start] and names:
            names.append(",")
        if token.name not in LITTLE:
            names.append(token.name)
        at = token.end
    return " ".join(names)


def reach(tokens: Sequence[Token], over: int, cue: int) -> int:
    """How many tokens there are up to the first cue, if only those of `over` stand before it."""
    for n, token in enumerate(tokens, 1):
        if token.mask & cue:
            return n
        if not token.mask & over:
            return 0
    return 0


def run(tokens: Sequence[Token], over: int) -> int:
    """How many tokens of `over` stand at the beginning."""
    for n, token in enumerate(tokens):
        if not token.mask & over:
            return n
    return len(tokens)


def cut(words: str, text: str, start: int, end: int) -> str:
    """A part of the plain text, as it was typed."""
    story = rest(words, text, start) if start else clean(words)
    tail = len(text[end:].replace(" ", ""))
    while tail > 0 and story:
        tail -= len(bare_literal(story[-1]))
        story = story[:-1]
    return story.strip(AROUND)
