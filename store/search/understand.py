"""From words to questions: what must all be there, and in which ways each may be said."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from store.search import needs
from store.search.filters import prices
from store.search.lexicon import ASKED, MAKER, MANNERED, WIDE, Known, Lexicon, Match, Way, clauses
from store.search.tokens import LONGEST_QUESTION, atoms, is_han, latin, normalise, pairs

MOST_TERMS = 24
SHORT = 2
"""Characters of a word of which no text that has it is left out."""
NAMED = 3
"""How many names an answer repeats of what a wide word takes in."""
LINK = 1
"""Characters between two words that may be one: `D8-Advance`."""
BETWEEN, ALSO = " · ", "、"

Parts = list[re.Match[str]]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for, or one condition."""

    said: str
    ways: tuple[Way, ...]
    """It is met in any of these."""
    filter: str = ""
    """The kind of condition; empty for a thing. A condition may be met anywhere."""
    known: bool = False
    label: str = ""
    """How an answer repeats it."""
    names: tuple[Way, ...] = ()
    """The ways in which it is precisely this, and not something that only has it in its name."""


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody wants to find out."""

    said: str
    methods: tuple[str, ...]
    """Full names of what meets it, the best first."""
    told: tuple[Way, ...]
    """The words that a text which speaks of it has."""
    limits: str
    """What decides between the methods."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, all at once."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Term, ...] = ()
    meant: str = ""
    """How it was understood, where that differs from how it was typed."""
    also: tuple[Way, ...] = ()
    """What else is met, behind all that meets the need: texts that have a very short word."""
    need: Need | None = None
    """Which need, and by what it is met."""

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return not (self.terms or self.filters or self.need)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart: clauses, and the known words in each."""

    clauses: tuple[Parts, ...]
    matches: tuple[tuple[Match, ...], ...]
    prices: tuple[Known, ...]
    need: Need | None
    typed: str
    """The words without anything between them."""
    corrected: bool = False

    @property
    def known(self) -> Iterator[Known]:
        """All known words."""
        return (match.known for matches in self.matches for match in matches)


def ask(words: str, lexicon: Lexicon) -> Asked:
    """Take a question apart."""
    plain, priced = prices(normalise(words)[:LONGEST_QUESTION])
    parts = tuple([list(atoms(clause)) for clause in clauses(plain)])
    matches = tuple([tuple(lexicon.scan(_words(each), MANNERED)) for each in parts])
    typed = "".join([part.group() for each in parts for part in each])
    return Asked(parts, matches, tuple(priced), _need(parts, matches), typed)


def _need(clauses_of: Sequence[Parts], matches: Sequence[Sequence[Match]]) -> Need | None:
    """What somebody wants to find out; nothing where they name the instrument."""
    known = [match.known for found in matches for match in found if match.known.means]
    if any(each.concepts for each in known):
        return None
    meant = needs.match(",".join(map(_without_conditions, clauses_of, matches)))
    keys = [each.key for each in known if not each.filter]
    found = [one for one in meant if not all(_within(word, keys) for word in one.words)]
    if not found:
        return None
    words = dict.fromkeys(word for one in found for word in one.words)
    told = tuple(pairs(word) for word in words if is_han(word) and len(word) > 1)
    return Need(found[0].said, needs.methods(found), told, found[0].need.limits)


def _within(word: str, keys: Iterable[str]) -> bool:
    """Whether a word is but part of a known one."""
    return any(word in key and word != key for key in keys)


def _without_conditions(parts: Parts, matches: Sequence[Match]) -> str:
    """A clause without its conditions, for no part of a place's name asks for anything."""
    if not parts:
        return ""
    text = parts[0].string
    for match in reversed(matches):
        if match.known.filter:
            start, end = parts[match.start].start(), parts[match.end - 1].end()
            text = f"{text[:start]},{text[end:]}"
    return text


def readings(asked: Asked, lexicon: Lexicon) -> Iterator[Question]:
    """The readings of a question, to be tried in this order; none when nothing is asked."""
    named = bool(asked.prices or asked.need) or any(known.means for known in asked.known)
    seen: set[Question] = set()
    for reading in _read_in_turn(asked, lexicon, named=named):
        if not reading.empty and reading not in seen:
            seen.add(reading)
            yield reading


def _read_in_turn(asked: Asked, lexicon: Lexicon, *, named: bool) -> Iterator[Question]:
    """The need; as typed, if nothing is known; without manners; without those inside words too."""
    if asked.need:
        yield from _read_need(asked, asked.need)
    literal = tuple(tuple(lexicon.scan(_words(parts), ASKED)) for parts in asked.clauses)
    if not named:
        yield _read(asked, literal)
    settled = tuple(map(_settled, asked.clauses, asked.matches))
    yield _read(asked, settled)
    if settled != asked.matches:
        yield _read(asked, asked.matches)
        if named:
            yield _read(asked, literal)


def _read_need(asked: Asked, need: Need) -> Iterator[Question]:
    """By kinds of instruments: first only those that other known words allow; then by mention."""
    around = _read(asked, [[m for m in found if m.known.means] for found in asked.matches])
    filters, known = around.filters, tuple(term for term in around.terms if term.known)
    if known:
        yield replace(question(asked, known, filters, need.said), need=need)
    whole = replace(question(asked, (), filters, need.said), need=need)
    yield whole if len(asked.typed) > SHORT else replace(whole, also=(pairs(asked.typed),))
    mentioned = Term(need.said, tuple((f"#{name}",) for name in need.methods), known=True)
    yield replace(whole, terms=(mentioned,), need=replace(need, methods=()))


def _words(parts: Parts) -> list[str]:
    return [part.group() for part in parts]


def _settled(parts: Parts, matches: Sequence[Match]) -> tuple[Match, ...]:
    """Known words but for those that are rather parts of another word beside them."""
    ends = {match.end for match in matches} | {0}
    starts = {match.start for match in matches} | {len(parts)}
    return tuple(match for match in matches if not _swallowed(parts, match, starts, ends))


def _swallowed(parts: Parts, match: Match, starts: set[int], ends: set[int]) -> bool:
    """Whether a small word stands in the middle of characters that nobody knows."""
    before = match.start not in ends and _touches(parts, match.start)
    after = match.end not in starts and _touches(parts, match.end)
    if match.known.polite:
        return len(match.known.key) == 1 and before and after
    small = len(match.known.key) == 2 and not match.known.concepts
    return bool(match.known.makers) and small and before


def _touches(parts: Parts, at: int) -> bool:
    """Whether two Chinese characters stand side by side here."""
    one, two = parts[at - 1], parts[at]
    return one.end() == two.start() and is_han(one.group()) and is_han(two.group())


def _read(asked: Asked, matches: Sequence[Sequence[Match]]) -> Question:
    terms: dict[str, Term] = {}
    weak: dict[str, Term] = {}
    filters: dict[str, Term] = {}
    for known in asked.prices:
        _hold(filters, known)
    for parts, found in zip(asked.clauses, matches, strict=True):
        for piece in _pieces(parts, found):
            if not isinstance(piece, Match):
                terms.update((term.said, term) for term in _literal(piece))
            elif piece.known.filter and not piece.known.concepts:
                _hold(filters, piece.known)
            elif piece.known.means or piece.known.weak:
                term = _known(parts[piece.start : piece.end], piece.known, asked.corrected)
                (terms if piece.known.means else weak)[term.said] = term
    things = tuple((terms or ({} if filters else weak)).values())[:MOST_TERMS]
    return question(asked, things, _also_in_words(asked, things, tuple(filters.values())))


def _also_in_words(
    asked: Asked, things: Sequence[Term], filters: tuple[Term, ...]
) -> tuple[Term, ...]:
    """A condition alone: what only has its word in a text comes behind."""
    if things or len(filters) != 1 or filters[0].said != asked.typed:
        return filters
    (one,) = filters
    typed = pairs(one.said) if is_han(one.said) else (latin(one.said),)
    return (replace(one, ways=(*one.ways, typed), names=one.ways),)


def question(
    asked: Asked, things: tuple[Term, ...], filters: tuple[Term, ...], also: str = ""
) -> Question:
    """What must be there, and how that is said in the answer."""
    meant = BETWEEN.join(filter(None, [also, *labels((*things, *filters))]))
    same = "".join(part.group() for part in atoms(meant.lower())) == asked.typed
    return Question(things, filters, "" if same else meant)


def labelled(asked: Question, said: str, label: str) -> Question:
    """The same question with a term that is repeated otherwise."""
    words = [label if word == said else word for word in labels((*asked.terms, *asked.filters))]
    return replace(asked, meant=BETWEEN.join(words))


def labels(terms: Iterable[Term]) -> list[str]:
    """How an answer repeats terms."""
    return [term.label or term.said for term in terms]


def _hold(filters: dict[str, Term], known: Known) -> None:
    """Add a condition; those of one kind are alternatives."""
    if known.filter is None:
        return
    kind, label, ways = known.filter.kind, known.filter.label, known.filter.ways
    held = filters.get(kind)
    if held is None:
        filters[kind] = Term(known.key, ways, kind, known=True, label=label)
    elif label not in held.label.split(ALSO):
        both = f"{held.label}{ALSO}{label}"
        filters[kind] = replace(held, ways=(*held.ways, *ways), label=both)


def _pieces(parts: Parts, matches: Sequence[Match]) -> list[Match | Parts]:
    """The matches and what stands between them."""
    found: list[Match | Parts] = []
    at = 0
    for match in matches:
        found += _runs(parts[at : match.start])
        found.append(match)
        at = match.end
    return found + _runs(parts[at:])


def _runs(parts: Parts) -> list[Parts]:
    """Cut where Chinese and letters meet, and at blanks."""
    runs: list[Parts] = [parts[:1]] if parts else []
    for one, two in pairwise(parts):
        gap = two.start() - one.end()
        joined = gap == 0 or (gap == LINK and two.string[one.end()] != " ")
        if joined and is_han(one.group()) == is_han(two.group()):
            runs[-1].append(two)
        else:
            runs.append([two])
    return runs


def _literal(parts: Parts) -> list[Term]:
    """A run as it was typed; linked words also one by one."""
    run = "".join(_words(parts))
    if is_han(run):
        return [Term(run, (pairs(run),))]
    apart: list[str] = []
    end = -1
    for part in parts:
        if part.start() == end:
            apart[-1] += part.group()
        else:
            apart.append(part.group())
        end = part.end()
    ways = dict.fromkeys([(latin(run),), tuple(map(latin, apart))])
    return [Term(run, tuple(ways))]


def _known(parts: Parts, known: Known, corrected: bool) -> Term:  # noqa: FBT001 - passed on
    """A known word: as it was typed, as what it means, and as what it takes in."""
    if known.ways:
        return Term(known.key, known.ways, known=True, label=known.said)
    names = tuple((f"#{name}",) for name in known.concepts)
    ways: list[Way] = [_typed(parts, known.key), *names]
    ways += [(f"{MAKER}{maker}",) for maker in known.makers]
    if known.wider:
        ways.append((f"{WIDE}{known.key}",))
    shown = known.said if corrected and is_han(known.key) else _names(known)
    return Term(known.key, tuple(ways), known=known.means, label=shown, names=names)


def _typed(parts: Parts, key: str) -> Way:
    """The tokens of a word as it was typed, which may be of both kinds."""
    if is_han(key) and parts[-1].end() - parts[0].start() == len(key):
        return pairs(key)
    runs = ("".join(_words(run)) for run in _runs(parts))
    return tuple(token for run in runs for token in (pairs(run) if is_han(run) else (latin(run),)))


def _names(known: Known) -> str:
    """What a word stands for; the word itself where it is a Chinese one that takes in more."""
    if known.makers:
        return known.said
    if not known.concepts and (is_han(known.key) or not known.wider):
        return known.key
    names = known.concepts or known.wider
    more = "…" if len(names) > NAMED else ""
    return ALSO.join(names[:NAMED]) + more
