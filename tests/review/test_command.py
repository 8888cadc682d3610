"""The command, with ledgers that somebody made on purpose and in an order nobody thought of."""

from pathlib import Path

import pytest

from tests.bot.test_cli import Yixiang
from tests.bot.test_cli import yixiang as yixiang  # noqa: PLC0414 - the fixture

HEAD = "管理单位,仪器名称,规格型号,原值（万元）,启用时间,所在县,联系人,联系电话\n"


def test_a_ledger_cannot_write_to_the_terminal(yixiang: Yixiang, tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    evil = "\x1b]0;owned\x07\x1b[2J"
    file.write_text(
        HEAD + f"甲厂,电镜{evil},S\u202e1,{evil},2019.6,平遥县,王,0354-1234567\n"
        f"甲厂,电镜,S1,50,{evil}9,平遥县{evil},王,{evil}\n",
        "utf-8",
    )
    done = yixiang("import", str(file))
    told = "".join(done.err + done.out)
    assert told
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "\u202e" not in told


@pytest.mark.parametrize("arguments", [("menu", "push"), ("doctor",)])
def test_before_there_is_any_table(
    yixiang: Yixiang, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIXIANG_WECHAT_API_URL", "http://127.0.0.1:9")
    done = yixiang(*arguments)
    assert "no such table" not in "".join(done.err + done.out)
