"""The way to the platform's API, with tokens that last and are shared."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import ClientSession

from bot.settings import Settings
from bot.wechat.token import Vault
from store import privacy
from store.database import Database

if TYPE_CHECKING:
    from bot.wechat.client import Client


def client(
    settings: Settings, database: Database, http: ClientSession, clock: Callable[[], datetime]
) -> "Client":
    """The client of one account."""
    from bot.wechat.client import Client
    from bot.wechat.client import Settings as About

    key = privacy.derive(settings.data_key, "platform token")
    about = About(settings.wechat_appid, settings.wechat_secret, settings.wechat_api_url)

    def vault(slot: tuple[str, str]) -> Vault:
        bound = "/".join(slot)
        return Vault(
            database,
            slot,
            lambda plain: privacy.seal(key, plain, bound),
            lambda sealed: privacy.unseal(key, sealed, bound),
        )

    return Client(about, http, vault, clock)
