import asyncio
import base64
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from python_calamine import CalamineWorkbook

from bot.discretion import Discretion
from bot.web.files import Files
from store import file, personal
from store.conversation import Conversation
from store.database import Database
from store.file import LARGEST, Vault
from store.link import Errand, Purpose, issue
from store.policies import load
from store.retention import forget
from tests.store import samples
from tests.store.people import SECRET, person

POLICY = load("jinzhong")
PART = b"--b\r\nContent-Disposition: form-data; name=%s\r\n\r\n"


@dataclass
class Site:
    """The pages, served."""

    client: TestClient[web.Request, web.Application]
    files: Files
    now: datetime

    async def address(self, who: int, purpose: Purpose, subject: str = "affiliation:1") -> str:
        errand = Errand(purpose, who, subject)
        async with self.files.database.begin() as session:
            return "/f/" + await issue(session, POLICY, SECRET, errand, self.now)

    async def person(self, name: str = "张晓岚") -> int:
        async with self.files.database.begin() as session:
            who = await person(session, self.now)
            await personal.tell(session, SECRET, who, name=name)
            return who

    async def up(
        self, address: str, data: bytes, name: str = "x.png", media: str = "image/png"
    ) -> int:
        form = FormData()
        form.add_field("file", io.BytesIO(data), filename=name, content_type=media)
        async with self.client.post(address, data=form) as answer:
            self.text = await answer.text()
            return answer.status

    async def stored(self) -> list[file.StoredFile]:
        async with self.files.database.read() as session:
            return await file.about(session, "affiliation:1")

    def left(self) -> list[Path]:
        return [path for path in self.files.vault.root.rglob("*") if path.is_file()]


@pytest.fixture
async def site(database: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Site]:
    site: Site
    files = Files.of(database, POLICY, SECRET, Vault(tmp_path / "files"), lambda: site.now)
    app = web.Application()
    app.add_subapp("/f", files.app())
    async with TestClient(TestServer(app)) as client:
        site = Site(client, files, now)
        yield site


async def test_a_paper_goes_up_once(site: Site) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    for _ in range(3):
        async with site.client.get(address) as page:
            assert page.status == 200
            assert "上传在职证明" in await page.text()
    assert await site.up(address, samples.png(), "工作证.PNG") == 200
    assert "已收到" in site.text
    assert [row.size for row in await site.stored()] == [len(samples.png())]
    assert await site.up(address, samples.png()) == 410
    assert "用过了" in site.text
    assert len(site.left()) == 1


async def test_sent_twice_at_once(site: Site) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    ends = await asyncio.gather(*(site.up(address, samples.png()) for _ in range(8)))
    assert sorted(ends) == [200, *[410] * 7]
    assert len(await site.stored()) == len(site.left()) == 1


@pytest.mark.parametrize(
    ("data", "name", "media"),
    [
        (b"", "x.png", "image/png"),
        (b"<svg/>", "x.svg", "image/svg+xml"),
        (samples.png(), "x.html", "text/html"),
        (samples.png(), "x.png", "text/html"),
        (samples.xlsx(), "x.xlsx", "application/octet-stream"),
        (samples.png(30_000, 30_000), "x.png", "image/png"),
        (samples.jpeg() + samples.xlsx(), "x.jpg", "image/jpeg"),
    ],
)
async def test_what_is_refused_can_be_sent_again(
    site: Site, data: bytes, name: str, media: str
) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    assert await site.up(address, data, name, media) == 422
    assert 'role="alert"' in site.text
    assert site.left() == []
    assert await site.up(address, samples.png()) == 200


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x.png", "..\\x.png", "/x.png", 'a;b".png', "x" * 300 + ".png"]
)
async def test_a_name_is_no_path(site: Site, name: str) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    assert await site.up(address, samples.png(), name) == 200
    (path,) = site.left()
    assert path.name == (await site.stored())[0].digest


async def test_too_large_told_beforehand(site: Site) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    with suppress(aiohttp.ClientConnectionError):  # cut off while still sending: as good
        assert await site.up(address, b"\0" * (LARGEST + 200_000)) == 413
    assert site.left() == []


async def test_nearly_too_large(site: Site) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    data = samples.jpeg()[:-2] + b"\x55" * 9_900_000 + b"\xff\xd9"
    assert await site.up(address, data, "x.jpg", "image/jpeg") == 200
    assert [row.size for row in await site.stored()] == [len(data)]


async def test_too_large_in_pieces_of_unknown_length(site: Site) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n'
        yield b"Content-Type: image/png\r\n\r\n" + samples.png()
        for _ in range(LARGEST // 65_536 + 10):
            yield b"\0" * 65_536
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with suppress(aiohttp.ClientConnectionError):
        async with site.client.post(address, data=pieces(), headers=headers) as answer:
            assert answer.status == 413
    assert site.left() == []
    assert await site.stored() == []
    assert await site.up(address, samples.png()) == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b--\r\n",
        b"hello",
        b"--b\r\n\r\nx\r\n--b--\r\n",
        PART % b'"other"; filename="x.png"' + b"x\r\n--b--\r\n",
        PART % b'"file"' + b"x\r\n--b--\r\n",
        PART % b'"file"; filename="x.png"' + b"never ends",
    ],
)
async def test_broken_forms(site: Site, body: bytes) -> None:
    address = await site.address(await site.person(), Purpose.PROOF)
    for media in ("multipart/form-data; boundary=b", "multipart/form-data", "text/plain"):
        async with site.client.post(address, data=body, headers={"Content-Type": media}) as answer:
            assert answer.status == 422, await answer.text()
    assert site.left() == []


async def test_own_data(site: Site) -> None:
    her = await site.person()
    state = Discretion(SECRET).closed({"talk": {"flow": "person.name"}}, her, frozenset({"talk"}))
    async with site.files.database.begin() as session:
        session.add(Conversation(person_id=her, version=1, state=state, heard_at=site.now))
    address = await site.address(her, Purpose.OWN_DATA, "")
    async with site.client.get(address) as page:
        assert "张晓岚" not in await page.text()
    async with site.client.get(f"{address}/yixiang-my-data.zip") as early:
        assert early.content_type == "text/html"
    async with site.client.post(address) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"] == 'attachment; filename="yixiang-my-data.zip"'
        box = zipfile.ZipFile(io.BytesIO(await answer.read()))
    data = json.loads(box.read("yixiang-my-data.json"))
    assert data["person"][0]["name"] == "张晓岚"
    assert data["conversation"][0]["state"] == {"talk": {"flow": "person.name"}}
    book = CalamineWorkbook.from_filelike(io.BytesIO(box.read("yixiang-my-data.xlsx")))
    rows = book.get_sheet_by_name("基本信息").to_python()
    assert "张晓岚" in rows[1]
    assert len(book.sheet_names) == len(data)


async def test_a_download_can_be_repeated_for_ten_minutes(site: Site) -> None:
    address = await site.address(await site.person(), Purpose.OWN_DATA, "")
    async with site.client.post(address, allow_redirects=False) as answer:
        assert answer.status == 303
        fetch = answer.headers["Location"]
    for _ in range(3):
        async with site.client.get(fetch) as answer:
            assert answer.content_type == "application/zip"
    site.now += timedelta(minutes=10)
    async with site.client.get(fetch) as answer:
        assert answer.status == 410
        assert "用过了" in await answer.text()


async def test_a_representative_sees_the_paper(site: Site) -> None:
    her, him = await site.person(), await site.person("李雷")
    await site.up(await site.address(her, Purpose.PROOF), samples.png())
    (row,) = await site.stored()
    address = await site.address(him, Purpose.FILE, f"file:{row.id}")
    async with site.client.post(address) as answer:
        assert await answer.read() == samples.png()
        assert answer.content_type == "image/png"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="file-{row.id}.png"'
    async with site.files.database.begin() as session:
        await forget(session, her, site.now)
    async with site.client.get(f"{address}/file-{row.id}.png") as answer:
        assert answer.status == 410
        assert "已经不在了" in await answer.text()


async def test_a_damaged_file_is_a_kind_page(site: Site) -> None:
    her = await site.person()
    await site.up(await site.address(her, Purpose.PROOF), samples.png())
    (path,) = site.left()
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    address = await site.address(her, Purpose.FILE, f"file:{(await site.stored())[0].id}")
    async with site.client.post(address) as answer:
        assert answer.status == 500
        assert "人工" in await answer.text()


async def test_addresses_that_open_nothing(site: Site) -> None:
    good = await site.address(await site.person(), Purpose.OWN_DATA, "")
    other = await site.address(await site.person("李雷"), Purpose.OWN_DATA, "")
    mixed = good.rpartition(".")[0] + other[other.rindex(".") :]
    for address in (mixed, good[:-1], "/f/x", "/f/..%2F..%2Fetc", f"{good}/a/b", "/f/"):
        for ask in (site.client.get, site.client.post):
            async with ask(address, allow_redirects=False) as answer:
                assert answer.status == 404, address
                assert "打不开" in await answer.text()
    site.now += POLICY.link_valid.value
    async with site.client.get(good) as answer:
        assert answer.status == 410
        assert "过期" in await answer.text()


async def test_every_answer_is_closed(site: Site) -> None:
    her = await site.person()
    up, down = await site.address(her, Purpose.PROOF), await site.address(her, Purpose.OWN_DATA, "")
    for method, address in (
        ("GET", up),
        ("GET", down),
        ("POST", down),
        ("GET", "/f/x"),
        ("POST", up),
    ):
        async with site.client.request(method, address, allow_redirects=False) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            text = await answer.text()
            if answer.content_type == "text/html":
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert "<script" not in text
                assert "http" not in text.replace("http-equiv", "")


async def test_the_style_is_the_one_that_is_allowed(site: Site) -> None:
    async with site.client.get("/f/x") as answer:
        style = (await answer.text()).partition("<style>")[2].partition("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


async def test_words_in_a_page_are_no_markup(site: Site) -> None:
    names = replace(POLICY.names, bureau="<b>局</b>")
    page = type(site.files.pages)(names).told("LinkUsed", 410)
    assert page.text is not None
    assert "&lt;b&gt;局" in page.text
