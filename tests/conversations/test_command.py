"""The command `yixiang` as an operator meets it: from an empty folder to followers with answers."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.demo import SAMPLE
from bot.sandbox.platform import Platform
from tests.conversations.process import Office, heard, platform
from tests.conversations.running import copied

HER, HIM = "oAcceptance_her_000000000001", "oAcceptance_him_000000000002"
REFUSED = [
    "row 185: name (名称) is missing",
    'row 186: original value (原值): "待核实" can\'t be read as an amount',
    'row 187: original value (原值): "-36.5" is negative',
    'row 188: start date (启用日期): "待定" can\'t be read as a date',
    "row 189: warning: organisation, name, model, original value and date are those of row 8; kept",
]
MORE = """管理单位,仪器名称,规格型号,原值（万元）,启用时间,所在县,联系人,联系电话
晋中煤化工研究院,氦质谱检漏仪,SFJ-231,42,2020.3,平遥县,王老师,0354-1234567
"""


@pytest.fixture
async def wechat() -> AsyncIterator[tuple[Platform, str]]:
    """The platform, and where its API listens."""
    async with platform() as (played, api):
        yield played, api


@pytest.fixture
def office(tmp_path: Path, wechat: tuple[Platform, str]) -> Office:
    """An empty folder."""
    return Office(tmp_path, "sqlite+aiosqlite:///./var/yixiang.db", wechat[1])


@pytest.fixture
def filled_office(filled: Path, office: Office) -> Office:
    """A folder with the sample ledger in its database."""
    copied(filled, office.folder / "var")
    return office


def text(openid: str, words: str) -> dict[str, str]:
    """A text message."""
    return {"FromUserName": openid, "MsgType": "text", "Content": words}


async def test_from_an_empty_folder_to_an_answer(
    office: Office, wechat: tuple[Platform, str]
) -> None:
    rehearsed = await office.run("import", str(SAMPLE), "--dry-run")
    assert not (office.folder / "var").exists()
    assert (rehearsed.code, rehearsed.err) == (3, REFUSED)
    assert rehearsed.out == ["181 imported, 0 updated, 0 unchanged, 4 refused"]
    upgraded = await office.run("db", "upgrade")
    assert upgraded.code == 0
    imported = await office.run("import", str(SAMPLE))
    assert (imported.code, imported.err, imported.out) == (3, REFUSED, rehearsed.out)
    again = await office.run("import", str(SAMPLE))
    assert (again.code, again.err) == (3, REFUSED)
    assert again.out == ["0 imported, 0 updated, 181 unchanged, 4 refused"]
    invited = await office.run("invite", "keeper", "--organisation", "晋中煤化工研究院")
    assert (invited.code, invited.err) == (0, [])
    played = wechat[0]
    async with office.serving() as served:
        assert await heard(played, served.port, text(HER, f"绑定 {invited.out[-1]}")) is not None
        profile = await heard(played, served.port, text(HER, "我的资料"))
        assert "机主 · 晋中煤化工研究院" in str(profile)
        listed = await heard(played, served.port, text(HIM, "三坐标"))
        assert "GLOBAL Advantage（YQ53）" in str(listed)


async def test_everything_while_it_serves(
    filled_office: Office, wechat: tuple[Platform, str]
) -> None:
    """Menu, import, backup and doctor beside a server at work; then the copy comes back."""
    office, played = filled_office, wechat[0]
    (office.folder / "more.csv").write_text(MORE, "gb18030")
    async with office.serving() as served:
        assert await heard(played, served.port, text(HER, "我叫王小明")) is not None
        pushed, imported, copy = await asyncio.gather(
            office.run("menu", "push"),
            office.run("import", "more.csv"),
            office.run("backup", "copy.db"),
        )
        assert (pushed.code, imported.code, copy.code) == (0, 0, 0), (pushed, imported, copy)
        assert imported.out == ["1 imported, 0 updated, 0 unchanged, 0 refused"]
        assert len(played.menu) == 3
        await follows(played, served.port, "氦质谱检漏仪", "SFJ-231")
        healthy = await office.run("doctor", PORT=str(served.port))
        assert (healthy.code, [line[:2] for line in healthy.out]) == (0, ["ok"] * len(healthy.out))
        assert "欧**" in str(await heard(played, served.port, text(HER, "我叫欧阳修")))
        assert "欧**" in str(await heard(played, served.port, text(HER, "我的资料")))
    down = await office.run("doctor", PORT=str(served.port))
    assert down.code == 1
    assert [line for line in down.out if line.startswith("FAIL")] == [down.out[-1]]
    kept = await office.run("restore", "copy.db")
    assert (kept.code, len(kept.err)) == (1, 1)
    back = await office.run("restore", "copy.db", "--force")
    assert (back.code, back.err) == (0, [])
    async with office.serving() as served:
        assert "王**" in str(await heard(played, served.port, text(HER, "我的资料")))


async def follows(played: Platform, port: int, words: str, model: str) -> None:
    """The server's index takes in what was imported beside it, within seconds."""
    for _ in range(50):
        if model in str(await heard(played, port, text(HIM, words))):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{model} was not found")


async def test_putting_a_copy_back_under_a_server_at_work(
    filled_office: Office, wechat: tuple[Platform, str]
) -> None:
    """It asks for the server to be stopped first; done all the same, nobody gets nonsense."""
    office, played = filled_office, wechat[0]
    async with office.serving() as served:
        assert "王**" in str(await heard(played, served.port, text(HER, "我叫王小明")))
        assert (await office.run("backup", "copy.db")).code == 0
        assert "欧**" in str(await heard(played, served.port, text(HER, "我叫欧阳修")))
        done = await office.run("restore", "copy.db", "--force")
        profile = str(await heard(played, served.port, text(HER, "我的资料")))
        assert ("王**" if done.code == 0 else "欧**") in profile


async def test_the_sandbox_is_not_served(
    filled_office: Office, wechat: tuple[Platform, str]
) -> None:
    """Nor is any of it loaded."""
    async with filled_office.serving("-X", "importtime") as served:
        assert await heard(wechat[0], served.port, text(HER, "三坐标")) is not None
        for path in ("/sandbox", "/sandbox/", "/sandbox/platform/cgi-bin/token", "/sandbox/phones"):
            assert await served.health(path) == 404
        said = served.said()
    assert re.search(r"\| +bot\.wechat\.webhook$", said, re.MULTILINE)
    assert "bot.sandbox" not in said
    assert await served.health() == 0


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("WECHAT_TOKEN", "", "YIXIANG_WECHAT_TOKEN is missing"),
        ("PORT", "achtzig", "YIXIANG_PORT must be a number from 1 to 65535"),
        ("DATA_KEY", "short", "YIXIANG_DATA_KEY must be 32 bytes as url-safe base64"),
        ("REGION", "beijing", "YIXIANG_REGION must be one of"),
    ],
)
async def test_a_wrong_setting_stops_the_start(
    tmp_path: Path, name: str, value: str, line: str
) -> None:
    office = Office(tmp_path, "sqlite+aiosqlite:///./var/yixiang.db")
    ended = await office.run("serve", **{name: value})
    assert (ended.code, ended.out, len(ended.err)) == (2, [], 1)
    assert line in ended.err[0]
    assert not (tmp_path / "var").exists()
