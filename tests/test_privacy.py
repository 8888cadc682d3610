"""A name and a phone number are planted; nothing that lies anywhere may hold them."""

import io
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import logs
from bot.kit.heard import Act
from store.database import Database
from store.file import Paper, Vault, keep
from store.link import Purpose
from store.person import Role
from store.retention import sweep
from tests.handlers.chat import POLICY, Chat
from tests.store import samples
from tests.store.people import SECRET
from tests.store.test_file import arrived

NAME, PHONE, EMAIL = "慕容雪鸢", "13912340757", "murong.xy@example.cn"
FORMS = ("139 1234 0757", "139-1234-0757", "１３９１２３４０７５７")
OPENID = "oMuRongXueYuan0123456789abcd"


def planted(*, openid: bool) -> list[bytes]:
    """Every form in which they might lie somewhere."""
    words = [NAME, NAME[1:], PHONE, EMAIL, *FORMS, *([OPENID] if openid else [])]
    escaped = NAME.encode("unicode_escape")
    return [escaped, *(word.encode(code) for word in words for code in ("utf-8", "utf-16-le"))]


def found_in(folder: Path, needles: list[bytes]) -> list[tuple[str, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [
        (path.name, needle) for path in files for needle in needles if needle in path.read_bytes()
    ]


async def lived(chat: Chat) -> None:
    """Everything that one can say of oneself, in every way, with slips and half-done talks."""
    await chat.do(OPENID, Act.FOLLOW)
    code = await chat.code(Role.REPRESENTATIVE, "晋中精密铸造有限公司")
    await chat.say("rep", f"绑定 {code}", "我叫王代表")
    await chat.say(OPENID, f"我叫{NAME}", "姓名", NAME, "电话", *FORMS[:1], f"电话 {FORMS[2]}")
    await chat.say(OPENID, "邮箱", EMAIL, "电话", "帮助", FORMS[1], "姓名", NAME, "取消", "继续")
    await chat.say(OPENID, "取消", "我的资料", "我的单位", "铸造", "一年", "确认", "导出我的数据")
    await chat.say("rep", "待办", "1", "材料 2")
    incoming, kind = arrived(Vault(chat.folder / "files"), samples.pdf(NAME.encode()), "x.pdf")
    async with chat.database.begin() as session:
        paper = Paper(await chat.id(OPENID), Purpose.PROOF, "affiliation:2", kind)
        await keep(session, POLICY, SECRET, incoming, paper, chat.now)


@pytest.fixture
async def account(sqlite_database: Database, tmp_path: Path, now: datetime) -> AsyncIterator[Chat]:
    """The account on SQLite."""
    chat = Chat(sqlite_database, tmp_path, now)
    await chat.catalogue.follow(sqlite_database)
    yield chat
    await chat.catalogue.close()


@pytest.fixture
def log() -> io.StringIO:
    """All that is logged."""
    return io.StringIO()


async def test_nothing_personal_lies_in_files_of_sqlite(
    sqlite_database: Database, tmp_path: Path, account: Chat, log: io.StringIO
) -> None:
    before = logging.getLogger().handlers[:]
    try:
        logs.configure(log, logging.DEBUG)
        await lived(account)
        assert found_in(tmp_path, planted(openid=False)) == []
        assert found_in(tmp_path, [OPENID.encode()]) != []  # the search can find
        assert "已注销" in await account.say(OPENID, "注销", "确认")
        later = account.now + timedelta(minutes=1)
        async with sqlite_database.begin() as session:
            await sweep(session, POLICY, later, Vault(account.folder / "files"))
    finally:
        logging.getLogger().handlers[:] = before
    async with sqlite_database.writer.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    async with sqlite_database.read() as session:
        kept = (
            await session.execute(text("select * from person where forgotten_at is not null"))
        ).one()
        assert OPENID not in repr(kept)
    assert found_in(tmp_path, planted(openid=False)) == []
    said = log.getvalue().encode()
    assert [needle for needle in planted(openid=True) if needle in said] == []
