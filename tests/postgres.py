"""One private PostgreSQL server for a whole test run, shared by its workers.

The run that first needs it makes the cluster in a folder of its own, under a Unix socket; the
run's controlling process stops it. Cut off half-way, the next run clears what was left behind.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

T = TypeVar("T")
PREFIX = "yixiang-tests-"
USER = "yixiang"
SETTINGS = (
    "listen_addresses=''",
    "max_connections=300",
    "shared_buffers=32MB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
)


class Unavailable(Exception):  # noqa: N818 - a state of the machine, told by a skip
    """No PostgreSQL can be had here; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server: its folder, which is also where its socket lies."""

    folder: Path

    def url(self, name: str) -> str:
        """The address of one database, as `Database` takes it."""
        return f"postgresql+asyncpg://{USER}@/{name}?host={self.folder}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements one by one, each in its own transaction."""
        in_thread(self._run(statements, database))

    @contextmanager
    def fresh(self, template: str) -> Iterator[str]:
        """The address of a new database, gone at the end."""
        name = f"test_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _run(self, statements: tuple[str, ...], database: str) -> None:
        connection = await asyncpg.connect(host=str(self.folder), user=USER, database=database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


def in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Finish a coroutine from synchronous code, whether or not a loop runs here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def home() -> Path:
    """A fresh folder for this run, named after its controlling process."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    return folder


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            stop(folder)


def ensure(folder: Path, settings: Sequence[str] = SETTINGS) -> Server:
    """The run's server, started by whichever worker comes first; raises Unavailable."""
    data = folder / "pg"
    with alone(folder, "server") as first:
        if first:
            _start(data, settings)
    return Server(data)


@contextmanager
def alone(folder: Path, name: str) -> Iterator[bool]:
    """Do something once a run: gives True to the first worker, who must then finish it."""
    done = folder / f"{name}.done"
    with (folder / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield not done.exists()
        done.touch()


def _start(data: Path, settings: Sequence[str]) -> None:
    account = _account()
    data.mkdir(exist_ok=True)
    if account:
        os.chown(data, account.pw_uid, account.pw_gid)
    user = account.pw_name if account else None
    cluster = str(data / "cluster")
    log = str(data / "log")
    options = " ".join(
        f"-c {setting}" for setting in (*settings, f"unix_socket_directories={data}")
    )
    initdb = ["-D", cluster, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    _run(user, data, _binary("initdb"), *initdb)
    _run(user, data, _binary("pg_ctl"), "-D", cluster, "-l", log, "-w", "-o", options, "start")


def _run(user: str | None, folder: Path, *command: str) -> None:
    done = subprocess.run(
        command,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        check=False,
        text=True,
    )
    if done.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _binary(name: str) -> str:
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(packaged[-1]) if packaged else shutil.which(name)
    if not found:
        raise Unavailable("PostgreSQL is not installed")
    return found


def stop(folder: Path) -> None:
    """Stop the server of a run, if it started one, and remove its folder."""
    pid_file = folder / "pg" / "cluster" / "postmaster.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text().split()[0])
        if _is_ours(pid, folder):
            os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(pid: int, folder: Path) -> bool:
    """Whether the process still is that server: a number may have gone to another since."""
    try:
        return str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
