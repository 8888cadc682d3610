"""A second opinion: jionlp on the same phrases. `pytest -s` prints where it thinks otherwise.

Not installed by `make setup` (260 MB); `pip install --group oracles` has it.
"""

import contextlib
import io
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.kit.moments import Period, Scope, read_period, show_period
from store.errors import Refused
from tests.bot.kit.example import NOW
from tests.bot.kit.test_moments_phrases import ALL

AGREED = """
明天下午3点到5点|下周二上午9点到11点半|11月25号晚上10点到26号凌晨2点|今日下午两点|后天上午10点到12点
大后天14:30|今晚8点|今晚七点到九点|11月25日上午9点到11点|2026-11-25 09:00:00|2026年11月25日
2026/11/25 09:30|下个礼拜一|下周四上午9点到12点|下个星期四下午3点|明天9点到11点|明天9:00-11:00
明天9:00~11:00|明天9点半|明天上午9点到下午3点|11月25日14:00-16:00|下下周一9:00|12月25日上午10点
2027年1月5日9点|明年1月5号9点|下个月3号上午10点|25号9点15分|后天下午2点半到4点半
"""


@pytest.fixture(scope="module")
def opinion() -> Callable[[str], tuple[datetime, datetime] | None]:
    """What jionlp makes of a phrase: its start and its end."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        jionlp: Any = pytest.importorskip("jionlp")

    def ask(words: str) -> tuple[datetime, datetime] | None:
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start, end = jionlp.parse_time(words, time_base=NOW.replace(tzinfo=None))["time"]
            return (
                datetime.fromisoformat(start).replace(tzinfo=NOW.tzinfo),
                datetime.fromisoformat(end).replace(tzinfo=NOW.tzinfo),
            )
        return None

    return ask


def alike(ours: Period, theirs: tuple[datetime, datetime]) -> bool:
    """The same beginning and, where both say one, the same end; of a day, the same day."""
    if ours.scope is not Scope.EXACT:
        return ours.start.date() in (theirs[0].date(), NOW.date())
    if ours.start != theirs[0]:
        return False
    return ours.end is None or ours.end == theirs[1].replace(second=0)


@pytest.mark.parametrize("words", AGREED.replace("\n", "|").strip("|").split("|"))
def test_what_both_agree_on(
    words: str, opinion: Callable[[str], tuple[datetime, datetime] | None]
) -> None:
    theirs = opinion(words)
    assert theirs is not None
    assert alike(read_period(words, NOW), theirs)


def test_where_opinions_differ(
    opinion: Callable[[str], tuple[datetime, datetime] | None],
) -> None:
    """Print what is worth looking at; jionlp is no judge, so only gross disagreement fails."""
    read = [words for now, words, shown in ALL if now == NOW and not shown.startswith("!")]
    differ = []
    for words in read:
        theirs = opinion(words)
        with contextlib.suppress(Refused):
            ours = read_period(words, NOW)
            if theirs is not None and not alike(ours, theirs):
                differ.append(
                    f"{words}: {show_period(ours, NOW)}, jionlp {theirs[0]} – {theirs[1]}"
                )
    print(*differ, sep="\n")  # noqa: T201 - for who looks
    print(f"{len(differ)} of {len(read)} differ")  # noqa: T201
    assert len(differ) < len(read) / 2
