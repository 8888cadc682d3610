"""Sends one message by one channel, and says in our words what came of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.wechat.codes import Reaction, rule
from bot.wechat.errors import AnswerLost, Halted, PlatformError, Refusal
from store.outbox import (
    Card,
    Channel,
    Choices,
    Delivered,
    Delivery,
    Drop,
    Form,
    Outgoing,
    Picture,
    RetryAt,
    Scope,
    StopChannel,
    Unknown,
    Unsubscribed,
    Why,
    Words,
)

if TYPE_CHECKING:
    from bot.wechat.client import Client

SENDS = {"message/custom/send", "message/template/send", "message/subscribe/bizsend"}
"""A loss elsewhere (on the way to a token, say) lost no message."""
KEY_LIVES = {Channel.TEMPLATE: timedelta(minutes=10)}
"""How long the platform knows a message again that it was given before (wechat-platform.md 2.6)."""
SHORTLY = timedelta(seconds=30)
MEDIA_LIVE = timedelta(days=2, hours=12)
"""The platform keeps what was uploaded for three days."""

DROPS = {
    Reaction.DROP: Why.NO_SUCH_PERSON,
    Reaction.MUTE: Why.MUTED,
    Reaction.FIX: Why.MALFORMED,
    Reaction.REUPLOAD: Why.MALFORMED,
    Reaction.RESTART_OAUTH: Why.MALFORMED,
}
STOPS = {
    Reaction.ZERO_CREDIT: (Why.CREDIT, Scope.PERSON),
    Reaction.CLOSE_WINDOW: (Why.WINDOW, Scope.PERSON),
    Reaction.DEFER_CONTACT: (Why.USED_UP, Scope.PERSON),
    Reaction.STOP_API: (Why.QUOTA, Scope.ACCOUNT),
    Reaction.DISABLE_TEMPLATE: (Why.TEMPLATE, Scope.TEMPLATE),
    Reaction.DISABLE_FEATURE: (Why.NOT_ALLOWED, Scope.ACCOUNT),
    Reaction.FATAL: (Why.SETTINGS, Scope.ACCOUNT),
}
LATER = {
    Reaction.RETRY_TOKEN: Why.BUSY,
    Reaction.SLOW_DOWN: Why.SLOW,
    Reaction.WAIT: Why.RUNNING,
}
DONE = {Reaction.ALREADY_DONE, Reaction.IGNORE}


class WeChatSender:
    """A `store.outbox.Sender` over the platform's API."""

    def __init__(self, client: "Callable[[], Client]", now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._media: dict[str, tuple[str, datetime]] = {}

    async def send(self, message: Outgoing) -> Delivery:
        """Try once; never raises for what the platform or the network does."""
        try:
            return Delivered(await self._sent(message))
        except AnswerLost as lost:
            return self._lost(message, lost.path)
        except Halted as halted:
            return self._stopped(halted.reaction, halted.until)
        except Refusal as refusal:
            return self._refused(message, refusal)
        except PlatformError:
            return RetryAt(self._now() + SHORTLY, Why.BUSY)

    async def _sent(self, message: Outgoing) -> str:
        """Send; gives the platform's number of the message, if it has one."""
        body, openid, messages = message.body, message.openid, self._client().message
        match body:
            case Form():
                return await self._send_form(message, body)
            case Words():
                await messages.send_text(openid, body.text)
            case Card():
                await messages.send_articles(openid, [_article(body)])
            case Choices():
                await messages.send_msg_menu(openid, _msgmenu(body))
            case Picture():
                await self._send_picture(openid, body)
        return ""

    async def _send_form(self, message: Outgoing, form: Form) -> str:
        messages = self._client().message
        if message.channel is Channel.TEMPLATE:
            return await messages.send_template(
                message.openid, form.template, form.fields, key=message.key, url=form.address
            )
        return await messages.send_subscription(
            message.openid, form.template, form.fields, page=form.address
        )

    async def _send_picture(self, openid: str, picture: Picture) -> None:
        """Send a picture, uploading it first if need be; once again if the platform forgot it."""
        media_id, until = self._media.get(picture.name, ("", self._now()))
        if until > self._now():
            try:
                await self._client().message.send_image(openid, media_id)
            except Refusal as refusal:
                if rule(refusal.code).reaction is not Reaction.REUPLOAD:
                    raise
            else:
                return
        await self._client().message.send_image(openid, await self._upload(picture))

    async def _upload(self, picture: Picture) -> str:
        now = self._now()
        self._media = {name: kept for name, kept in self._media.items() if kept[1] > now}
        file = (picture.name, picture.data)
        media_id = str((await self._client().media.upload("image", file))["media_id"])
        self._media[picture.name] = media_id, now + MEDIA_LIVE
        return media_id

    def _refused(self, message: Outgoing, refusal: Refusal) -> Delivery:
        row = rule(refusal.code)
        reaction = row.at(refusal.path)
        if reaction is Reaction.BACK_OFF:
            return self._lost(message, refusal.path)
        if reaction in DONE:
            return Delivered()
        if reaction is Reaction.MARK_UNSUBSCRIBED:
            return Unsubscribed()
        if reaction in DROPS:
            return Drop(DROPS[reaction], refusal.field or str(refusal.code))
        return self._stopped(reaction, row.ends(self._now()))

    def _stopped(self, reaction: Reaction, until: datetime) -> Delivery:
        if reaction in STOPS:
            why, scope = STOPS[reaction]
            ends = None if scope is not Scope.ACCOUNT else until
            return StopChannel(why, scope, ends)
        return RetryAt(max(until, self._now() + SHORTLY), LATER.get(reaction, Why.BUSY))

    def _lost(self, message: Outgoing, path: str) -> Delivery:
        """No answer: once more while the platform knows the message again, else nobody knows."""
        if path not in SENDS:
            return RetryAt(self._now() + SHORTLY, Why.BUSY)
        lives = KEY_LIVES.get(message.channel)
        at = self._now() + SHORTLY
        if lives is None or at >= message.first_tried_at + lives:
            return Unknown()
        return RetryAt(at, Why.LOST, before=message.first_tried_at + lives)


def _article(card: Card) -> dict[str, str]:
    return {
        "title": card.title,
        "description": card.description,
        "url": card.address,
        "picurl": card.picture,
    }


def _msgmenu(asked: Choices) -> dict[str, object]:
    return {
        "head_content": asked.head,
        "list": [{"id": key, "content": words} for key, words in asked.choices],
        "tail_content": asked.tail,
    }
