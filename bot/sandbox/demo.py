"""The demonstration: the account, a stand-in for WeChat and four phones, in one process."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Account, now, serving, until_told_to_stop
from bot.sandbox import platform_account as pretended
from bot.sandbox import templates
from bot.sandbox.page import sandbox
from bot.sandbox.phones import cast
from bot.sandbox.platform import Platform
from bot.settings import Settings
from bot.wechat import menu
from store import affiliation, conversation, instrument, ledger, organisation, person
from store.person import Grant, Role

SAMPLE = Path(__file__).with_name("data") / "jinzhong-first-batch.xlsx"
SHOWN = 1
"""The instrument whose unit the demo's keeper works for."""


async def demo(settings: Settings) -> None:
    """Run the demonstration on this machine until told to stop."""
    clock = pretended.Clock(now)
    async with Account.opened(settings, clock) as account:
        await fill(account, clock())
        platform = Platform(_account(settings), f"{settings.public_url}/wechat", clock)
        templates.add(platform)
        page = sandbox(platform, kept=settings.folder / "phones.json")
        app = account.application()
        app.add_subapp("/sandbox/platform", platform.app())
        app.add_subapp("/sandbox", page)
        async with serving(account, app):
            await menu.push(account.client, menu.load(settings.public_url))
            click.echo(f"open {settings.public_url}/sandbox/ (Ctrl+C ends it)")
            await until_told_to_stop()


async def fill(account: Account, at: datetime) -> None:
    """Bring in the sample ledger, and let the demo's keeper and bureau be what they are."""
    sample = ledger.read(SAMPLE)
    await ledger.write(account.database, sample, at)
    async with account.database.begin() as session:
        await conversation.admit(session, [phone.openid for phone in cast().phones])
        found = await instrument.load(session, SHOWN)
        unit = found[1].id if found else None
        await _give(session, "keeper", Grant(Role.KEEPER, unit), at)
        await _give(session, "bureau", Grant(Role.BUREAU), at)
        await _give(session, "bureau", Grant(Role.FINANCE), at)
        who = await person.by_openid(session, cast().by_key("engineer").openid)
        firm = await organisation.add(session, cast().firm, at)
        policy, works = account.policy, {"person_id": who, "organisation_id": firm}
        await affiliation.invited(session, policy, **works, now=at)


async def _give(session: AsyncSession, key: str, grant: Grant, at: datetime) -> None:
    who = await person.by_openid(session, cast().by_key(key).openid)
    await person.give(session, who, grant, at)


def _account(settings: Settings) -> pretended.Account:
    return pretended.Account(
        settings.wechat_appid,
        settings.wechat_secret,
        settings.wechat_token,
        settings.wechat_aes_key,
    )
