"""The command `yixiang`. What a command needs is imported when it runs: `--help` comes at once."""

import asyncio
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.command import BROKEN, NEW_FILE, OLD_FILE, configured, finish, ready
from bot.handing_out import labels, publish

if TYPE_CHECKING:
    from bot.settings import Settings

WRONG, REFUSED, STOPPED = 2, 3, 130
ROLES = ("keeper", "representative", "bureau", "expert", "secretariat", "finance", "operator")


def main() -> None:
    """Run the command, and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; every mistake of its user's ends in one line on stderr."""
    try:
        result = commands.main(list(arguments), prog_name="yixiang", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError:
        return _say("yixiang: which command? `yixiang --help` lists them", WRONG)
    except click.ClickException as wrong:
        return _say(f"{_path(wrong)}: {_one_line(wrong.format_message())}", wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return STOPPED
    except Exception as wrong:
        line = _explain(wrong)
        if line is None:
            raise
        return _say(f"yixiang: {_one_line(line)}", BROKEN)
    return result if isinstance(result, int) else 0


def _say(line: str, code: int) -> int:
    click.echo(line, err=True)
    return code


def _path(wrong: click.ClickException) -> str:
    context = getattr(wrong, "ctx", None)
    return context.command_path if context else "yixiang"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _explain(wrong: Exception) -> str | None:
    """What the world outside did to us, in one line; None for a fault of our own."""
    from sqlalchemy.exc import DBAPIError

    from bot.settings import SettingsError
    from bot.wechat.errors import PlatformError
    from notifications.forms import FormsBroken
    from store.backup import BackupFailed

    if isinstance(wrong, SettingsError | BackupFailed | FormsBroken):
        return str(wrong)
    if isinstance(wrong, PlatformError):
        return f"WeChat: {wrong}"
    if isinstance(wrong, DBAPIError):
        return f"the database: {wrong.orig}"
    if isinstance(wrong, OSError):
        return f"{wrong.filename}: {wrong.strerror}" if wrong.filename else str(wrong)
    return None


@click.group()
@click.version_option(version("yixiang"), message="%(version)s")
def commands() -> None:
    """Large research instruments of a region, found and booked in a WeChat public account."""


commands.add_command(labels)
commands.add_command(publish)


@commands.command()
def serve() -> None:
    """Serve the account; GET /healthz answers 200 once it can."""
    from bot.settings import TO_SERVE

    settings = configured(*TO_SERVE)
    from bot import app, logs

    logs.configure()
    ready(settings)
    finish(app.serve(settings))


@commands.command()
def demo() -> None:
    """Serve the sandbox with sample data, on loopback only."""
    from bot import logs
    from bot.sandbox.demo import demo as show
    from bot.settings import for_demo

    logs.configure()
    settings = for_demo()
    ready(settings)
    finish(show(settings))


@commands.group()
def db() -> None:
    """The database's tables."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date; nothing happens when they are."""
    from store import migrations
    from store.standing import standing

    url = configured("database_url").database_url
    before = asyncio.run(standing(url))
    if not before.up_to_date:
        asyncio.run(migrations.upgrade(url))
    click.echo(f"{before.current or 'empty'} -> {before.newest}")


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def bring(file: Path, dry_run: bool) -> int:  # noqa: FBT001
    """Read a ledger (.xlsx, .xls, .ods, .csv) into the catalogue.

    Problems go to stderr, a row a line; the last line counts. Exit code 3: some rows were refused,
    the good ones are in; 2: FILE can't be read, nothing is in.
    """
    settings = configured("database_url")
    from bot import importing
    from store.ledger import LedgerUnreadable

    try:
        ledger = importing.check(file)
    except LedgerUnreadable as why:
        raise click.UsageError(f"{file}: {why}") from None
    for line in ledger.lines():
        click.echo(line, err=True)
    if not dry_run:
        ready(settings)
    work = importing.rehearse if dry_run else importing.bring
    counts = finish(work(settings.database_url, ledger))
    click.echo(str(counts))
    return REFUSED if counts.refused else 0


@commands.command()
@click.argument("role", type=click.Choice(ROLES), metavar="ROLE")
@click.option("--organisation", metavar="NAME", help="For whom its holder works.")
@click.option("--county", metavar="NAME", help="Where the role holds.")
@click.option("--new", is_flag=True, help="The organisation is not in the catalogue yet: add it.")
def invite(role: str, organisation: str | None, county: str | None, new: bool) -> None:  # noqa: FBT001
    """Print a one-time code for a role.

    Its holder sends `绑定 CODE` in chat.

    ROLE is keeper (looks after instruments), representative (speaks for an organisation), bureau,
    expert, secretariat, finance or operator.
    """
    settings = configured("region", "data_key")
    ready(settings)
    from bot.inviting import Invited, NotInvited

    asked = Invited(role, organisation, county, new=new)
    try:
        code = finish(asked.code(settings))
    except NotInvited as why:
        raise click.UsageError(str(why)) from None
    click.echo(code)


@commands.group()
def menu() -> None:
    """The account's menu."""


@menu.command()
def push() -> None:
    """Put the menu in place; followers see it within five minutes."""
    from bot.settings import TO_SERVE

    settings = configured(*TO_SERVE)
    ready(settings)
    finish(_push(settings))
    click.echo("in place")


async def _push(settings: "Settings") -> None:
    from bot.app import Account, now
    from bot.wechat import menu as menus

    async with Account.opened(settings, now) as account:
        await menus.push(account.client, menus.load(settings.public_url))


@commands.group()
def templates() -> None:
    """The account's message templates."""


@templates.command()
def check() -> int:
    """Compare the account's message templates with what the reminders need."""
    from bot.settings import TO_SERVE

    settings = configured(*TO_SERVE)
    ready(settings)
    from bot.templates import compare

    checked = finish(compare(settings))
    for problem in checked.problems:
        click.echo(problem, err=True)
    click.echo(checked.summary)
    return REFUSED if checked.problems else 0


@commands.command()
@click.argument("file", type=NEW_FILE)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def backup(file: Path, force: bool) -> None:  # noqa: FBT001
    """Copy the database into FILE, also while it serves."""
    from store.backup import save

    size = save(configured("database_url").database_url, file, force=force)
    click.echo(f"{size:,} bytes in {file}")


@commands.command()
@click.argument("file", type=OLD_FILE)
@click.option("--force", is_flag=True, help="Replace what the database holds.")
def restore(file: Path, force: bool) -> None:  # noqa: FBT001
    """Put a copy back; stop the server first."""
    from store.backup import restore as put_back

    put_back(configured("database_url").database_url, file, force=force)
    click.echo("restored; if it is of an older version, run `yixiang db upgrade`")


@commands.command()
def rekey() -> None:
    """Change the key that protects personal data; stop the server first.

    Prints the new key, alone on the last line: put it in YIXIANG_DATA_KEY before the next start.
    Open invitations and one-time addresses end.
    """
    settings = configured("data_key")
    ready(settings)
    from bot.rekeying import change

    done, key = finish(change(settings))
    click.echo(f"{done.people} people, {done.files} files; {done.codes} open codes ended", err=True)
    click.echo(key)


@commands.command()
def doctor() -> int:
    """Check settings, database, WeChat and server, a line each."""
    from bot.doctor import examine

    bad = 0
    for finding in examine():
        bad += not finding.good
        click.echo(f"{'ok  ' if finding.good else 'FAIL'}  {finding.what:<12} {finding.words}")
    return BROKEN if bad else 0
