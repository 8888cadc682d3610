"""Rows of a table that are no instruments, and what titles, sections and sheets' names say."""

import re
from collections.abc import Sequence
from itertools import pairwise

from store.ledger import columns
from store.ledger.header import Header
from store.wording import fold

TOTAL = re.compile(
    r"^.{0,30}?(小计|合计|总计|共计)([:\d(共].{0,30})?$|^(累计|总和|汇总|总数|本页计)[:]?[\d.]*$"
)
NOTE = re.compile(
    r"^([*※★]|注\d?[:、.]|备注[:]|说明[:、]|附[:注]|以上|本表|此表|上述|\d+[.、].{8,}|[(]\d+[)].{4,}|第.{1,4}页)"
)
SIGNED = re.compile(
    r"^(填表|填报|制表|审核|复核|审批|经办|统计|报送|单位负责|单位\(?(公|盖)章|盖章|负责人|联系人|联系电话|日期)"
    r".{0,6}[:]|^第.{1,4}页|^共.{1,4}页"
)
SAMPLE = re.compile(r"^(例|示例|样例|例如|填写示例|填报示例|填写样例|举例)[:：]?$")
COUNTING = re.compile(r"^[（(]?(\d{1,2}|[甲乙丙丁]|[a-zA-Z])[)）]?$")
UNIT_LABEL = re.compile(
    r"(?:填报|申报|管理|所属|依托|报送|所在|填表)?(?:单位|机构)(?:名称|全称)?(?:[（(][^（()）]*[）)])?[:：]\s*"
    r"([^\s:：，,;；]{4,40})"
)
MONEY = re.compile(r"^(人民币)?(亿|万|千)?元$")
TAIL = re.compile(r"\s*[（(](盖章|公章|签章|章|共?\s*\d+\s*(台|套|件|台套|台（套）)?)[）)]?\s*$")
ORDER = re.compile(
    r"^\s*([一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,3}[、.．)）])\s*"
)


def organisation(text: str) -> str:
    """An organisation's name without its number in the list, its seal and its count."""
    return TAIL.sub("", ORDER.sub("", text)).strip()


def is_total(told: Sequence[str], *, machine: bool) -> bool:
    """A row of totals: it says so in its first words, and names no model or maker."""
    return not machine and any(TOTAL.match(fold(text)) for text in told[:4])


def is_note(told: Sequence[str]) -> bool:
    """A footnote, or a line to sign."""
    first = fold(told[0])
    return bool(NOTE.match(first) and len(told) <= 3) or bool(SIGNED.match(first))


def is_sample(told: Sequence[str]) -> bool:
    """A row that shows how to fill the table in."""
    return any(SAMPLE.match(text) for text in told[:2])


def is_number(text: str) -> bool:
    """Words of a row that numbers the columns."""
    return bool(COUNTING.match(text))


def is_counting(told: Sequence[str]) -> bool:
    """A row that numbers the columns: 甲 乙 1 2 3."""
    if len(told) < 3 or not all(map(is_number, told)):
        return False
    numbers = [int(found) for text in told for found in re.findall(r"\d+", text)]
    steps = [after - before for before, after in pairwise(numbers)]
    return bool(steps) and all(step == 1 for step in steps)


def titled_unit(header: Header) -> str | None:
    """The organisation that a title line names, where no column does."""
    for text in header.above:
        for found in UNIT_LABEL.finditer(text):
            if not MONEY.match(found[1]):
                return organisation(found[1])
    return None


def like_unit(text: str) -> bool:
    """Whether words end as organisations' names do."""
    return 4 <= len(text) <= 50 and bool(columns.guess("unit").search(organisation(text)))
