"""Codes to stick on instruments."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from re import findall

import pytest
from fpdf import FPDF

from bot import labels
from bot.labelling import NothingToLabel, print_labels
from bot.labels import Label, addresses, sheet
from bot.settings import Settings
from bot.wechat.client import Client
from store import scene_code
from store.database import Database
from store.scene_code import Labelled
from tests.store.search.catalogue import Shelf

NAME = "仪享晋中"
LONG = Labelled(7, "高分辨飞行时间二次离子质谱及扫描电子显微镜联用分析系统" * 3, "重点实验室" * 12)


def shown(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(findall(rb"/Type /Page\b(?!s)", pdf))


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (10, 1), (11, 2)])
def test_ten_on_a_page(count: int, pages: int) -> None:
    wanted = [Labelled(n, "扫描电镜", "晋中理工学院") for n in range(1, count + 1)]
    pdf = sheet(labels.labels(wanted, {}, NAME), NAME)
    assert pdf.startswith(b"%PDF-")
    assert shown(pdf) == pages


def test_it_carries_its_letters() -> None:
    pdf = sheet(labels.labels([LONG], {}, NAME), NAME)
    assert b"/FontFile" in pdf
    assert len(pdf) < 200_000


def test_nothing_leaves_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[tuple[float, float, str]] = []

    def text(_pdf: object, x: float, y: float, words: str = "") -> None:
        placed.append((x, y, words))

    monkeypatch.setattr(FPDF, "text", text)
    sheet(labels.labels([LONG], {}, NAME), NAME)
    assert any(words.endswith("…") for _, _, words in placed)
    assert all(x < labels.WIDTH and 0 < y < labels.HEIGHT for x, y, _ in placed)


def test_without_the_platforms_code_it_says_the_number() -> None:
    made: Sequence[Label] = labels.labels([LONG], {}, NAME)
    assert made[0].code == "YQ7"
    assert any("YQ7" in step and NAME in step for step in made[0].steps)
    made = labels.labels([LONG], {"YQ7": "http://weixin.qq.com/q/x"}, NAME)
    assert made[0].code == "http://weixin.qq.com/q/x"


async def test_the_platform_is_asked_once_for_each(
    database: Database, client: Client, now: datetime
) -> None:
    asked: list[str] = []

    async def make(scene: str) -> str:
        asked.append(scene)
        code = {"action_name": "QR_LIMIT_STR_SCENE"}
        told = await client.qrcode.create(code | {"action_info": {"scene": {"scene_str": scene}}})
        return str(told["url"])

    first = await addresses(database, "wx1", [LONG], make, now)
    again = await addresses(database, "wx1", [LONG, Labelled(8, "离心机", "晋中")], make, now)
    assert asked == ["YQ7", "YQ8"]
    assert again["YQ7"] == first["YQ7"]
    assert first["YQ7"].startswith("http://weixin.qq.com/q/")
    async with database.read() as session:
        assert await scene_code.known(session, "wx2") == {}


async def test_an_organisations_own(database: Database, now: datetime, tmp_path: Path) -> None:
    shelf = Shelf(database, now)
    await shelf.add("扫描电镜", unit="晋中理工学院")
    await shelf.add("离心机", unit="平遥酒厂")
    settings = Settings(
        database_url=database.url.render_as_string(hide_password=False), region="jinzhong"
    )
    file = tmp_path / "labels.pdf"
    assert await print_labels(settings, None, file) == (2, False)
    assert await print_labels(settings, "平遥酒厂", file) == (1, False)
    with pytest.raises(NothingToLabel):
        await print_labels(settings, "无此单位", file)
