"""A consistent copy of the database while it serves, and back.

SQLite copies itself, page by page, inside one read transaction; PostgreSQL's own tools do it there.
A copy holds the database alone: not what was handed up (kept beside it by hash), nor the data key.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

SQLITE, POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
BUSY_SECONDS = 60


class BackupFailed(Exception):  # noqa: N818 - said of what was asked
    """Nothing was copied; the message says why, in one line."""


def save(url: str, to: Path, *, force: bool = False) -> int:
    """Copy the database into a file; gives its size in bytes. Blocks; raises BackupFailed."""
    if to.exists() and not force:
        raise BackupFailed(f"{to} is there already; --force overwrites it")
    if not to.parent.is_dir():
        raise BackupFailed(f"{to.parent} is no folder")
    address = make_url(url)
    part = to.with_name(f"{to.name}.part")
    try:
        part.touch(mode=0o600)
        if _remote(address):
            _dump(address, part)
        else:
            _copy(_file(address), part)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return to.stat().st_size


def restore(url: str, copy: Path, *, force: bool = False) -> None:
    """Put a copy back; a database that is not empty only with `force`. Raises BackupFailed."""
    address = make_url(url)
    kind = _kind(copy)
    if kind != (POSTGRESQL if _remote(address) else SQLITE):
        raise BackupFailed(f"{copy} was not made from {address.get_backend_name()}")
    if not force and _tables(address):
        raise BackupFailed("the database is not empty; --force replaces what it holds")
    if _remote(address):
        _load(address, copy)
    else:
        _check(copy)
        _copy(copy, _file(address, make=True))


def _remote(address: URL) -> bool:
    return address.get_backend_name() == "postgresql"


def _file(address: URL, *, make: bool = False) -> Path:
    path = Path(address.database or "")
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.is_file():
        raise BackupFailed(f"there is no database at {path}")
    return path


def _kind(copy: Path) -> bytes:
    try:
        with copy.open("rb") as file:
            head = file.read(len(SQLITE))
    except OSError as wrong:
        raise BackupFailed(f"{copy}: {wrong.strerror}") from None
    for kind in (SQLITE, POSTGRESQL):
        if head.startswith(kind):
            return kind
    raise BackupFailed(f"{copy} is no copy of a database")


def _check(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as connection:
            (whole,) = connection.execute("PRAGMA integrity_check").fetchone()
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        whole = "no"
    if whole != "ok":
        raise BackupFailed(f"{copy} is damaged or not ours")


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as there,
            closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as here,
        ):
            there.backup(here)
    except sqlite3.Error as wrong:
        raise BackupFailed(f"the copy failed: {wrong}") from None


def _tables(address: URL) -> bool:
    """Whether anything is in the database."""
    if not _remote(address):
        path = Path(address.database or "")
        return path.exists() and path.stat().st_size > 0
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
    return _tool(address, "psql", "-XAtc", query) != "0"


def _dump(address: URL, to: Path) -> None:
    _tool(address, "pg_dump", "--format=custom", "--no-owner", f"--file={to}")


def _load(address: URL, copy: Path) -> None:
    options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
    _tool(address, "pg_restore", *options, "--dbname", address.database or "", str(copy))


def _tool(address: URL, name: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs; where and who go by its environment, unseen by others."""
    tool = shutil.which(name)
    if tool is None:
        raise BackupFailed(f"{name} is not installed")
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own, with our arguments
        [tool, *arguments],
        env=os.environ | _reach(address),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise BackupFailed((done.stderr.strip() or f"{name} failed").splitlines()[0])
    return done.stdout.strip()


def _reach(address: URL) -> dict[str, str]:
    host = address.host or address.query.get("host", "")
    found = {
        "PGHOST": host if isinstance(host, str) else host[0],
        "PGPORT": str(address.port or ""),
        "PGUSER": address.username or "",
        "PGPASSWORD": address.password or "",
        "PGDATABASE": address.database or "",
    }
    return {name: value for name, value in found.items() if value}
