"""Long tests, run by `make soak`: a command killed again and again loses nothing."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.settings import PREFIX
from store.database import Database

pytestmark = pytest.mark.soak
ROWS = 20_000
HEAD = "管理单位,仪器名称,规格型号,原值（万元）,启用时间,所在县,联系人,联系电话\n"
YIXIANG = [sys.executable, "-c", "from bot.cli import main; main()"]


def ledger(path: Path) -> None:
    rest = "2019.6,平遥县,王老师,0354-1234567"
    lines = (
        f"晋中第{n % 300}研究所,扫描电子显微镜,SU{n},{n % 900 + 30},{rest}\n" for n in range(ROWS)
    )
    path.write_text(HEAD + "".join(lines), "utf-8")


def test_an_import_killed_half_way_is_simply_run_again(database_url: str, tmp_path: Path) -> None:
    ledger(tmp_path / "ledger.csv")
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    env["YIXIANG_DATABASE_URL"] = database_url

    def start() -> subprocess.Popen[str]:
        command = [*YIXIANG, "import", "ledger.csv"]
        return subprocess.Popen(
            command,
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    for _ in range(8):
        with start() as running:
            time.sleep(random.uniform(2, 6))
            running.send_signal(signal.SIGKILL)
    with start() as last:
        last.communicate()
    assert last.returncode == 0
    with start() as again:
        told, _ = again.communicate()
    assert told.splitlines()[-1] == f"0 imported, 0 updated, {ROWS} unchanged, 0 refused"
    asyncio.run(check(database_url))


async def check(url: str) -> None:
    """Every row once, each with its history and its place in the feed."""
    database = Database(url)
    async with database.read() as session:
        for table in ("instrument", "instrument_change", "catalogue_change"):
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == ROWS  # noqa: S608
        assert await session.scalar(text("SELECT count(*) FROM organisation")) == 300
    await database.close()
