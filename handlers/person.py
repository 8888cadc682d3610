"""Oneself: who I am, what I may do, for whom I work, what is kept of me."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.kit import kinds
from bot.kit.flow import Begin, Flow, ask
from bot.kit.heard import Heard
from bot.kit.kinds import Kind
from bot.kit.moments import HERE, show_date
from bot.kit.reading import LONGEST, Unreadable
from bot.kit.route import Router
from bot.kit.say import Facts, Link, Say
from bot.kit.texts import refusal
from store import affiliation, county, invitation, link, organisation, personal, privacy, retention
from store.context import Context
from store.errors import Refused
from store.invitation import CodeUnknown
from store.link import Errand, Purpose
from store.person import Grant

router = Router("person")

NAME = replace(kinds.name, show=privacy.mask_name)
PHONE = replace(kinds.phone, show=privacy.mask_phone)


def _email(said: str, _now: datetime) -> str:
    try:
        return personal.read_email(said)
    except personal.EmailUnreadable:
        raise Unreadable from None


def _code(said: str, _now: datetime) -> str:
    """Anything that looks like a code; whether it is one is found out when it is used."""
    code = invitation.normal(said[:LONGEST])
    if not invitation.looks_right(code):
        raise Unreadable
    return code


EMAIL: Kind[str] = Kind("email", _email, show=privacy.mask_email, form="email")
CODE: Kind[str] = Kind("code", _code)


# Codes


async def _bound(context: Context, code: str) -> Say:
    """Use a code. A refusal is said here, not raised: the try must be counted all the same."""
    try:
        offer = await invitation.bind(
            context.session,
            context.policy,
            context.secret,
            person_id=context.person.id,
            code=code,
            now=context.now,
        )
    except CodeUnknown as why:
        return Say("person.bind.last") if why.left == 0 else refusal("person.bind", why)
    except Refused as why:
        return refusal("person.bind", why)
    role = _role(offer.grant) if offer.grant else {"key": "person.role.colleague"}
    where = await _where(context, offer.organisation_id, offer.county_id)
    return Say("person.bound", {"role": role, "where": where})


def _role(grant: Grant) -> Facts:
    return {"key": f"person.role.{grant.role}"}


async def _where(context: Context, organisation_id: int | None, county_id: int | None) -> str:
    if organisation_id is not None:
        names = await organisation.names(context.session, [organisation_id])
        return names.get(organisation_id, "")
    return "" if county_id is None else await county.name(context.session, county_id)


class Bind(Flow, name="person.bind", confirm=False):
    """Ask for the code."""

    code: str = ask(CODE)

    async def finish(self, context: Context) -> Say:
        """Use it."""
        return await _bound(context, self.code)


router.flow(Bind, "绑定", "绑定单位", "输入邀请码")


@router.words("绑定 {code}", changes=True)
async def bind(context: Context, heard: Heard, code: str) -> Say:
    """Use a code in one line; what can't be one is asked for again."""
    del heard
    try:
        return await _bound(context, CODE.read(code, context.now))
    except Unreadable:
        return Say("person.bind.code:again")


# What is known


@router.words("我的资料", "我的", "我是谁", "个人信息")
async def profile(context: Context, heard: Heard) -> Say:
    """What is known of the asker, masked, and what to do about it."""
    del heard
    told = (await personal.known(context.session, context.secret, context.person.id)).masked
    rows = await affiliation.open_of(context.session, context.person.id, context.now)
    names = await organisation.names(context.session, {row.organisation_id for row in rows})
    lines = [
        {
            "organisation": names.get(row.organisation_id, ""),
            "status": {"key": f"person.status.{row.status}"},
            "until": _day(row.ends_at),
        }
        for row in rows
    ]
    return Say(
        "person.profile",
        {
            "name": told.name or {"key": "person.unsaid"},
            "phone": told.phone or {"key": "person.unsaid"},
            "email": told.email,
            "roles": [
                await _held(context, grant) for grant in sorted(context.person.grants, key=str)
            ],
            "nowhere": None if rows else {"key": "person.nowhere"},
            "open": {"key": "person.open"} if rows else None,
        },
        items=tuple(lines),
        choices=tuple(f"任职 {row.id}" for row in rows),
    )


async def _held(context: Context, grant: Grant) -> Facts:
    where = await _where(context, grant.organisation_id, grant.county_id)
    return {"key": "person.held", "args": {"role": _role(grant), "where": where}}


def _day(end: datetime) -> str:
    """The last day on which something holds."""
    return show_date((end - timedelta(microseconds=1)).astimezone(HERE).date())


class SetName(Flow, name="person.name", confirm=False):
    """Tell one's name."""

    called: str = ask(NAME)

    async def finish(self, context: Context) -> Say:
        """Keep it, sealed."""
        return await _told(context, name=self.called)


class SetPhone(Flow, name="person.phone", confirm=False):
    """Tell one's phone number."""

    phone: str = ask(PHONE)

    async def finish(self, context: Context) -> Say:
        """Keep it, sealed."""
        return await _told(context, phone=self.phone)


class SetEmail(Flow, name="person.email", confirm=False):
    """Tell one's e-mail address."""

    email: str = ask(EMAIL)

    async def finish(self, context: Context) -> Say:
        """Keep it, sealed."""
        return await _told(context, email=self.email)


async def _told(context: Context, **told: str) -> Say:
    session, person_id = context.session, context.person.id
    known = await personal.tell(session, context.secret, person_id, **told)
    return Say("person.told", vars_of(known.masked))


def vars_of(known: personal.Personal) -> dict[str, Any]:
    """As placeholders."""
    return {"name": known.name, "phone": known.phone, "email": known.email}


router.flow(SetName, "姓名", "改姓名", "我的姓名")
router.flow(SetPhone, "电话", "手机", "改电话", "我的电话")
router.flow(SetEmail, "邮箱", "改邮箱", "我的邮箱")


@router.words("姓名 {said}", "我叫 {said}", changes=True)
async def name_in_one_line(context: Context, heard: Heard, said: str) -> Say | Begin:
    """Tell one's name in one line; asks for it where the line holds none."""
    del heard
    try:
        name = NAME.read(said, context.now)
    except Refused:
        return Begin(SetName)
    return await _told(context, name=name)


@router.words("电话 {said}", "手机 {said}", changes=True)
async def phone_in_one_line(context: Context, heard: Heard, said: str) -> Say | Begin:
    """Tell one's phone number in one line; asks for it where the line holds none."""
    del heard
    try:
        phone = PHONE.read(said, context.now)
    except Refused:
        return Begin(SetPhone)
    return await _told(context, phone=phone)


# What one takes along, and the end


@router.words("导出我的数据", "导出数据", "我的数据", changes=True)
async def own_data(context: Context, heard: Heard) -> Say:
    """An address from which everything about oneself can be fetched, once."""
    del heard
    errand = Errand(Purpose.OWN_DATA, context.person.id)
    return await addressed(context, Say("person.own_data"), "person.own_data.link", errand)


async def addressed(context: Context, say: Say, title: str, errand: Errand) -> Say:
    """The answer with a one-time address below, tapped by its title."""
    token = await link.issue(context.session, context.policy, context.secret, errand, context.now)
    minutes = int(context.policy.link_valid.value.total_seconds() // 60)
    there = Link(title, f"{context.address}/f/{token}")
    return replace(say, args={**say.args, "minutes": minutes}, link=there)


class Forget(Flow, name="person.forget"):
    """Be forgotten: no question but whether it is meant."""

    async def summary(self, context: Context) -> Facts:
        """What will be lost."""
        rows = await affiliation.open_of(context.session, context.person.id, context.now)
        roles = [await _held(context, grant) for grant in sorted(context.person.grants, key=str)]
        return {"roles": roles, "organisations": len(rows) or None}

    async def finish(self, context: Context) -> Say:
        """Destroy the key, and with it all that it sealed."""
        me = context.person.id
        await retention.forget(context.session, me, context.now, by=me)
        return Say("person.forgotten")


router.flow(Forget, "注销", "注销账号", "删除我的数据", "忘记我")
