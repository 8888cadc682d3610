"""`yixiang labels`: from an organisation's name to a file, with the platform's codes if it can."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot import app
from bot.labels import addresses, labels, sheet
from bot.settings import Settings
from store import organisation, scene_code
from store.database import Database
from store.scene_code import Labelled


class NothingToLabel(Exception):  # noqa: N818 - said of what was asked
    """There is no such organisation, or it has no instruments; the message is one line."""


async def print_labels(
    settings: Settings, name: str | None, file: Path, *, plain: bool = False
) -> tuple[int, bool]:
    """Write the sheet; how many labels, and whether their codes lead to the account by themselves.

    Raises NothingToLabel, PlatformError.
    """
    account = settings.rules.names.account
    wanted = await _wanted(settings, name)
    asks = _makes_codes(settings) and not plain
    known = await _made(settings, wanted) if asks else {}
    await asyncio.to_thread(file.write_bytes, sheet(labels(wanted, known, account), account))
    return len(wanted), bool(known)


def _makes_codes(settings: Settings) -> bool:
    """Only a verified service account, or a test account, has codes with a scene."""
    bound = settings.wechat_appid and settings.wechat_secret and settings.data_key
    return bool(bound) and settings.wechat_account != "subscription"


async def _wanted(settings: Settings, name: str | None) -> list[Labelled]:
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            there = await organisation.by_name(session, name) if name else None
            if name and there is None:
                raise NothingToLabel(f"no organisation is named {name}")
            found = await scene_code.to_label(session, there.id if there else None)
    finally:
        await database.close()
    if not found:
        raise NothingToLabel("there are no instruments to label")
    return found


async def _made(settings: Settings, wanted: Sequence[Labelled]) -> dict[str, str]:
    """What the platform's codes say."""
    async with app.Account.opened(settings, app.now) as account:

        async def make(scene: str) -> str:
            asked = {
                "action_name": "QR_LIMIT_STR_SCENE",
                "action_info": {"scene": {"scene_str": scene}},
            }
            return str((await account.client.qrcode.create(asked))["url"])

        return await addresses(
            account.database, settings.wechat_appid, wanted, make, account.clock()
        )
