from datetime import date
from decimal import Decimal

import pytest

from store.booking.table import Group, Mode
from store.tariff.estimate import Estimate, Used, reckon
from store.tariff.sheet import from_ledger, of_group

DAY = date(2026, 11, 20)


def told(
    fee: str,
    group: Group = Group.OUTSIDE,
    *,
    minutes: int | None = None,
    samples: int | None = None,
    **counts: int,
) -> Estimate:
    mode = Mode.SELF if samples is None else Mode.SAMPLE
    key, mine = of_group(from_ledger(fee), group)
    used = Used(mode, minutes, samples, {per: Decimal(n) for per, n in counts.items()})
    return reckon(mine, used, key, DAY)


@pytest.mark.parametrize(
    ("fee", "minutes", "fen", "words"),
    [
        ("200元/小时", 120, 40_000, "约 400 元（200 元/小时 × 2）"),
        ("200元/小时", 60, 20_000, "约 200 元（200 元/小时）"),
        ("100元/小时", 20, 3_333, "约 33.33 元（100 元/小时 × 0.33）"),
        ("0.15元/核时", 60, None, "0.15 元/核时，按实际用量计"),
        ("3000元/天", 120, 300_000, "约 3,000 元（3,000 元/天）"),
        ("3000元/天", 24 * 60 + 1, 600_000, "约 6,000 元（3,000 元/天 × 2）"),
        ("200元/小时；1000元/天", 480, 100_000, "约 1,000 元（1,000 元/天）"),
        ("200元/小时，开机费300元", 120, 70_000, "约 700 元（200 元/小时 × 2 + 开机费 300 元）"),
        ("100-200元/小时", 60, None, "100–200 元/小时，按实际用量计"),
        ("免费", 60, 0, "免费"),
        ("800元/炉", 600, 80_000, "约 800 元（800 元/炉）"),
        ("80元/样", 60, None, "80 元/样，按实际用量计"),
    ],
)
def test_time_on_the_instrument(fee: str, minutes: int, fen: int | None, words: str) -> None:
    found = told(fee, minutes=minutes)
    assert (found.fen, found.words, found.quote) == (fen, words, False)


@pytest.mark.parametrize(
    ("fee", "samples", "fen", "words"),
    [
        ("80元/样", 5, 40_000, "约 400 元（80 元/样 × 5）"),
        ("80元/样；制样费20元/样", 1, 8_000, "约 80 元（80 元/样）、另选制样费 20 元/样"),
        ("40元/元素", 5, None, "40 元/元素，按实际用量计"),
        ("常规60元/样；高分辨100元/样", 2, None, "常规 60 元/样、高分辨 100 元/样，按实际用量计"),
        ("500元/批", 9, 50_000, "约 500 元（500 元/批）"),
    ],
)
def test_samples_sent_in(fee: str, samples: int, fen: int | None, words: str) -> None:
    found = told(fee, samples=samples)
    assert (found.fen, found.words, found.quote) == (fen, words, False)


@pytest.mark.parametrize("fee", ["按项目议价", "面议", ""])
def test_who_must_be_asked_is_asked(fee: str) -> None:
    found = told(fee, minutes=60)
    assert found.fen is None
    assert found.quote


@pytest.mark.parametrize(
    ("group", "fen"),
    [
        (Group.OWN, 8_000),
        (Group.ALLIANCE, 16_000),
        (Group.ACADEMIC, 16_000),
        (Group.ENTERPRISE, 24_000),
        (Group.OUTSIDE, 16_000),
    ],
)
def test_whose_price(group: Group, fen: int) -> None:
    assert told("校内80元/样；校外160元/样；企业240元/样", group, samples=1).fen == fen


def test_what_is_charged_per_element_needs_their_number() -> None:
    assert told("40元/元素", samples=2, element=6).fen == 24_000
