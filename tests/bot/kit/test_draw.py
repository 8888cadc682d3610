from pathlib import Path

from bot.kit import draw
from bot.topics import FLOWS
from tests.bot.kit.example import Note, Request

DOCS = Path(__file__).parents[3] / "docs"


def test_a_flow_as_a_diagram() -> None:
    lines = [line.strip() for line in draw.mermaid(Request).splitlines()]
    assert lines[0] == "flowchart TD"
    for line in (
        'ask_instrument["instrument: pick instruments<br/>check free"]',
        "ask_instrument --> ask_mode",
        'if_samples{"sends"}',
        "if_samples -- yes --> ask_samples",
        "if_samples -- no --> ask_start",
        'if_until{"so_far.voucher"}',
        "if_until -- no --> if_contact",
        "if_contact -- no --> confirm",
        "confirm --> finish",
    ):
        assert line in lines
    assert not [line for line in draw.mermaid(Note).splitlines() if "confirm" in line]


def test_the_page_of_flows_is_fresh() -> None:
    assert (DOCS / "flows.md").read_text(encoding="utf-8") == draw.page(FLOWS), (
        "make docs/flows.md anew"
    )
