"""What Discord is told to do, over REST."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson
from django.utils.translation import gettext as _

from qunying.connectors.live.connector import Action, Check
from qunying.connectors.live.discord.rest import HOST, call, request, said, used_up_for
from qunying.connectors.live.wire import KeyRefused, LostError, Wire
from qunying.kit.errors import Invalid, Upstream
from qunying.outbox.outcomes import Outcome, Result

Record = Mapping[str, Any]
LONGEST_MUTE = 28 * 86_400 - 60
NONCE = 25
"""Characters of a nonce at most."""
FEW = 5
"""Fewer sessions left than this for today is worth a word."""


def _create(_wire: Wire, to: Action) -> tuple[str, str, object]:
    """Nobody is called by @everyone or a role unless a person does it; the nonce keeps it from being said twice."""
    answers = {"message_id": to.target, "fail_if_not_exists": False}
    names = [(number, image.name(number + 1)) for number, image in enumerate(to.images)]
    return (
        "POST",
        f"/channels/{to.chat}/messages",
        {
            "content": to.params["text"],
            "nonce": to.wire[:NONCE],
            "enforce_nonce": True,
            "allowed_mentions": {"parse": ["users"]},
            **({"message_reference": answers} if to.target else {}),
            **({"attachments": [{"id": id_, "filename": name} for id_, name in names]} if names else {}),
        },
    )


def _react(_wire: Wire, to: Action) -> tuple[str, str, object]:
    emoji = quote(str(to.params["emoji"]), safe="")
    return "PUT", f"/channels/{to.chat}/messages/{to.target}/reactions/{emoji}/@me", None


def _mute(wire: Wire, to: Action) -> tuple[str, str, object]:
    until = dt.datetime.fromtimestamp(min(float(to.params["until"]), time.time() + LONGEST_MUTE), dt.UTC)
    body = {"communication_disabled_until": until.isoformat(timespec="seconds")}
    return "PATCH", f"/guilds/{_server(wire, to.chat)}/members/{to.target}", body


def _kick(wire: Wire, to: Action) -> tuple[str, str, object]:
    return "DELETE", f"/guilds/{_server(wire, to.chat)}/members/{to.target}", None


def _server(wire: Wire, channel: str) -> str:
    """The server the channel belongs to."""
    key = f"server of {channel}"
    if key not in wire.memory:
        wire.memory[key] = str(call(wire, "GET", f"/channels/{channel}")["guild_id"])
    return str(wire.memory[key])


DOES: Mapping[str, Callable[[Wire, Action], tuple[str, str, object]]] = {
    "message.create": _create,
    "message.delete": lambda _wire, to: ("DELETE", f"/channels/{to.chat}/messages/{to.target}", None),
    "message.pin": lambda _wire, to: ("PUT", f"/channels/{to.chat}/messages/pins/{to.target}", None),
    "reaction.create": _react,
    "member.mute": _mute,
    "member.kick": _kick,
}


def perform(wire: Wire, action: Action) -> Outcome:
    """One call, unless Discord said that the route is used up."""
    method, path, body = DOES[action.op](wire, action)
    wait = used_up_for(wire, method, path)
    if wait:
        return Outcome(Result.THROTTLED, retry_seconds=wait, code="route")
    answer = request(wire, method, path, json=body, images=action.images)
    if answer.status_code >= 500:
        raise LostError("connectors.no_answer", host=HOST)
    if answer.status_code == 429:
        return _too_many(answer.content, answer.headers)
    if answer.status_code == 401:
        raise KeyRefused("connectors.token_refused", platform="Discord")
    if answer.status_code >= 400:
        code, words = said(answer)
        return Outcome(Result.REJECTED, code=code, words=words)
    made = orjson.loads(answer.content) if answer.content else {}
    return Outcome(Result.SENT, ids=(str(made["id"]),) if action.op == "message.create" else ())


def _too_many(body: bytes, headers: Mapping[str, str]) -> Outcome:
    """The reason says whose limit it was: ours everywhere, ours here, or everybody's."""
    try:
        wait = float(orjson.loads(body)["retry_after"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        wait = float(headers.get("retry-after") or 1)
    scope = headers.get("x-ratelimit-scope", "")
    is_wide = scope == "global"
    return Outcome(Result.THROTTLED, retry_seconds=wait, is_account_wide=is_wide, code="429", words=scope)


def check(wire: Wire) -> Iterator[Check]:
    """Does the token work, may the bot see members and words, and is it anywhere?"""
    try:
        me = call(wire, "GET", "/users/@me")
    except Upstream:
        yield Check(_("连接"), False, _("现在连不上 Discord，请检查服务器能否访问 discord.com。"))
        return
    except Invalid:
        yield Check(
            _("机器人令牌"),
            False,
            _("Discord 不认这个令牌，请在开发者后台的 Bot 页重新生成（Reset Token）。"),
        )
        return
    yield Check(_("机器人令牌"), True, str(me["username"]))
    flags = int(call(wire, "GET", "/applications/@me").get("flags") or 0)
    yield Check(
        _("读取消息内容"),
        bool(flags & (1 << 18 | 1 << 19)),
        _("请在开发者后台的 Bot 页打开 Message Content Intent。"),
    )
    yield Check(
        _("读取加入和离开"),
        bool(flags & (1 << 14 | 1 << 15)),
        _("请在开发者后台的 Bot 页打开 Server Members Intent。"),
    )
    servers = call(wire, "GET", "/users/@me/guilds")
    yield Check(_("所在的服务器"), bool(servers), _("{count} 个").format(count=len(servers)))
    left = int(call(wire, "GET", "/gateway/bot")["session_start_limit"]["remaining"])
    yield Check(_("今天还能重新连接的次数"), left > FEW, str(left))
