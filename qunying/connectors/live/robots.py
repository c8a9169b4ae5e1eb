"""What the custom robots of Feishu and DingTalk have in common: an address for one group, that hears nothing.

Neither takes an idempotency key nor tells a message's number, so an answer that does not come leaves a message unknown.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec
from django.utils.translation import gettext_lazy as _

from qunying.connectors.incoming import Entry
from qunying.connectors.live.connector import Ability, Check, Fallback, Means
from qunying.connectors.live.wire import Keys
from qunying.kit.refusals import Text
from qunying.outbox.outcomes import Outcome, Result

LARGEST = 20_000
"""Bytes of one request."""
LONGEST_BYTES = 19_000
"""Of the text, with room for what stands around it."""
LONGEST_WORDS = _("平台规定一次请求 20 KB，留有余地")
SECRET_HINT = _("在机器人的安全设置里选“加签”或“签名校验”后得到；没有启用则留空。")
ABILITIES: Mapping[str, Ability] = {
    "hear.messages": Ability(
        Means.NONE, _("群机器人收不到群消息，请在接入页手工绑定它所在的群"), Fallback.SKIP
    ),
    "hear.moves": Ability(Means.NONE, _("看不到入群和退群，请用导出文件导入"), Fallback.TASK),
    "history": Ability(Means.NONE, _("读不到历史消息，请用导出文件导入"), Fallback.TASK),
    "message.create": Ability(Means.DIRECT, _("可以直接发群消息（一个机器人对应一个群）")),
    "message.picture": Ability(Means.NONE, _("不能发图片：只发文字，图片请由群主手动补发"), Fallback.SKIP),
    "message.delete": Ability(Means.NONE, _("不能撤回，请由群主手动删除"), Fallback.TASK),
    "message.pin": Ability(Means.NONE, _("不能置顶，请由群主手动置顶"), Fallback.TASK),
    "member.kick": Ability(Means.NONE, _("不能移出群，请由群主手动处理"), Fallback.TASK),
    "member.mute": Ability(Means.NONE, _("不能禁言，请由群主手动处理"), Fallback.TASK),
}


def key_of(keys: Keys) -> str:
    """The unguessable part of the robot's address."""
    return keys["webhook"].rpartition("/")[2].rpartition("access_token=")[2]


def account(keys: Keys) -> str:
    """A name for the robot that does not give its address away."""
    return hashlib.sha256(key_of(keys).encode()).hexdigest()[:16]


def decode(_body: bytes, _heard_at: int) -> Iterator[Entry]:
    """Nothing: a robot's address hears nothing."""
    yield from ()


def signature(key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), "sha256")).decode()


def told(answer: httpx.Response) -> dict[str, Any] | None:
    """What it said; None for what is no answer of the robot's."""
    try:
        said = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return None
    return said if answer.status_code < 500 and isinstance(said, dict) else None


def too_long(body: object) -> Outcome | None:
    if len(msgspec.json.encode(body)) <= LARGEST:
        return None
    return Outcome(Result.REJECTED, code="connectors.too_long", words=_("太长了，群机器人一次最多发 20 KB。"))


def refusal(code: str, words: str, known: Mapping[str, Text]) -> Outcome:
    """A refusal in the operator's words where we know the code, else in the platform's."""
    return Outcome(Result.REJECTED, code=code, words=known.get(code, words))


def look(code: str, words: str, known: Mapping[str, Text]) -> Check:
    """What the robot said to a request without words, which it never passes on to the group."""
    return Check(_("机器人"), code not in known, known.get(code, words))
