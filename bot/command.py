"""What the commands of `yixiang` share."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bot.settings import Settings

T = TypeVar("T")
BROKEN = 1
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
OLD_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Stop(click.ClickException):
    """The command cannot go on; the message is one line."""

    exit_code = BROKEN


def configured(*needed: str) -> "Settings":
    """What the operator set; a mistake in it, or one that is `needed` and missing, stops here."""
    from bot.settings import SettingsError, load

    try:
        return load(*needed)
    except SettingsError as wrong:
        raise click.UsageError(str(wrong)) from None


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Finish a coroutine."""
    import uvloop

    return uvloop.run(work)


def ready(settings: "Settings") -> None:
    """Make the tables of a new database; an older one waits to be brought up to date."""
    from store.standing import standing

    found = asyncio.run(standing(settings.database_url))
    if found.current is None:
        from store import migrations

        asyncio.run(migrations.upgrade(settings.database_url))
    elif not found.up_to_date:
        at, newest = found.current, found.newest
        raise Stop(f"the database is at {at}, not {newest}: run `yixiang db upgrade` first")
    if not asyncio.run(_unlocks(settings)):
        raise Stop("YIXIANG_DATA_KEY does not open what is sealed")


async def _unlocks(settings: "Settings") -> bool:
    from store import health
    from store.database import Database

    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            return not settings.data_key or await health.key_fits(session, settings.data_key)
    finally:
        await database.close()
