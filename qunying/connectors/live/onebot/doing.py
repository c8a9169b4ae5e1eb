"""What OneBot is told to do, over the socket that hears."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.utils.translation import gettext as _

from qunying.connectors.live.connector import Action, Check
from qunying.connectors.live.images import SECONDS, Image
from qunying.connectors.live.onebot.reading import words_of
from qunying.connectors.live.onebot.talking import dial, name_of
from qunying.connectors.live.sockets import Socket, batches
from qunying.connectors.live.wire import LostError, Wire
from qunying.kit.errors import Upstream
from qunying.outbox.outcomes import Outcome, Result

Record = Mapping[str, Any]
ANSWER_SECONDS = 30.0
LONGEST_MUTE = 30 * 86_400 - 60
SLACK_MS = 60_000
"""How far the platform's clock may be from ours when we look for what we said."""
UNKNOWN_ACTION = "1404"


def _said(to: Action) -> Record:
    words = {"type": "text", "data": {"text": to.params["text"]}}
    answers = [{"type": "reply", "data": {"id": to.target}}] if to.target else []
    pictures = [{"type": "image", "data": {"file": f"base64://{_plain(image)}"}} for image in to.images]
    return {"group_id": int(to.chat), "message": [*answers, words, *pictures]}


def _plain(image: Image) -> str:
    return base64.b64encode(image.data).decode()


def _muted(to: Action) -> Record:
    seconds = min(LONGEST_MUTE, max(60, int(to.params["until"] - time.time())))
    return {"group_id": int(to.chat), "user_id": int(to.target), "duration": seconds}


DOES: Mapping[str, tuple[str, Callable[[Action], Record]]] = {
    "message.create": ("send_group_msg", _said),
    "message.delete": ("delete_msg", lambda to: {"message_id": int(to.target)}),
    "message.pin": ("set_essence_msg", lambda to: {"message_id": int(to.target)}),
    "member.mute": ("set_group_ban", _muted),
    "member.kick": (
        "set_group_kick",
        lambda to: {"group_id": int(to.chat), "user_id": int(to.target), "reject_add_request": False},
    ),
    "member.request.approve": (
        "set_group_add_request",
        lambda to: {"flag": to.target, "sub_type": "add", "approve": True},
    ),
}
"""How an action is said to OneBot. A request is named by its flag, a message by OneBot's own id."""


def perform(wire: Wire, action: Action) -> Outcome:
    """OneBot takes no idempotency key, so an answer that does not come leaves it unknown."""
    name, params = DOES[action.op]
    seconds = SECONDS if action.images else ANSWER_SECONDS
    answer = _socket(wire).ask({"action": name, "params": params(action)}, seconds=seconds)
    if answer.get("status") == "async":
        return Outcome(Result.ACCEPTED)
    if answer.get("status") == "ok":
        made = (answer.get("data") or {}).get("message_id")
        return Outcome(Result.SENT, ids=() if made is None else (str(made),))
    code = str(answer.get("retcode", ""))
    words = str(answer.get("wording") or answer.get("message") or "")
    if code == UNKNOWN_ACTION:
        return Outcome(Result.UNSUPPORTED, code=code, words=words)
    if action.op == "message.create" and ("timeout" in words.lower() or "超时" in words):
        return Outcome(
            Result.UNKNOWN, code=code, words=words
        )  # QQ did not answer its client, which may have sent it
    return Outcome(Result.REJECTED, code=code, words=words)


def _socket(wire: Wire) -> Socket:
    socket: Socket | None = wire.memory.get("socket")
    if socket is None:
        raise Upstream("connectors.no_socket")
    return socket


def look(wire: Wire, action: Action, since: int) -> Sequence[str]:
    """Our own messages with these words, in what the implementation still has of the group."""
    if action.op != "message.create":
        return ()
    question = {"action": "get_group_msg_history", "params": {"group_id": int(action.chat), "count": 50}}
    answer = _socket(wire).ask(question, seconds=ANSWER_SECONDS)
    said = (answer.get("data") or {}).get("messages") or ()
    return [str(each["message_id"]) for each in said if _is_ours(each, wire, action, since)]


def _is_ours(message: Record, wire: Wire, action: Action, since: int) -> bool:
    sender = message.get("user_id") or (message.get("sender") or {}).get("user_id")
    if str(sender) != wire.keys["number"] or int(message["time"]) * 1000 < since - SLACK_MS:
        return False
    return " ".join(words_of(message).split()) == " ".join(str(action.params["text"]).split())


def check(wire: Wire) -> Iterator[Check]:
    """Is it the account that is connected, and is it online? Where the other side connects to us, only it can be told
    where to."""
    if not wire.keys.get("address"):
        yield Check(
            _("等待对方连接"),
            True,
            _(
                "请在对方的“WebSocket 客户端（反向）”里填写接入页上的地址和访问令牌；收到消息后这里会显示时间。"
            ),
        )
        return
    try:
        told = _asked(wire, ("get_login_info", "get_status", "get_group_list"))
    except Upstream:
        yield Check(
            _("连接"), False, _("连不上，请核对地址和访问令牌，并确认对方已开启“WebSocket 服务器（正向）”。")
        )
        return
    account = str((told["get_login_info"].get("data") or {}).get("user_id", ""))
    yield Check(_("连接"), True, name_of(wire))
    yield Check(
        _("登录的账号"),
        account == wire.keys["number"],
        account if account == wire.keys["number"] else _("对方登录的是另一个 QQ 号，请核对。"),
    )
    online = (told["get_status"].get("data") or {}).get("online") is True
    yield Check(_("在线"), online, "" if online else _("这个 QQ 号已掉线，请到对方界面重新登录。"))
    groups = told["get_group_list"].get("data") or ()
    yield Check(_("所在的群"), bool(groups), _("{count} 个").format(count=len(groups)))


def _asked(wire: Wire, actions: Sequence[str]) -> dict[str, Record]:
    """The answers to questions without parameters, over a socket of its own."""
    answers: dict[str, Record] = {}
    until = threading.Event()
    with dial(wire) as line:
        for name in actions:
            line.send(orjson.dumps({"action": name, "params": {}, "echo": name}).decode())
        end = time.monotonic() + 10
        for frames in batches(line, until):
            for told in map(orjson.loads, frames):
                answers |= {told["echo"]: told} if told.get("echo") in actions else {}
            if len(answers) == len(actions):
                return answers
            if time.monotonic() > end:
                break
    raise LostError("connectors.no_answer", host=name_of(wire))
