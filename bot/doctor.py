"""`yixiang doctor`: what an operator looks at when something is wrong, a line each."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy.exc import DBAPIError

from bot.settings import TO_SERVE, Settings, SettingsError, load
from bot.templates import look
from notifications.forms import FormsBroken
from store import health
from store.database import Database
from store.standing import standing

PATIENCE = ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    words: str


def _good(what: str, words: str) -> Finding:
    return Finding(what, good=True, words=words)


def _bad(what: str, words: str) -> Finding:
    return Finding(what, good=False, words=words)


def examine() -> Iterator[Finding]:
    """Look at one thing after another; later ones only where earlier ones allow it."""
    try:
        settings = load(*TO_SERVE)
        yield _good("settings", _summary(settings))
    except SettingsError as wrong:
        yield _bad("settings", str(wrong))
        try:
            settings = load()
        except SettingsError:
            return
    tables = asyncio.run(_tables(settings))
    yield tables
    if tables.good:
        yield from asyncio.run(_contents(settings))
    yield _templates(settings)
    if settings.wechat_appid and settings.wechat_secret:
        yield asyncio.run(_credentials(settings))
    yield asyncio.run(_serving(settings))


def _summary(settings: Settings) -> str:
    mode = "safe mode" if settings.wechat_aes_key else "plain mode"
    return f"{settings.region}, {settings.wechat_account} account, {mode}"


async def _tables(settings: Settings) -> Finding:
    try:
        found = await standing(settings.database_url)
    except (DBAPIError, OSError) as wrong:
        return _bad("database", f"cannot be reached: {wrong}".splitlines()[0])
    if found.up_to_date:
        return _good("database", f"up to date ({found.newest})")
    at = found.current or "empty"
    return _bad("database", f"{at}, not {found.newest}: run `yixiang db upgrade`")


async def _contents(settings: Settings) -> list[Finding]:
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            missing = await health.missing_guards(session)
            fits = bool(settings.data_key) and await health.key_fits(session, settings.data_key)
            count = await health.instruments(session)
    finally:
        await database.close()
    return [
        Finding("triggers", not missing, ", ".join(sorted(missing)) or "all in place"),
        Finding("data key", fits, "fits" if fits else "does not open what is sealed"),
        _good("catalogue", f"{count} instruments"),
    ]


def _templates(settings: Settings) -> Finding:
    """Only the file: `yixiang templates check` asks the platform."""
    try:
        checked = look(settings)
    except FormsBroken as wrong:
        return _bad("templates", str(wrong).splitlines()[0])
    words = "; ".join([checked.summary, *checked.problems])
    if settings.templates is None:
        return _good("templates", f"{words}: only who wrote within 48 hours can be told")
    return Finding("templates", not checked.problems, words)


async def _credentials(settings: Settings) -> Finding:
    asked = {
        "grant_type": "client_credential",
        "appid": settings.wechat_appid,
        "secret": settings.wechat_secret,
    }
    address = f"{settings.wechat_api_url}/cgi-bin/stable_token"
    try:
        async with (
            ClientSession(timeout=PATIENCE) as http,
            http.post(address, json=asked, allow_redirects=False) as response,
        ):
            answer = await response.json(content_type=None)
    except (ClientError, OSError, TimeoutError, ValueError) as wrong:
        return _bad("WeChat", f"cannot be reached: {type(wrong).__name__}")
    if isinstance(answer, dict) and answer.get("access_token"):
        return _good("WeChat", "gave a token")
    code = answer.get("errcode") if isinstance(answer, dict) else None
    return _bad("WeChat", f"refused appid and secret (errcode {code})")


async def _serving(settings: Settings) -> Finding:
    """The server answers for its own scheduler: one that stands still makes it unhealthy."""
    address = f"http://{settings.host}:{settings.port}/healthz"
    try:
        async with ClientSession(timeout=PATIENCE) as http, http.get(address) as response:
            words = " ".join((await response.text()).split())[:200]
            return Finding("server", response.status == 200, f"{response.status} {words}")
    except (ClientError, OSError, TimeoutError):
        return _bad("server", f"nothing serves at {settings.host}:{settings.port}")
