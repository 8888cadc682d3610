"""The command `yixiang`: one line for a mistake, never a traceback."""

import asyncio
import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from aiohttp import web

from bot import cli, doctor
from bot.settings import PREFIX, Settings
from store import conversation, migrations, organisation, person, personal
from store.county import known
from store.database import Database
from store.person import Role
from store.standing import standing
from tests.bot.test_settings import GOOD


@dataclass
class Ended:
    code: int
    out: list[str]
    err: list[str]


Yixiang = Callable[..., Ended]


@pytest.fixture
def yixiang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Yixiang:
    """Runs the command in a folder and an environment of its own."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(PREFIX + name, value)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        code = cli.run(arguments)
        told = capsys.readouterr()
        return Ended(code, told.out.splitlines(), told.err.splitlines())

    return run


def every(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group)
        found += [(*path, name), *(every(command, *path, name) if inner else [])]  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("path", every(cli.commands), ids=" ".join)
def test_every_command_has_help(yixiang: Yixiang, path: tuple[str, ...]) -> None:
    ended = yixiang(*path, "--help")
    assert (ended.code, ended.err) == (0, [])
    assert ended.out[0].startswith(f"Usage: yixiang {' '.join(path)}")
    assert len(ended.out[2].strip()) > 10


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frog",),
        ("--frog",),
        ("db",),
        ("db", "frog"),
        ("invite",),
        ("invite", "frog"),
        ("invite", "keeper", "more"),
        ("invite", "keeper"),
        ("invite", "keeper", "--organisation", "无此单位"),
        ("invite", "bureau", "--county", "无此县"),
        ("backup",),
        ("restore", "nowhere"),
        ("serve", "more"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line(yixiang: Yixiang, arguments: tuple[str, ...]) -> None:
    ended = yixiang(*arguments)
    assert ended.code == 2
    assert ended.out == []
    (line,) = ended.err
    assert line.startswith("yixiang")


@pytest.mark.parametrize("command", [("serve",), ("invite", "bureau"), ("menu", "push")])
def test_a_missing_setting_is_one_line(
    yixiang: Yixiang, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv("YIXIANG_DATA_KEY")
    ended = yixiang(*command)
    assert ended.code == 2
    (line,) = ended.err
    assert line.endswith(": YIXIANG_DATA_KEY is missing")


def test_a_database_out_of_reach_is_one_line(
    yixiang: Yixiang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIXIANG_DATABASE_URL", "postgresql+asyncpg://a:hunter2@127.0.0.1:1/a")
    ended = yixiang("db", "upgrade")
    assert ended.code == 1
    (line,) = ended.err
    assert "hunter2" not in line


def test_what_is_no_database_is_one_line(yixiang: Yixiang, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "yixiang.db").write_text("a letter to the bureau, not a database" * 9)
    ended = yixiang("db", "upgrade")
    assert ended.code == 1
    assert ended.err == ["yixiang: the database: file is not a database"]


def test_roles_are_those_of_the_store() -> None:
    assert list(cli.ROLES) == [role.value for role in Role]


def test_bringing_up_to_date_twice(yixiang: Yixiang, tmp_path: Path) -> None:
    newest = asyncio.run(standing(f"sqlite+aiosqlite:///{tmp_path}/x")).newest
    assert yixiang("db", "upgrade").out == [f"empty -> {newest}"]
    assert yixiang("db", "upgrade").out == [f"{newest} -> {newest}"]


def test_an_older_database_is_not_touched_unasked(yixiang: Yixiang) -> None:
    url = "sqlite+aiosqlite:///./var/yixiang.db"
    asyncio.run(migrations.upgrade(url, "0001"))
    ended = yixiang("invite", "bureau")
    assert ended.code == 1
    assert "run `yixiang db upgrade` first" in ended.err[0]
    assert asyncio.run(standing(url)).current == "0001"


@pytest.mark.parametrize(
    "arguments",
    [
        ("bureau",),
        ("bureau", "--county", known()[0].name),
        ("keeper", "--organisation", "晋中农业工程学院", "--new"),
        ("representative", "--organisation", "晋中农业工程学院", "--new"),
    ],
    ids=" ".join,
)
def test_an_invitation(yixiang: Yixiang, arguments: tuple[str, ...]) -> None:
    ended = yixiang("invite", *arguments)
    assert (ended.code, ended.err) == (0, [])
    assert re.fullmatch(r"[0-9A-Z-]{11}", ended.out[-1])
    assert yixiang("invite", *arguments).out[-1] != ended.out[-1]


def test_a_new_organisation_is_added_once(yixiang: Yixiang) -> None:
    for name in ("晋中农业工程学院", " 晋中农业 工程学院"):
        assert yixiang("invite", "keeper", "--organisation", name, "--new").code == 0
    found = asyncio.run(named("晋中农业工程学院"))
    assert found is not None
    assert (found.id, found.name, found.kind) == (
        1,
        "晋中农业工程学院",
        organisation.Kind.UNIVERSITY,
    )


async def named(name: str) -> organisation.Organisation | None:
    database = Database("sqlite+aiosqlite:///./var/yixiang.db")
    async with database.read() as session:
        found = await organisation.by_name(session, name)
    await database.close()
    return found


LEDGER = """晋中市大型科研仪器台账
管理单位,仪器名称,规格型号,原值（万元）,启用时间,所在县,联系人,联系电话
晋中农业工程学院,扫描电子显微镜,SU5000,320,2019.6,平遥县,王老师,0354-1234567
晋中农业工程学院,原子荧光光度计,AFS-9700,四十二,2020.3,平遥县,王老师,0354-1234567
平遥县中医院,超声诊断仪,EPIQ7,180,2021.9,平遥县,李老师,0354-7654321
"""


def test_an_import(yixiang: Yixiang, tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text(LEDGER, "gb18030")
    rehearsed = yixiang("import", "--dry-run", "ledger.csv")
    assert not (tmp_path / "var").exists()
    ended = yixiang("import", "ledger.csv")
    again = yixiang("import", "ledger.csv")
    assert ended.out[-1] == rehearsed.out[-1]
    assert re.fullmatch(r"[23] imported, 0 updated, 0 unchanged, [01] refused", ended.out[-1])
    assert re.fullmatch(r"0 imported, 0 updated, [23] unchanged, [01] refused", again.out[-1])
    assert ended.code == again.code == (3 if ended.out[-1].endswith(" 1 refused") else 0)


def test_a_bad_row_is_named_and_the_good_ones_are_in(yixiang: Yixiang, tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text(LEDGER.replace("四十二", "未知"), "utf-8")
    ended = yixiang("import", "ledger.csv")
    assert ended.code == 3
    assert any(line.startswith("row 4: ") for line in ended.err)
    assert ended.out[-1] == "2 imported, 0 updated, 0 unchanged, 1 refused"


@pytest.mark.parametrize("content", [None, b"", b"\x00\xff\xfe", "你好\n再见\n".encode()])
def test_a_file_that_cannot_be_read_is_one_line(
    yixiang: Yixiang, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "ledger.csv").write_bytes(content)
    ended = yixiang("import", "ledger.csv")
    assert (ended.code, ended.out) == (2, [])
    assert len(ended.err) == 1
    assert ended.err[0].startswith("yixiang import: ledger.csv: ")
    assert not (tmp_path / "var").exists()


def test_backup_and_restore(yixiang: Yixiang) -> None:
    yixiang("invite", "keeper", "--organisation", "晋中农业工程学院", "--new")
    assert yixiang("backup", "copy").code == 0
    again = yixiang("backup", "copy")
    assert (again.code, again.err) == (
        1,
        ["yixiang: copy is there already; --force overwrites it"],
    )
    yixiang("invite", "keeper", "--organisation", "平遥县中医院", "--new")
    assert yixiang("restore", "copy").code == 1
    assert yixiang("restore", "--force", "copy").code == 0
    assert asyncio.run(named("平遥县中医院")) is None
    assert asyncio.run(named("晋中农业工程学院")) is not None


def test_rekey_prints_the_new_key_and_the_old_one_opens_nothing(
    yixiang: Yixiang, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "sqlite+aiosqlite:///./var/yixiang.db"
    yixiang("db", "upgrade")
    asyncio.run(_known(url, "YIXIANG_DATA_KEY"))
    ended = yixiang("rekey")
    assert ended.code == 0
    assert ended.err == ["1 people, 0 files; 0 open codes ended"]
    again = yixiang("rekey")
    assert again.err == ["yixiang: YIXIANG_DATA_KEY does not open what is sealed"]
    monkeypatch.setenv("YIXIANG_DATA_KEY", ended.out[-1])
    assert yixiang("rekey").code == 0


async def _known(url: str, setting: str) -> None:
    """Somebody whose name is kept."""
    secret = base64.urlsafe_b64decode(os.environ[setting])
    database = Database(url)
    async with database.begin() as session:
        await conversation.admit(session, ["o1"])
        who = await person.by_openid(session, "o1")
        await personal.tell(session, secret, who, name="王小明")
    await database.close()


def test_doctor_says_a_line_each(yixiang: Yixiang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIXIANG_PORT", "1")
    monkeypatch.setenv("YIXIANG_WECHAT_API_URL", "http://127.0.0.1:1")
    ended = yixiang("doctor")
    assert ended.code == 1
    assert [line.split()[:2] for line in ended.out] == [
        ["ok", "settings"],
        ["FAIL", "database"],
        ["ok", "templates"],
        ["FAIL", "WeChat"],
        ["FAIL", "server"],
    ]
    yixiang("db", "upgrade")
    lines = yixiang("doctor").out
    assert [line.split()[0] for line in lines[1:5]] == ["ok"] * 4


async def test_doctor_asks_for_a_token(unused_tcp_port: int, tmp_path: Path) -> None:
    answers = [{"access_token": "A" * 100, "expires_in": 7200}, {"errcode": 40125}]

    async def token(request: web.Request) -> web.Response:
        assert (await request.json())["grant_type"] == "client_credential"
        return web.json_response(answers.pop(0))

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", token)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()

    settings = Settings(
        wechat_appid="wx1",
        wechat_secret="s",
        wechat_api_url=f"http://127.0.0.1:{unused_tcp_port}",
        database_url=f"sqlite+aiosqlite:///{tmp_path}/x.db",
    )
    assert await doctor._credentials(settings) == doctor._good("WeChat", "gave a token")
    refused = await doctor._credentials(settings)
    assert refused.words == "refused appid and secret (errcode 40125)"
    await runner.cleanup()


def test_help_comes_at_once() -> None:
    code = (
        "import sys; from bot import cli; cli.run(['--help']);"
        "print([m for m in ('sqlalchemy', 'aiohttp', 'pydantic', 'wechatpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_key_that_opens_nothing_stops_the_start(
    yixiang: Yixiang, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "sqlite+aiosqlite:///./var/yixiang.db"

    async def sealed() -> None:
        await migrations.upgrade(url)
        database = Database(url)
        async with database.begin() as session:
            await conversation.admit(session, ["her"])
            who = await person.by_openid(session, "her")
            await personal.tell(session, bytes(32), who, name="张三")
        await database.close()

    monkeypatch.setenv(PREFIX + "DATABASE_URL", url)
    asyncio.run(sealed())
    ended = yixiang("serve")
    assert ended.code == 1
    assert ended.err[-1].endswith("YIXIANG_DATA_KEY does not open what is sealed")
