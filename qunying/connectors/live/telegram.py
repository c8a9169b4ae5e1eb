"""Telegram Bot API: updates as a webhook sends them or getUpdates hands them out, one update a payload.

A chat's key is the Bot API's id, which is also the key that Telegram Desktop's export gets, so live messages and
imported history meet.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from qunying.connectors.importers.whys import NO_SENDER
from qunying.connectors.incoming import Act, Chat, Entry, Form, Person, Unknown
from qunying.connectors.live import telegram_deeds
from qunying.connectors.live.connector import (
    MEGABYTE,
    Ability,
    Asked,
    Basis,
    Ceiling,
    Check,
    Connector,
    Fallback,
    Field,
    Heard,
    Knock,
    Longest,
    Means,
    Payload,
    Rate,
    Reached,
    Source,
    Unsigned,
    per_picture,
)
from qunying.connectors.live.images import Pictures
from qunying.connectors.live.telegram_deeds import HOST, url
from qunying.connectors.live.wire import Keys, Wire
from qunying.kit.errors import Invalid, Upstream

ASKED = [
    "message",
    "edited_message",
    "chat_member",
    "my_chat_member",
    "message_reaction",
    "chat_join_request",
]
"""Kinds of updates we ask for; chat_member and message_reaction come only to those who name them."""
WAIT_SECONDS = 5
Record = Mapping[str, Any]

FORMS: tuple[tuple[str, Form], ...] = (
    ("photo", "image"),
    ("animation", "image"),
    ("sticker", "sticker"),
    ("video", "video"),
    ("video_note", "video"),
    ("voice", "audio"),
    ("audio", "audio"),
    ("document", "file"),
    ("poll", "poll"),
    ("location", "location"),
    ("contact", "card"),
)
INSIDE = {"member", "administrator", "creator", "restricted"}


def decode(body: bytes, _heard_at: int) -> Iterator[Entry]:
    """The entries of one update; kinds that say nothing of members yield none."""
    update: Record = msgspec.json.decode(body)
    message = update.get("message") or update.get("edited_message")
    if message:
        yield from _message(message)
    elif "chat_member" in update:
        yield from _moved(update["chat_member"])
    elif "message_reaction" in update:
        yield from _reacted(update["message_reaction"])


def _chat(record: Record) -> Chat:
    kind = {"private": "dm", "channel": "channel"}.get(record["type"], "group")
    return Chat(str(record["id"]), record.get("title", ""), "telegram", kind)  # type: ignore[arg-type]  # three of them


def _person(record: Record) -> Person:
    name = " ".join(filter(None, (record.get("first_name"), record.get("last_name"))))
    alias = record.get("username", "")
    return Person(
        f"user{record['id']}",
        "telegram.user",
        "",
        str(record["id"]),
        name or alias,
        aliases=(alias,) if alias else (),
        is_bot=bool(record.get("is_bot")),
    )


def _speaker(message: Record) -> Person | None:
    """Who speaks; an anonymous admin speaks as the chat itself and is staff."""
    voice = message.get("sender_chat")
    if voice:
        number = str(voice["id"]).removeprefix("-100")
        own = voice["id"] == message["chat"]["id"]
        return Person(
            f"channel{number}", "telegram.channel", "", number, voice.get("title", ""), is_staff=own
        )
    return _person(message["from"]) if "from" in message else None


def _message(message: Record) -> Iterator[Entry]:
    who = _speaker(message)
    yield _chat(message["chat"])
    if who is None:
        yield Unknown(0, str(message.get("message_id")), NO_SENDER)
        return
    yield who
    at, id_ = message["date"] * 1000, str(message["message_id"])
    if "new_chat_members" in message:
        for comer in message["new_chat_members"]:
            yield from _joined(_person(comer), who, at)
    elif "left_chat_member" in message:
        yield from _left(_person(message["left_chat_member"]), who, at)
    elif "pinned_message" in message:
        yield Act("pin", at, who.ref, id=id_, target=str(message["pinned_message"]["message_id"]))
    elif (form := _form(message)) is not None:
        edited = message.get("edit_date")
        yield Act(
            "message",
            at,
            who.ref,
            id=id_,
            text=_text(message),
            form=form,
            target=str((message.get("reply_to_message") or {}).get("message_id", "")),
            edited_at=edited * 1000 if edited else None,
        )
    else:
        yield Act("notice", at, who.ref, id=id_)


def _joined(comer: Person, by: Person, at: int) -> Iterator[Entry]:
    yield comer
    invited = by.ref if by.ref != comer.ref else ""
    yield Act("join", at, comer.ref, other=invited, source="invite_members" if invited else "")


def _left(goer: Person, by: Person, at: int) -> Iterator[Entry]:
    yield goer
    if by.ref == goer.ref:
        yield Act("leave", at, goer.ref)
    else:
        yield Act("remove", at, goer.ref, other=by.ref)


def _text(message: Record) -> str:
    poll = message.get("poll")
    return str(poll["question"]) if poll else str(message.get("text") or message.get("caption") or "")


def _form(message: Record) -> Form | None:
    """What kind of message it is; None for a service message that speaks of no member."""
    for field, form in FORMS:
        if field in message:
            return form
    return "text" if "text" in message else None


def _moved(change: Record) -> Iterator[Entry]:
    """Somebody's standing in the chat changed; only coming and going are facts."""
    old, new = change["old_chat_member"], change["new_chat_member"]
    was, is_ = _inside(old), _inside(new)
    if was == is_:
        return
    yield _chat(change["chat"])
    by, who = _person(change["from"]), _person(new["user"])
    yield by
    at = change["date"] * 1000
    if is_:
        link = change.get("invite_link") or {}
        yield who
        invited = by.ref if by.ref != who.ref and not link else ""
        yield Act("join", at, who.ref, other=invited, source=link.get("name", ""))
    else:
        yield from _left(who, by, at)


def _inside(standing: Record) -> bool:
    return standing["status"] in INSIDE and standing.get("is_member", True)


def _reacted(change: Record) -> Iterator[Entry]:
    voice = change.get("user")
    if voice is None:
        return
    who = _person(voice)
    yield _chat(change["chat"])
    yield who
    old, new = (_emojis(change[side]) for side in ("old_reaction", "new_reaction"))
    at, target = change["date"] * 1000, str(change["message_id"])
    for emoji in new:
        if emoji not in old:
            yield Act("reaction", at, who.ref, target=target, emoji=emoji)
    for emoji in old:
        if emoji not in new:
            yield Act("unreaction", at, who.ref, target=target, emoji=emoji)


def _emojis(reactions: Iterable[Record]) -> list[str]:
    return [str(each.get("emoji") or each.get("custom_emoji_id") or each["type"]) for each in reactions]


def hook(_keys: Keys, knock: Knock) -> Heard:
    """One update, if it carries the secret we gave Telegram with the address."""
    given = knock.headers.get("x-telegram-bot-api-secret-token", "")
    if not hmac.compare_digest(given.encode(), secret(knock.door).encode()):
        raise Unsigned("connectors.bad_signature")
    return Heard((_payload(knock.body),))


def secret(door: str) -> str:
    return hashlib.sha256(f"telegram {door}".encode()).hexdigest()


def _payload(body: bytes) -> Payload:
    try:
        number = msgspec.json.decode(body)["update_id"]
    except (msgspec.DecodeError, TypeError, KeyError):
        return Payload(hashlib.sha256(body).hexdigest(), body)  # kept all the same, and shown as unreadable
    return Payload(f"#{number}", body)


def ask(wire: Wire, position: str) -> Asked:
    """Updates after the position. Asking with the next position tells Telegram to forget those before."""
    told = _call(
        wire,
        "getUpdates",
        {"offset": int(position or 0), "timeout": WAIT_SECONDS, "allowed_updates": ASKED},
        seconds=WAIT_SECONDS + 5,
    )
    updates = list(told)
    payloads = tuple(Payload(f"#{each['update_id']}", msgspec.json.encode(each)) for each in updates)
    return Asked(payloads, str(updates[-1]["update_id"] + 1) if updates else position)


def check(wire: Wire) -> Iterator[Check]:
    """Does the token work, and does the bot hear every message?"""
    try:
        me = _call(wire, "getMe", {})
    except (Upstream, Invalid):
        yield Check(_("机器人令牌"), False, _("Telegram 不认这个令牌，请向 @BotFather 重新获取。"))
        return
    yield Check(_("机器人令牌"), True, f"@{me.get('username', me['id'])}")
    reads = bool(me.get("can_read_all_group_messages"))
    how = _("请在 @BotFather 关闭隐私模式（/setprivacy → Disable），或把机器人设为群管理员。")
    yield Check(_("读取全部消息"), reads, "" if reads else how)


def _call(wire: Wire, name: str, params: Record, *, seconds: float = 10.0) -> Any:
    answer = wire.call("POST", url(wire, name), json=params, seconds=seconds)
    told = msgspec.json.decode(answer.content)
    if not told["ok"]:
        raise Invalid(
            "connectors.platform_said_no", platform="Telegram", words=str(told.get("description"))[:200]
        )
    return told["result"]


_CHECKED = dt.date(2026, 11, 1)
_SOURCE = Source(
    "core.telegram.org/bots/faq",
    _CHECKED,
    _("平台规定每秒约 30 次、每个群每分钟 20 条，留有余地"),
    Basis.RECALLED,
)
PICTURES = Pictures(bytes=10 * MEGABYTE, sides=10_000, ratio=20, letters=1024)
TELEGRAM = Connector(
    key="telegram",
    label="Telegram",
    platform="telegram",
    fields=(
        Field(
            "token",
            _("机器人令牌"),
            _("向 @BotFather 发送 /newbot 后得到，形如 123456:ABC-DEF。"),
            is_secret=True,
            pattern=r"\d+:[\w-]{5,100}",
        ),
    ),
    abilities={
        "hear.messages": Ability(Means.DIRECT, _("能看到群里的消息（需关闭隐私模式或设为管理员）")),
        "hear.moves": Ability(Means.DIRECT, _("能看到入群和退群（机器人须为管理员）")),
        "hear.reactions": Ability(Means.DIRECT, _("能看到表情回应（机器人须为管理员）")),
        "history": Ability(Means.NONE, _("机器人读不到历史消息，请用导出文件导入"), Fallback.TASK),
        "message.create": Ability(Means.DIRECT, _("可以直接发群消息")),
        "message.picture": Ability(Means.DIRECT, _("可以带图片，文字最多 1024 字")),
        "message.delete": Ability(Means.DIRECT, _("可以撤回消息（机器人须为管理员）")),
        "message.pin": Ability(Means.DIRECT, _("可以置顶消息（机器人须为管理员）")),
        "member.mute": Ability(Means.DIRECT, _("可以禁言（机器人须为管理员）")),
        "member.kick": Ability(Means.DIRECT, _("可以移出群（机器人须为管理员）")),
        "member.request.approve": Ability(Means.DIRECT, _("可以通过入群申请（机器人须为管理员）")),
    },
    hosts=(HOST,),
    account=lambda keys: keys["token"].partition(":")[0],
    decode=decode,
    check=check,
    hook=hook,
    ask=ask,
    perform=telegram_deeds.perform,
    rates=(
        Rate("account", 25, 1, _SOURCE),
        Rate("group", 18, 60, _SOURCE, op="message.create"),
    ),
    pictures=PICTURES,
    longest=Longest(4096, "letters", Source("core.telegram.org/bots/api sendMessage", _CHECKED)),
    ceilings=(
        per_picture(
            PICTURES,
            Source(
                "core.telegram.org/bots/api sendPhoto",
                _CHECKED,
                _("长宽合计不超过 10000 像素，长边不超过短边的 20 倍；带图片时文字最多 1024 字"),
            ),
        ),
        Ceiling(
            _("断线期间的消息保留多久"),
            24,
            _("小时"),
            _("按账号"),
            Reached.GONE,
            Source("core.telegram.org/bots/api getUpdates", _CHECKED, basis=Basis.RECALLED),
        ),
    ),
)
