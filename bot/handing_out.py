"""The commands that hand something out: labels for instruments, pages for a portal."""

from pathlib import Path

import click

from bot.command import NEW_FILE, configured, finish, ready


@click.command()
@click.option("--organisation", metavar="NAME", help="Only this organisation's instruments.")
@click.option("--plain", is_flag=True, help="Codes that say the number; WeChat is not asked.")
@click.argument("file", type=NEW_FILE)
def labels(file: Path, organisation: str | None, plain: bool) -> None:  # noqa: FBT001
    """Print a sheet of codes to stick on instruments: a PDF, A4, to be cut.

    Where a service account is configured, scanning a code leads to the account by itself; else a
    code says the instrument's number, which its finder sends to the account.
    """
    settings = configured("region")
    ready(settings)
    from bot.labelling import NothingToLabel, print_labels

    try:
        count, codes = finish(print_labels(settings, organisation, file, plain=plain))
    except NothingToLabel as why:
        raise click.UsageError(str(why)) from None
    how = "that lead to the account" if codes else "that say the number"
    click.echo(f"{count} labels in {file}, with codes {how}")


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to bring up to date.",
)
@click.option("--dry-run", is_flag=True, help="Only count what would change.")
def publish(folder: Path, dry_run: bool) -> None:  # noqa: FBT001
    """Write the ledger as pages and JSON into a folder, for a portal's web server."""
    settings = configured("region")
    ready(settings)
    from bot.app import now
    from bot.portal.write import publish as write
    from store.database import Database

    database = Database(settings.database_url)
    done = finish(write(database, settings.rules.names, folder, now(), dry=dry_run))
    would = "would change" if dry_run else "changed"
    click.echo(f"{done.instruments} instruments, {done.changed} files {would}, {done.removed} gone")
