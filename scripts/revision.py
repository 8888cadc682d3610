"""Begin a migration: what differs between the newest revision and the tables as described.

`.venv/bin/python scripts/revision.py "Add bookings"`; then read it, name it well, and test it.
"""

import asyncio
import sys
import tempfile

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from store import migrations
from store.base import Moment


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/newest.db"
        asyncio.run(migrations.upgrade(f"sqlite+aiosqlite:///{path}"))
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            _write(connection, sys.argv[1])
        engine.dispose()


def _write(connection: Connection, message: str) -> None:
    config = migrations.settings(connection)
    config.attributes["metadata"] = migrations.tables()
    config.attributes["render_item"] = _render
    count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
    command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04}")


def _render(kind: str, item: object, _context: AutogenContext) -> str | bool:
    """Our own types as what they are in the database: a migration does not follow our code."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Moment) else False


if __name__ == "__main__":
    main()
