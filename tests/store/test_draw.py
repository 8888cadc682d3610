"""The page of lifecycles is drawn from the tables of moves, and is as they are."""

from pathlib import Path

from store import draw
from store.booking import LIFECYCLE

PAGE = Path(__file__).parents[2] / "docs" / "lifecycles.md"


def test_every_move_is_drawn() -> None:
    section = draw.page().split("\n## booking\n")[1].split("\n## ")[0]
    arrows = [line for line in section.splitlines() if "-->" in line]
    assert len(arrows) == len(list(LIFECYCLE))
    assert "    requested --> approved: approve (keeper)" in arrows
    assert "```mermaid\nstateDiagram-v2\n" in section


def test_every_lifecycle_is_there_once() -> None:
    titles = [line for line in draw.page().splitlines() if line.startswith("## ")]
    assert len(titles) == len(set(titles))
    assert {"## booking", "## listing", "## affiliation"} <= set(titles)


def test_the_page_of_lifecycles_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == draw.page(), "make docs/lifecycles.md anew"
