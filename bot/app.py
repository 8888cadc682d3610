"""Puts the parts together; the only module that knows them all."""

import asyncio
import gc
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from aiohttp import ClientSession, web

from bot import platform
from bot.desk import Desk, House
from bot.jobs import Clockwork, Job
from bot.kit import intents
from bot.kit.route import Routes
from bot.kit.texts import Texts
from bot.late import Late
from bot.listening import Listening
from bot.llm import Model
from bot.metrics import Metrics
from bot.pictures import Pictures
from bot.settings import Settings
from bot.telling import Telling, planner
from bot.topics import FLOWS, ROUTERS, SWEEPS
from bot.web.calendar import Calendars
from bot.web.files import Files
from bot.wechat import render
from bot.wechat.envelope import Envelope
from bot.wechat.sender import WeChatSender
from bot.wechat.webhook import Door
from bot.wishing import Wishes
from handlers import greeting
from store import consequence, conversation, retention
from store.database import Database
from store.file import Vault
from store.policies import Policy
from store.search import usage
from store.search.index import Index

if TYPE_CHECKING:
    from bot.wechat.client import Client

ROOT = Path(__file__).parent.parent
TEXTS = tuple(ROOT / at for at in ("handlers/texts", "notifications/texts", "bot/texts"))
FOLLOWING = timedelta(seconds=1)
COUNTING = timedelta(seconds=10)
SWEEPING = timedelta(hours=1)
GARBAGE = (50_000, 20, 50)
"""When garbage is looked for: at the usual thresholds a tenth of the time goes into it."""
FORGETTING = timedelta(minutes=1)
RECOVERING = timedelta(seconds=30)
LOOKING = timedelta(minutes=1)
STALLED = timedelta(seconds=30)
"""A clock that has not ticked for so long makes the server unhealthy."""

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment: the one place that asks the clock."""
    return datetime.now(UTC)


def texts() -> Texts:
    """All copy, with taps as WeChat writes them."""
    return Texts.load(TEXTS, render.tap, render.link)


@dataclass
class Account:
    """One running account: what its parts have in common."""

    settings: Settings
    database: Database
    policy: Policy
    catalogue: Index
    clock: Clock
    metrics: Metrics
    http: ClientSession
    ticked: datetime
    """When the scheduler last looked."""

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, clock: Clock) -> AsyncIterator["Account"]:
        """Open what must be closed: the database, the index, the way to the platform."""
        database, catalogue = Database(settings.database_url), Index.open(settings.folder / "index")
        policy = settings.rules
        database.tell = consequence.before(planner(policy, settings.data_key).tell, policy)
        try:
            async with ClientSession() as http:
                yield cls(settings, database, policy, catalogue, clock, Metrics(), http, clock())
        finally:
            await catalogue.close()
            await database.close()

    @property
    def files(self) -> Vault:
        """Where the files handed up lie."""
        return Vault(self.settings.folder / "files")

    @cached_property
    def house(self) -> House:
        """What every message needs."""
        return House(
            self.database,
            self.policy,
            self.catalogue,
            self.settings.public_url,
            self.settings.data_key,
            self.clock,
            random.SystemRandom(),
            lambda: uuid4().hex,
        )

    @cached_property
    def copy(self) -> Texts:
        """All that it says."""
        return texts()

    @cached_property
    def desk(self) -> Desk:
        """Where messages are heard."""
        copy, routes = self.copy, Routes(*ROUTERS)
        flows = {flow.name: flow for flow in FLOWS}
        listening = Listening(routes, flows, copy, greeting.lost, greeting.notice, self.wishes())
        return Desk(self.house, listening, copy)

    def wishes(self) -> Wishes:
        """Who reads what people want done in free words."""
        reader, url = intents.reader(), self.settings.llm_url
        if not url:
            return Wishes(reader.read)
        model = Model(url, self.http, reader, lambda end: self.metrics.second.labels(end).inc())
        return Wishes(reader.read, model.recall, model.ask)

    @cached_property
    def client(self) -> "Client":
        """The platform's API, one for the whole account: its breaker and tokens are shared."""
        return platform.client(self.settings, self.database, self.http, self.clock)

    @cached_property
    def sender(self) -> WeChatSender:
        """Who sends; it remembers which pictures went up."""
        return WeChatSender(lambda: self.client, self.clock)

    @cached_property
    def telling(self) -> Telling:
        """What speaks unasked."""
        about = (self.settings, self.database, self.policy, self.copy, self.sender)
        return Telling(*about, self.clock, self.metrics)

    @cached_property
    def late(self) -> Late:
        """Who sees to it that whoever was told to wait is answered."""
        return Late(self.house, self.desk, self.sender, self.copy, self.metrics)

    @cached_property
    def pictures(self) -> Pictures:
        """Who draws what goes with an answer."""
        told = (self.database, self.policy, self.settings.data_key)
        return Pictures(*told, self.sender, self.clock)

    def door(self) -> Door:
        """The way in."""
        settings = self.settings
        envelope = Envelope(
            settings.wechat_token,
            settings.wechat_appid,
            settings.wechat_aes_key,
            settings.wechat_aes_key_previous,
        )
        hear = self.pictures.beside(self.telling.closing.beside(self.desk.hear))
        return Door(envelope, hear, self.late, self.clock, log, self.metrics)

    def jobs(self) -> Clockwork:
        """What looks for due rows."""
        return Clockwork(
            [
                Job("follow the catalogue", FOLLOWING, self.follow),
                Job("forget repeats", FORGETTING, self.forget_repeats),
                Job("count searches", COUNTING, self.count_searches),
                Job("shorten the log", FOLLOWING, self.database.shorten_log),
                Job("hear what was lost", RECOVERING, self.late.recover),
                Job("end what is due", SWEEPING, self.sweep),
                *self.telling.jobs(),
                Job("look at bookings and tickets", LOOKING, self.look),
            ]
        )

    async def follow(self) -> None:
        """Let the index take what changed in the catalogue."""
        await self.catalogue.follow(self.database)
        self.metrics.index_rows.set(len(self.catalogue))
        self.ticked = self.clock()

    async def forget_repeats(self) -> None:
        """Drop the answers that no repeat can ask for any more."""
        async with self.database.begin() as session:
            await conversation.forget_repeats(session, self.clock())

    async def count_searches(self) -> None:
        """Write what was looked for and opened."""
        key = self.settings.data_key
        await usage.flush(self.database, self.catalogue.usage, key, self.clock())

    async def sweep(self) -> None:
        """End roles, affiliations, files and people whose time is over."""
        async with self.database.begin() as session:
            await retention.sweep(session, self.policy, self.clock(), self.files)
            await usage.forget(session, self.clock())

    async def look(self) -> None:
        """Let the clock do what is its turn with bookings, visits and tickets."""
        for due in SWEEPS:
            async with self.database.begin() as session:
                await due(session, self.policy, self.clock())

    async def health(self, _request: web.Request) -> web.Response:
        """200 once it can serve, with a few words for the doctor."""
        stalled = self.clock() - self.ticked > STALLED
        good = self.catalogue.ready and not stalled
        there = f"{len(self.catalogue)} instruments, {self.telling.words}"
        words = "scheduler stands still" if stalled else there
        return web.Response(text=f"{words}\n", status=200 if good else 503)

    async def measured(self, _request: web.Request) -> web.Response:
        """What Prometheus reads."""
        body, content_type = self.metrics.expose()
        return web.Response(body=body, headers={"Content-Type": content_type})

    def calendars(self) -> Calendars:
        """Bookings as feeds for calendars."""
        told = self.settings
        return Calendars(self.database, self.policy, told.data_key, told.public_url, self.clock)

    def application(self) -> web.Application:
        """Everything that the server answers."""
        app = web.Application()
        self.door().routes(app)
        files = Files.of(self.database, self.policy, self.settings.data_key, self.files, self.clock)
        app.add_subapp("/f", files.app())
        app.add_subapp("/c", self.calendars().app())
        app.add_subapp("/w", self.pictures.app())
        app.router.add_get("/healthz", self.health)
        app.router.add_get("/metrics", self.measured)
        return app


@asynccontextmanager
async def serving(account: Account, app: web.Application) -> AsyncIterator[None]:
    """Serve, and look for due rows, until left."""
    await account.follow()
    jobs = account.jobs()
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    jobs.start()
    gc.set_threshold(*GARBAGE)
    gc.collect()
    gc.freeze()  # what stands by now stays: looking through it again and again costs pauses
    try:
        await web.TCPSite(runner, account.settings.host, account.settings.port).start()
        yield
    finally:
        account.telling.stopping = True
        await jobs.stop()
        await runner.cleanup()
        await account.count_searches()


async def until_told_to_stop() -> None:
    """Return at SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


async def serve(settings: Settings) -> None:
    """Run the account until told to stop."""
    async with Account.opened(settings, now) as account, serving(account, account.application()):
        log.info("serving", host=settings.host, port=settings.port)
        await until_told_to_stop()
