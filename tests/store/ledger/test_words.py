"""Headers in other words: read where they can be told, named where they can't."""

from pathlib import Path
from typing import Any

from store.ledger import read
from tests.store.ledger.specimens import csv

HEAD: list[list[Any]] = [
    ["编号", "仪器名称", "型号", "依托单位", "账面情况", "", "对外服务", "", "价目", ""],
    ["", "", "", "", "原值/万元", "建账日", "能测什么", "何时开放", "金额", "每"],
]
ROWS: list[list[Any]] = [
    [1, "热分析仪", "STA 449", "潍坊材料院", 85.6, "2019.05", "失重", "周一至周五", 200, "样"],
    [2, "三坐标测量机", "GLOBAL", "潍坊动力厂", 123.5, "2020.01", "形位", "工作日", 300, "小时"],
]


def test_other_words_are_read(tmp_path: Path) -> None:
    ledger = read(csv(tmp_path / "a.csv", [*HEAD, *ROWS]))
    assert ledger.lines() == []
    facts = ledger.rows[1].facts
    assert (facts.worth_fen, str(facts.started_on), facts.fee) == (
        123_500_000,
        "2020-01-01",
        "300元/小时",
    )
    assert (facts.functions, facts.open_hours) == ("形位", "工作日")


def test_a_column_that_nothing_tells_is_named(tmp_path: Path) -> None:
    plain = [["仪器名称", "型号", "依托单位", "玄机"], ["热分析仪", "STA", "潍坊材料院", "甲"]]
    ledger = read(csv(tmp_path / "a.csv", plain))
    assert len(ledger.rows) == 1
    assert [line.partition(": ")[2] for line in ledger.lines()] == [
        'warning: no known column is called "玄机"; left out'
    ]
