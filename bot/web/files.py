"""`/f/…`: where files go up and down, by one-time signed address.

Seeing a page uses nothing up: chats fetch previews. A form's POST does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from aiohttp import BodyPartReader, ClientPayloadError, web
from aiohttp.http_exceptions import PayloadEncodingError
from aiohttp.typedefs import Handler

from bot.batch import InOrder
from bot.web.made import MADE, Stock
from bot.web.pages import CLOSED, Pages
from store import link
from store.database import Database
from store.errors import Refused
from store.file import (
    LARGEST,
    TERMS,
    FileEmpty,
    FileGone,
    FileTooLarge,
    Incoming,
    Paper,
    Vault,
    find,
    keep,
    key_of,
)
from store.link import LinkExpired, LinkUnknown, LinkUsed, SignedLink
from store.policies import Policy
from store.sniff import FORMS, FileUnfit

LOG = structlog.get_logger("web")
PIECE = 64 * 1024
ENVELOPE = 64 * 1024
"""What a form may carry around its file."""
AT_ONCE = 8
BROKEN = (ValueError, AssertionError, RuntimeError, ClientPayloadError, PayloadEncodingError)
"""What aiohttp raises over a form that is none."""
PATIENCE = 120.0
"""Seconds for one file to come in."""
HERE = ZoneInfo("Asia/Shanghai")
STATUS: dict[type[Refused], int] = {
    LinkUnknown: 404,
    LinkExpired: 410,
    LinkUsed: 410,
    FileGone: 410,
}


@dataclass(frozen=True)
class Files:
    """The routes, and what they need."""

    database: Database
    policy: Policy
    secret: bytes
    vault: Vault
    clock: Callable[[], datetime]
    pages: Pages
    busy: asyncio.Semaphore
    order: InOrder

    @classmethod
    def of(
        cls,
        database: Database,
        policy: Policy,
        secret: bytes,
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> "Files":
        """With pages in the region's name."""
        pages, busy = Pages(policy.names), asyncio.Semaphore(AT_ONCE)
        return cls(database, policy, secret, vault, clock, pages, busy, InOrder())

    @property
    def stock(self) -> Stock:
        """What files are made of."""
        return Stock(self.database, self.policy, self.secret, self.clock)

    def app(self) -> web.Application:
        """For `app.add_subapp("/f", …)`."""
        app = web.Application(middlewares=[self.kindly])
        app.add_routes(
            [
                web.get("/{token}", self.page),
                web.post("/{token}", self.confirm),
                web.get("/{token}/{name:[A-Za-z0-9.-]{1,60}}", self.fetch),
            ]
        )
        return app

    @web.middleware
    async def kindly(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Whatever goes wrong ends in a page that says how to go on."""
        try:
            return await handler(request)
        except Refused as why:
            return self.pages.told(type(why).__name__, STATUS[type(why)])
        except web.HTTPRedirection:
            raise
        except web.HTTPError:
            return self.pages.told("LinkUnknown", 404)
        except Exception:
            LOG.exception("web.fault")
            return self.pages.told("fault", 500)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """What the address is for; nothing is used up."""
        row = await self._look(request)
        return self._up(row) if row.purpose in TERMS else self._down(row)

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """Hand the file up, or go on to the download."""
        row = await self._look(request)
        if row.purpose in TERMS:
            return await self._hand_up(request, row)
        name = await self._name(row)
        async with self.database.begin() as session:
            await link.use(session, self.policy, self.secret, _token(request), self.clock())
        raise web.HTTPSeeOther(f"{request.path}/{name}", headers=CLOSED)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """The file itself, for some minutes after it was asked for."""
        row = await self._look(request)
        if row.used_at is None:
            raise web.HTTPSeeOther(request.path.rpartition("/")[0], headers=CLOSED)
        if made := MADE.get(row.purpose):
            body = await made.make(self.stock, row)
            return web.Response(body=body, headers=_attached(made.media, made.name))
        return await self._stored(request, row)

    async def _look(self, request: web.Request) -> SignedLink:
        async with self.database.read() as session:
            return await link.look(session, self.secret, _token(request), self.clock())

    def _up(self, row: SignedLink, status: int = 200, refused: str = "") -> web.Response:
        words, kinds = self.pages.words, sorted(TERMS[row.purpose].kinds)
        endings = [f".{ending}" for kind in kinds for ending in FORMS[kind].endings]
        return self.pages.render(
            "up",
            status,
            title=words["up"][row.purpose]["title"],
            words=words["up"][row.purpose],
            refused=refused,
            accept=",".join([*(FORMS[kind].media for kind in kinds), *endings]),
            kinds="、".join(words["kinds"][kind] for kind in kinds),
            megabytes=LARGEST // 1024 // 1024,
            until=_clock(row.expires_at),
        )

    def _down(self, row: SignedLink) -> web.Response:
        words = self.pages.words["down"][row.purpose]
        return self.pages.render(
            "down",
            title=words["title"],
            words=words,
            until=_clock(row.repeat_until or row.expires_at),
            minutes=int(self.policy.link_window.value.total_seconds() // 60),
        )

    async def _hand_up(self, request: web.Request, row: SignedLink) -> web.StreamResponse:
        if (request.content_length or 0) > LARGEST + ENVELOPE:
            return self._refused(request, row, FileTooLarge())
        return await self.order.run(str(row.person_id), partial(self._take_in, request, row))

    async def _take_in(self, request: web.Request, row: SignedLink) -> web.StreamResponse:
        """One file of one person at a time, so that nobody takes every place."""
        incoming = self.vault.receive()
        try:
            async with self.busy, asyncio.timeout(PATIENCE):
                part = await _part(request)
                await _pour(part, incoming)
            await self._keep(request, row, part, incoming)
        except BaseException as why:
            await asyncio.to_thread(incoming.drop)
            if not isinstance(why, Refused) or type(why) in STATUS:
                raise
            return self._refused(request, row, why)
        return self.pages.told("handed", 200)

    async def _keep(
        self, request: web.Request, row: SignedLink, part: BodyPartReader, incoming: Incoming
    ) -> None:
        terms = TERMS[row.purpose]
        declared = part.headers.get("Content-Type", "")
        name = part.filename or ""
        kind = await asyncio.to_thread(
            incoming.finish, name=name, declared=declared, taken=terms.kinds
        )
        async with self.database.begin() as session:
            now = self.clock()
            await link.use(session, self.policy, self.secret, _token(request), now)
            paper = Paper(row.person_id, row.purpose, row.subject, kind)
            await keep(session, self.policy, self.secret, incoming, paper, now)

    def _refused(self, request: web.Request, row: SignedLink, why: Refused) -> web.Response:
        status = 413 if isinstance(why, FileTooLarge) else 422
        answer = self._up(row, status, self.pages.refused(why))
        if not request.content.at_eof():
            answer.force_close()  # the rest of the file is not waited for
        return answer

    async def _name(self, row: SignedLink) -> str:
        if made := MADE.get(row.purpose):
            return made.name
        async with self.database.read() as session:
            stored = await find(session, row.subject_id)
        return f"file-{stored.id}.{FORMS[stored.kind].endings[0]}"

    async def _stored(self, request: web.Request, row: SignedLink) -> web.StreamResponse:
        async with self.database.read() as session:
            stored = await find(session, row.subject_id)
            key = await key_of(session, self.secret, stored)
        headers = _attached(FORMS[stored.kind].media, await self._name(row))
        answer = web.StreamResponse(headers={**headers, "Content-Length": str(stored.size)})
        with self.vault.open(stored.digest, key) as whole:
            pieces = whole.chunks()
            first = await asyncio.to_thread(next, pieces, b"")  # a broken file fails before 200
            await answer.prepare(request)
            await answer.write(first)
            while piece := await asyncio.to_thread(next, pieces, b""):
                await answer.write(piece)
        await answer.write_eof()
        return answer


def _token(request: web.Request) -> str:
    return request.match_info["token"]


def _clock(at: datetime) -> str:
    return f"{at.astimezone(HERE):%H:%M}"


def _attached(media: str, name: str) -> dict[str, str]:
    closed = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    attached = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media}
    return {**CLOSED, **closed, **attached}


async def _part(request: web.Request) -> BodyPartReader:
    """The form's file; raises FileEmpty where there is none."""
    if not request.content_type.startswith("multipart/form-data"):
        raise FileEmpty
    try:
        part = await (await request.multipart()).next()
    except BROKEN:
        raise FileEmpty from None
    if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
        raise FileEmpty
    return part


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk(PIECE):
        yield piece


async def _pour(part: BodyPartReader, incoming: Incoming) -> None:
    """Take the file in as it comes; raises FileTooLarge as soon as it is."""
    try:
        async for piece in _pieces(part):
            await asyncio.to_thread(incoming.write, piece)
    except BROKEN:
        raise FileUnfit from None
