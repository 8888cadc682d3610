"""From words to questions: what must all be there, and in which ways each may be said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from store.search import needs
from store.search.filters import prices
from store.search.lexicon import ASKED, MANNERED, Known, Lexicon, Match, Way, clauses, known_ways
from store.search.question import ALSO, Asked, Need, Parts, Question, Term, question
from store.search.tokens import LONGEST_QUESTION, atoms, is_han, latin, pairs

MOST_TERMS = 24
SHORT = 2
"""Characters of a word of which no text that has it is left out."""
SHORT_NAME = 4
"""Characters of a name that may be part of other words; longer ones mean what they name alone."""
NAMED = 3
"""How many names an answer repeats of what a wide word takes in."""
LINK = 1
"""Characters between two words that may be one: `D8-Advance`."""


def ask(plain: str, lexicon: Lexicon) -> Asked:
    """Take a question apart; it is normalised already."""
    plain, priced = prices(plain[:LONGEST_QUESTION])
    parts = tuple([list(atoms(clause)) for clause in clauses(plain)])
    matches = tuple([tuple(lexicon.scan(_words(each), MANNERED)) for each in parts])
    typed = "".join([part.group() for each in parts for part in each])
    return Asked(parts, matches, tuple(priced), _need(parts, matches), typed)


def _need(clauses_of: Sequence[Parts], matches: Sequence[Sequence[Match]]) -> Need | None:
    """What somebody wants to find out; nothing where they name the instrument."""
    known = [match.known for found in matches for match in found if match.known.means]
    return None if any(each.concepts for each in known) else _sought(clauses_of, matches, known)


def instead(asked: Asked) -> Asked | None:
    """The question as a need: `COD` names an instrument, and what others can measure as well."""
    known = [one for one in asked.known if one.means]
    need = _sought(asked.clauses, asked.matches, known)
    return replace(asked, need=need) if need else None


def _sought(
    clauses_of: Sequence[Parts], matches: Sequence[Sequence[Match]], known: Sequence[Known]
) -> Need | None:
    """What the words ask to find out, but for what only stands inside a name."""
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
    seen: list[Question] = []
    for reading in _in_turn(asked, lexicon):
        if not reading.empty and reading not in seen:
            yield reading
            seen.append(reading)


def _in_turn(asked: Asked, lexicon: Lexicon) -> Iterator[Question]:
    """The need; as typed, if nothing is known; then with ever less of the manners."""
    named = bool(asked.prices or asked.need) or any(known.means for known in asked.known)
    if not named:
        yield _read(asked, _literally(asked, lexicon))
    if asked.need:
        yield from _read_need(asked, asked.need)
    small = any(known.small for known in asked.known)
    for sides in (1, 2, 3) if small else (3,):
        yield _read(asked, _settle(asked, sides) if small else asked.matches)
    if named:
        yield replace(_read(asked, _literally(asked, lexicon)), literal=True)


def _literally(asked: Asked, lexicon: Lexicon) -> list[tuple[Match, ...]]:
    return [tuple(lexicon.scan(_words(parts), ASKED)) for parts in asked.clauses]


def _read_need(asked: Asked, need: Need) -> Iterator[Question]:
    """By kinds of instruments: first only those that other known words allow; then by mention."""
    around = _read(asked, asked.matches)
    whole = replace(question(asked, (), around.filters, need.said), need=need)
    for terms in (
        [term for term in around.terms if term.known or _is_model(term.said)],
        [term for term in around.terms if term.known],
    ):
        if terms:
            yield replace(question(asked, tuple(terms), around.filters, need.said), need=need)
    yield replace(whole, also=(pairs(asked.typed),)) if len(asked.typed) <= SHORT else whole
    mentioned = Term(need.said, tuple((f"#{name}",) for name in need.methods), known=True)
    yield replace(whole, terms=(mentioned,), need=replace(need, methods=()))


def _is_model(word: str) -> bool:
    """Whether a word looks like a model: letters or digits, and digits among them."""
    return word.isascii() and any(map(str.isdigit, word)) and len(word) > SHORT


def _words(parts: Parts) -> list[str]:
    return [part.group() for part in parts]


def _settle(asked: Asked, sides: int) -> Sequence[Sequence[Match]]:
    """Known words but for small ones that touch unknown characters on so many sides."""
    both = zip(asked.clauses, asked.matches, strict=True)
    return [
        _settled(parts, found, sides) if any(match.known.small for match in found) else found
        for parts, found in both
    ]


def _settled(parts: Parts, matches: Sequence[Match], sides: int) -> tuple[Match, ...]:
    ends = {0, *[match.end for match in matches]}
    starts = {len(parts), *[match.start for match in matches]}

    def holds(match: Match) -> bool:
        touched = _touched(parts, match.start, ends) + _touched(parts, match.end, starts)
        return touched < (sides if match.known.polite else 1)

    return tuple([match for match in matches if not match.known.small or holds(match)])


def _touched(parts: Parts, at: int, edges: set[int]) -> bool:
    """Whether an unknown Chinese character stands right beside another one here."""
    if at in edges:
        return False
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
    ways, precise = known_ways(known), len(known.concepts)
    if not precise or len(known.key) <= SHORT_NAME:
        ways = (*ways, _typed(parts, known.key))
    shown = known.said if corrected and is_han(known.key) else _names(known)
    return Term(
        known.key,
        ways,
        known=known.means,
        label=shown,
        names=ways[:precise],
        others=ways[precise:] if precise else (),
    )


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
    return ALSO.join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
