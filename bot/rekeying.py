"""`yixiang rekey`: another key for what is personal."""

import base64
import secrets
from datetime import UTC, datetime

from bot.settings import Settings, SettingsError
from store.database import Database
from store.privacy import Unopenable
from store.rekey import Rekeyed, rekey


async def change(settings: Settings) -> tuple[Rekeyed, str]:
    """Lock everything anew; gives the new key as the setting has it. Raises SettingsError."""
    new = secrets.token_bytes(32)
    database = Database(settings.database_url)
    try:
        async with database.begin() as session:
            done = await rekey(session, settings.data_key, new, datetime.now(UTC))
    except Unopenable:
        raise SettingsError("YIXIANG_DATA_KEY does not open what is sealed") from None
    finally:
        await database.close()
    return done, base64.urlsafe_b64encode(new).decode()
