"""The sample ledger gives exactly what its expectations say."""

import json
from pathlib import Path

from store.ledger import read

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "jinzhong-first-batch.xlsx"
EXPECTED = json.loads((DATA / "jinzhong-first-batch.expected.json").read_text("utf-8"))

TWIN = "organisation, name, model, original value and date are those of"


def test_every_good_row_with_these_values() -> None:
    ledger = read(SAMPLE)
    got = [
        {
            "row": row.number,
            "name": row.facts.name,
            "model": row.facts.model,
            "maker": row.facts.maker,
            "unit": row.unit,
            "county": row.place.name if row.place else None,
            "wan": (row.facts.worth_fen or 0) / 1_000_000,
            "fee": row.facts.fee,
            "started": f"{row.facts.started_on:%Y-%m}",
        }
        for row in ledger.rows
    ]
    assert got[:-1] == EXPECTED["good"]
    assert got[-1]["row"] == 189


def test_every_bad_row_with_its_reason() -> None:
    assert read(SAMPLE).lines() == [
        "row 185: name (名称) is missing",
        'row 186: original value (原值): "待核实" can\'t be read as an amount',
        'row 187: original value (原值): "-36.5" is negative',
        'row 188: start date (启用日期): "待定" can\'t be read as a date',
        f"row 189: warning: {TWIN} row 8; kept",
    ]
    assert [bad["row"] for bad in EXPECTED["bad"]] == [185, 186, 187, 188, 189]


def test_everything_else_that_the_sample_says() -> None:
    rows = {row.number: row for row in read(SAMPLE).rows}
    first, tenth = rows[5].facts, rows[14].facts
    assert (first.contact, first.phone) == ("周老师", "0354-5550137")
    assert tenth.phone == "13900000757"
    assert rows[7].facts.phone == "0354-5550121转8067"
    assert rows[12].facts.service_modes == ("self", "sample")
    assert (first.open_hours, first.funds) == ("周一至周五 9:00-17:00", "财政资金")
    assert all(row.facts.scheme for row in rows.values())
    assert (rows[7].facts.category, rows[7].facts.subcategory) == ("工艺试验仪器", "工艺试验设备")
    assert all(row.unit_kind for row in rows.values())
    negotiable = [row.number for row in rows.values() if not row.facts.prices]
    assert [rows[number].facts.fee for number in negotiable] == ["按项目议价"] * 2
    assert rows[45].facts.prices[0] == {"fen": 15, "per": "core_hour", "to_fen": None, "label": ""}


def test_the_sandbox_has_the_same_file() -> None:
    ours = Path(__file__).parents[3] / "bot" / "sandbox" / "data" / SAMPLE.name
    assert ours.read_bytes() == SAMPLE.read_bytes()
