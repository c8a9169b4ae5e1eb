"""Matrix: an application service of the operator's own homeserver.

The homeserver pushes what happens in the rooms our user is in, and only in those; whoever wants a room heard invites
it there, and then gets the list of members too. Services of a homeserver cannot ask what is new: all comes by push.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from qunying.connectors.live import matrix_deeds
from qunying.connectors.live.connector import (
    MEGABYTE,
    Ability,
    Basis,
    Check,
    Connector,
    Field,
    Heard,
    Knock,
    Longest,
    Means,
    Payload,
    Rate,
    Source,
    Unsigned,
)
from qunying.connectors.live.images import Pictures
from qunying.connectors.live.matrix_events import decode, relate
from qunying.connectors.live.matrix_line import look, prepare, say, server, service_id, settle_in
from qunying.connectors.live.matrix_past import history
from qunying.connectors.live.wire import Keys, Wire
from qunying.kit.errors import Invalid, Upstream
from qunying.kit.safe_hosts import look_outside

JSON = "application/json"
PREFIX = "_matrix/app/v1/"
NOBODY = b'{"errcode":"M_NOT_FOUND","error":"not ours"}'
STRANGE = b'{"errcode":"M_UNRECOGNIZED","error":"unknown endpoint"}'


class Push(msgspec.Struct):
    """What the homeserver pushes at a time."""

    parts: list[msgspec.Raw] = msgspec.field(name="events")


class Part(msgspec.Struct):
    """What happened, by its own name."""

    key: str = msgspec.field(name="event_id")


def hook(keys: Keys, knock: Knock) -> Heard:
    """What the homeserver pushes or asks, if it carries the token we gave it."""
    bearer = knock.headers.get("authorization", "").removeprefix("Bearer ")
    given = bearer or knock.query.get("access_token", "")  # homeservers before 2023 say it in the address
    if not hmac.compare_digest(given.encode(), keys["hs_token"].encode()):
        raise Unsigned("connectors.bad_signature")
    kind, _slash, name = knock.path.removeprefix(PREFIX).partition("/")
    if (knock.method, kind) == ("PUT", "transactions") and name:
        return Heard(tuple(_payloads(knock.body)), b"{}", JSON)
    if (knock.method, kind) == ("POST", "ping"):
        return Heard((), b"{}", JSON)
    return Heard((), NOBODY if kind in ("users", "rooms") else STRANGE, JSON, status=404)


def _payloads(body: bytes) -> Iterator[Payload]:
    """Each event by itself, under its own id; a homeserver that pushes it again changes nothing."""
    try:
        parts = msgspec.json.decode(body, type=Push).parts
        yield from [Payload(msgspec.json.decode(each, type=Part).key, bytes(each)) for each in parts]
    except msgspec.DecodeError:
        yield Payload(hashlib.sha256(body).hexdigest(), body)  # kept all the same, and shown as unreadable


def follow(wire: Wire, payload: Payload) -> Iterator[Payload]:
    """Accept an invitation of our own homeserver's people, and bring the members of the room we came into. Fails aloud
    when the homeserver does not answer, so that it pushes the invitation again."""
    if b'"invite"' not in payload.body:
        return
    event = msgspec.json.decode(payload.body)
    own = wire.keys["user"]
    is_ours = event.get("type") == "m.room.member" and event.get("state_key") == own
    if not is_ours or event["content"].get("membership") != "invite":
        return
    if server(event["sender"]) != server(own):
        return  # people of other homeservers cannot call us into theirs
    settle_in(wire)
    if prepare(wire, "POST", "join", event["room_id"], seconds=50).is_good:
        yield _roster(wire, event["room_id"])


def _roster(wire: Wire, room: str) -> Payload:
    members = look(wire, "rooms", room, "joined_members").told.get("joined") or {}
    name = look(wire, "rooms", room, "state", "m.room.name", "").told.get("name") or ""
    body = msgspec.json.encode({"room_id": room, "name": name, "joined": members})
    return Payload(f"roster {hashlib.sha256(body).hexdigest()}", body)


def check(wire: Wire) -> Iterator[Check]:
    """Does the homeserver know us, and does what it pushes arrive?"""
    reached = _("主服务器")
    try:
        look(wire, "account", "whoami")
    except Upstream as error:
        yield Check(
            reached, False, _("连不上 {host}，请核对地址和网络。").format(host=error.details.get("host"))
        )
        return
    except Invalid:
        yield Check(reached, False, _("这个地址在内部网络里，请管理员把它写进 QUNYING_PRIVATE_HOSTS。"))
        return
    yield Check(reached, True, wire.keys["homeserver"])
    try:
        settle_in(wire)
        known = look(wire, "account", "whoami").told.get("user_id") == wire.keys["user"]
    except (Upstream, Invalid):
        known = False
    yield Check(
        _("应用服务注册"),
        known,
        wire.keys["user"]
        if known
        else _(
            "主服务器还不认识群英，请把注册文件放到主服务器上，写进 app_service_config_files，然后重启它。"
        ),
    )
    if known:
        yield _pushes(wire)
        rooms = look(wire, "joined_rooms").told.get("joined_rooms") or []
        yield Check(
            _("已加入的房间"),
            bool(rooms),
            str(len(rooms)) if rooms else _("请在要接入的房间里邀请 {user}。").format(user=wire.keys["user"]),
        )


def _pushes(wire: Wire) -> Check:
    """The homeserver is asked to knock at our door, which also ends its waiting after an outage of ours."""
    label = _("消息推送")
    try:
        said = say(
            wire, "POST", "appservice", service_id(wire.door), "ping", body={}, version="v1", seconds=30
        )
    except Upstream:
        return Check(label, False, _("主服务器没有回答，请稍后再查。"))
    if said.is_good:
        return Check(label, True, f"{said.told.get('duration_ms', 0)} ms")
    return Check(
        label,
        False,
        _("主服务器推送不到群英，请核对注册文件里的 url，主服务器必须能访问它。") + f" {said.code}",
    )


def registration(keys: Keys, url: str, door: str) -> str:
    """The file the homeserver needs to know us; `url` is the connection's own address."""
    quoted = {name: msgspec.json.encode(text).decode() for name, text in keys.items()}
    local = keys["user"].removeprefix("@").partition(":")[0]
    regex = "@" + "".join(rf"\{each}" if each in ".+" else each for each in keys["user"].removeprefix("@"))
    lines = (
        f"id: {service_id(door)}",
        f"url: {msgspec.json.encode(url.rstrip('/')).decode()}",
        f"as_token: {quoted['as_token']}",
        f"hs_token: {quoted['hs_token']}",
        f"sender_localpart: {msgspec.json.encode(local).decode()}",
        "rate_limited: false",
        "namespaces:",
        "  users:",
        "    - exclusive: true",
        f"      regex: {msgspec.json.encode(regex).decode()}",
        "  aliases: []",
        "  rooms: []",
    )
    return "\n".join(lines) + "\n"


def account(keys: Keys) -> str:
    """Our user on the homeserver, whose address must lie outside or be the install's own."""
    look_outside(keys["homeserver"], own={*settings.PRIVATE_HOSTS, *settings.SIMULATORS})
    return keys["user"]


_TOKEN = r"[A-Za-z0-9._~-]{20,200}"  # noqa: S105  # a pattern
_CHECKED = dt.date(2026, 11, 1)
MATRIX = Connector(
    key="matrix",
    label="Matrix",
    platform="matrix",
    fields=(
        Field(
            "homeserver",
            _("主服务器地址"),
            _("形如 https://matrix.example.org，不带路径。"),
            pattern=r"https?://[^/?#\s]+/?",
        ),
        Field(
            "user",
            _("群英在主服务器上的账号"),
            _("形如 @qunying:example.org，不需要事先注册。"),
            pattern=r"@[a-z0-9._=+-]+:[A-Za-z0-9.:-]+",
        ),
        Field(
            "as_token",
            _("应用服务令牌（as_token）"),
            _("留空则自动生成。"),
            is_secret=True,
            is_made=True,
            pattern=_TOKEN,
        ),
        Field(
            "hs_token",
            _("主服务器令牌（hs_token）"),
            _("留空则自动生成。"),
            is_secret=True,
            is_made=True,
            pattern=_TOKEN,
        ),
    ),
    abilities={
        "hear.messages": Ability(Means.DIRECT, _("能看到已加入房间的消息（加密房间只见条数）")),
        "hear.moves": Ability(Means.DIRECT, _("能看到进房、退房和被移出")),
        "hear.reactions": Ability(Means.DIRECT, _("能看到表情回应和撤回")),
        "history": Ability(Means.DIRECT, _("进房之前的消息可在接入页补取，房间设置不让看的除外")),
        "message.create": Ability(Means.DIRECT, _("可以直接发消息，断线重试也不会重复")),
        "message.picture": Ability(Means.DIRECT, _("可以带图片，每张是文字之后单独的一条消息")),
        "reaction.create": Ability(Means.DIRECT, _("可以加表情回应")),
        "message.delete": Ability(Means.DIRECT, _("可以撤回消息（删别人的需要管理权限）")),
        "message.pin": Ability(Means.DIRECT, _("可以置顶消息（需要管理权限）")),
        "poll.create": Ability(Means.DIRECT, _("可以发起投票")),
        "member.mute": Ability(Means.DIRECT, _("可以禁言（需要管理员权限，不会到期自动解除）")),
        "member.unmute": Ability(Means.DIRECT, _("可以解除禁言（需要管理员权限）")),
        "member.kick": Ability(Means.DIRECT, _("可以移出房间（需要管理权限）")),
        "member.ban": Ability(Means.DIRECT, _("可以移出并不许再进（需要管理权限）")),
    },
    hosts=(),
    homes=("homeserver",),
    account=account,
    decode=decode,
    relate=relate,
    check=check,
    hook=hook,
    follow=follow,
    setup_file=registration,
    perform=matrix_deeds.perform,
    history=history,
    dedupes=matrix_deeds.DEDUPES,
    pictures=Pictures(),
    longest=Longest(
        60_000,
        "bytes",
        Source("spec.matrix.org", _CHECKED, _("平台规定整条数据 65536 字节，留有余地"), Basis.RECALLED),
    ),
    rates=(
        Rate(
            "account",
            10,
            1,
            Source(_("本系统实测"), _CHECKED, _("Synapse 1.163.2 一个房间能接受的一半"), Basis.OURS),
        ),
    ),
    largest=8 * MEGABYTE,
)
