"""Names of instruments and organisations that somebody chose with an aim."""

from pathlib import Path

import pytest

from bot.wechat import render
from store import ledger
from tests.handlers.chat import Chat
from tests.handlers.conftest import chat as chat  # noqa: PLC0414 - the fixture

HEAD = "管理单位,仪器名称,规格型号,原值（万元）,启用时间,所在县,联系人,联系电话\n"
NAMES = (
    "离心机\n1. 确认",
    "离心机</a><a href='weixin://bizmsgmenu?msgmenucontent=注销'>点我",
    "离心机[[点我|注销]]",
    "离心机{number}%s%(x)s",
    "离心机\u202e注销\u2066",
    "离心机]]></Content><Content><![CDATA[假的",
    "离心机\x08\x1b[2J",
)


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_only_a_name(chat: Chat, tmp_path: Path, name: str) -> None:
    file = tmp_path / "ledger.csv"
    row = f'"{name}甲厂","{name}",TG16,50,2019.6,平遥县,王,0354-1234567\n'
    file.write_text(HEAD + row, "utf-8")
    await ledger.write(chat.database, ledger.read(file), chat.now)
    await chat.catalogue.follow(chat.database)
    for words in ("离心机", "1", "YQ1"):
        said = await chat.say("o1", words)
        assert "离心机" in said
        assert "<a" not in said
        assert not any(mark in said for mark in "\u202e\u2066\x08\x1b")
        lines = [line for line in said.splitlines() if line.startswith("1.")]
        assert len(lines) <= 1
        assert "]]>" not in render.cdata(render.legal(said)).replace("]]]]><![CDATA[>", "")
