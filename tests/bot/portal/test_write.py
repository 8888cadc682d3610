"""The portal's folder: whole, safe, and brought up to date in place; on both databases."""

import json
from datetime import datetime
from pathlib import Path

from bot.portal.write import publish
from store.database import Database
from store.instrument import Status
from store.policies import load
from tests.store.search.catalogue import Shelf

NAMES = load("jinzhong").names


async def test_written_and_brought_up_to_date(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    shelf, folder = Shelf(database, now), tmp_path / "portal"
    await shelf.add("扫描电镜", model="EVO 18", category="分析仪器", phone="0354-1234567")
    other = await shelf.add("三坐标<script>alert(1)</script>")
    counted = await publish(database, NAMES, folder, now, dry=True)
    assert not folder.exists()
    assert await publish(database, NAMES, folder, now) == counted
    assert (counted.instruments, counted.changed, counted.removed) == (2, 5, 0)
    index = (folder / "index.html").read_text("utf-8")
    assert '<a href="YQ1.html">扫描电镜 EVO 18</a>' in index
    assert "<script>" not in index
    assert "0354-1234567" in (folder / "YQ1.html").read_text("utf-8")
    rows = json.loads((folder / "instruments.json").read_text("utf-8"))
    assert [row["number"] for row in rows] == ["YQ1", f"YQ{other}"]
    again = await publish(database, NAMES, folder, now)
    assert (again.changed, again.removed) == (0, 0)
    await shelf.change(other, status=Status.WITHDRAWN)
    last = await publish(database, NAMES, folder, now)
    assert (last.instruments, last.changed, last.removed) == (1, 2, 1)
    assert not (folder / f"YQ{other}.html").exists()
