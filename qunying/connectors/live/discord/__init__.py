"""Discord: a bot that hears over the gateway and speaks over REST."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib

from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.connector import (
    MEGABYTE,
    Ability,
    Basis,
    Connector,
    Fallback,
    Field,
    Longest,
    Means,
    Rate,
    Source,
    per_picture,
)
from qunying.connectors.live.discord.doing import check, perform
from qunying.connectors.live.discord.past import history
from qunying.connectors.live.discord.reading import decode
from qunying.connectors.live.discord.rest import HOST
from qunying.connectors.live.discord.talking import talk
from qunying.connectors.live.images import Pictures
from qunying.connectors.live.wire import Keys


def account(keys: Keys) -> str:
    """The bot's number, which is the first part of its token."""
    first = keys["token"].partition(".")[0]
    try:
        number = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        number = ""
    return number if number.isdigit() else hashlib.sha256(first.encode()).hexdigest()[:16]


_CHECKED = dt.date(2026, 11, 1)
_LIMITS = "discord.com/developers/docs/topics/rate-limits"
_ALL = Source(_LIMITS, _CHECKED, _("平台规定每秒 50 次，留有余地；平台另有要求时照办"))
_ONE = Source(_LIMITS, _CHECKED, _("平台不公布，每次回答里说明还剩几次；平台另有要求时照办"), Basis.RECALLED)
PICTURES = Pictures(bytes=10 * MEGABYTE, total=24 * MEGABYTE)
DISCORD = Connector(
    key="discord",
    label="Discord",
    platform="discord",
    fields=(
        Field(
            "token",
            _("机器人令牌"),
            _("开发者后台（discord.com/developers）应用的 Bot 页，点 Reset Token 后得到。"),
            is_secret=True,
            pattern=r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}",
        ),
    ),
    abilities={
        "hear.messages": Ability(Means.DIRECT, _("能看到频道里的消息（需打开 Message Content Intent）")),
        "hear.moves": Ability(
            Means.DIRECT, _("能看到加入和离开（需打开 Server Members Intent）；离开和被移出分不清")
        ),
        "hear.reactions": Ability(Means.DIRECT, _("能看到表情回应")),
        "history": Ability(
            Means.DIRECT, _("断线期间漏掉的会自动补取；更早的可在接入页补取，直到频道的第一条")
        ),
        "message.create": Ability(Means.DIRECT, _("可以直接发频道消息，最长 2000 字")),
        "message.picture": Ability(Means.DIRECT, _("可以带图片，和文字在一条消息里（需 Attach Files 权限）")),
        "message.delete": Ability(Means.DIRECT, _("可以删除消息（他人的需 Manage Messages 权限）")),
        "message.pin": Ability(Means.DIRECT, _("可以置顶消息（需 Pin Messages 权限）")),
        "reaction.create": Ability(Means.DIRECT, _("可以加表情回应")),
        "member.mute": Ability(Means.DIRECT, _("可以禁言，最长 28 天（需 Timeout Members 权限）")),
        "member.kick": Ability(Means.DIRECT, _("可以移出服务器（需 Kick Members 权限）")),
        "member.request.approve": Ability(Means.NONE, _("没有入群申请可以通过"), Fallback.SKIP),
        "space.notice.set": Ability(Means.NONE, _("没有群公告，请改用置顶消息"), Fallback.TASK),
    },
    hosts=(HOST, ".discord.gg"),
    account=account,
    decode=decode,
    check=check,
    talk=talk,
    perform=perform,
    history=history,
    dedupes=frozenset({"message.create"}),
    dedupe_seconds=120,
    rates=(
        Rate("account", 40, 1, _ALL),
        Rate("group", 4, 5, _ONE, op="message.create"),
    ),
    pictures=PICTURES,
    ceilings=(
        per_picture(
            PICTURES,
            Source(
                "discord.com/developers/docs/reference#uploading-files",
                _CHECKED,
                _("平台规定整个请求 25 MB，留有余地"),
                Basis.RECALLED,
            ),
        ),
    ),
    longest=Longest(2000, "letters", Source("discord.com/developers/docs/resources/message", _CHECKED)),
)
