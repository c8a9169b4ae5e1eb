"""DingTalk: the custom robot of one group."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
from django.utils.translation import gettext_lazy as _

from qunying.connectors.live import robots
from qunying.connectors.live.connector import (
    Action,
    Basis,
    Ceiling,
    Check,
    Connector,
    Field,
    Longest,
    Rate,
    Reached,
    Source,
)
from qunying.connectors.live.wire import LostError, Wire
from qunying.kit.errors import Upstream
from qunying.outbox.outcomes import Outcome, Result

MUTED_SECONDS = 600.0
"""So long a robot that spoke more than 20 times in a minute is not heard."""
TOO_OFTEN = {"130101", "410100"}
BUSY = "-1"
KNOWN = {
    "300001": _("钉钉不认这个机器人地址，请到群设置的“机器人”里重新复制。"),
    "300005": _("钉钉不认这个机器人地址，请到群设置的“机器人”里重新复制。"),
    "400101": _("钉钉不认这个机器人地址，请到群设置的“机器人”里重新复制。"),
    "400102": _("机器人已被停用，请到群设置的“机器人”里启用。"),
    "310000": _("安全设置没有通过：请核对加签密钥、服务器的时钟、关键词和 IP 白名单。"),
    "430102": _("钉钉认为内容不合适，没有发出，请修改后再发。"),
}


def perform(wire: Wire, action: Action) -> Outcome:
    """Say it. DingTalk's “busy” does not tell whether it was said."""
    body = {"msgtype": "text", "text": {"content": str(action.params["text"])}}
    return robots.too_long(body) or _outcome(_post(wire, body))


def sign(secret: str, *, at: str) -> str:
    """The signature of a request at this moment, milliseconds."""
    return robots.signature(secret, f"{at}\n{secret}")


def _post(wire: Wire, body: dict[str, Any]) -> httpx.Response:
    url, secret = wire.keys["webhook"], wire.keys.get("secret")
    if secret:
        at = str(int(time.time() * 1000))
        url += "&" + urlencode({"timestamp": at, "sign": sign(secret, at=at)})
    return wire.call("POST", url, json=body)


def _outcome(answer: httpx.Response) -> Outcome:
    said = robots.told(answer) or {}
    code, words = _said(said)
    if not code or code == BUSY:
        return Outcome(Result.UNKNOWN, code=code or str(answer.status_code), words=words)
    if code in TOO_OFTEN:
        return Outcome(Result.THROTTLED, retry_seconds=MUTED_SECONDS, code=code, words=words)
    return Outcome(Result.SENT) if code == "0" else robots.refusal(code, words, KNOWN)


def _said(said: dict[str, Any]) -> tuple[str, str]:
    return str(said.get("errcode", "")), str(said.get("errmsg") or "")


def check(wire: Wire) -> Iterator[Check]:
    """A message without a kind says whether address and signature are right, and nothing to the group."""
    try:
        said = robots.told(_post(wire, {})) or {}
    except (Upstream, LostError):
        yield Check(_("机器人"), False, _("连不上钉钉，请检查服务器的网络。"))
        return
    yield robots.look(*_said(said), KNOWN)


_GUIDE, _CHECKED = _("钉钉开放平台“自定义机器人接入”"), dt.date(2026, 11, 1)
DINGTALK_ROBOT = Connector(
    key="dingtalk_robot",
    label=_("钉钉群机器人"),
    platform="dingtalk",
    fields=(
        Field(
            "webhook",
            _("机器人地址"),
            _("群设置 → 机器人 → 添加自定义机器人后复制的 Webhook 地址。"),
            is_secret=True,
            pattern=r"https://oapi\.dingtalk\.com/robot/send\?access_token=[0-9A-Za-z]{8,100}",
        ),
        Field("secret", _("签名密钥"), robots.SECRET_HINT, is_secret=True, is_needed=False),
    ),
    abilities=robots.ABILITIES,
    hosts=("oapi.dingtalk.com",),
    account=robots.account,
    decode=robots.decode,
    check=check,
    perform=perform,
    longest=Longest(
        robots.LONGEST_BYTES,
        "bytes",
        Source(_GUIDE, _CHECKED, robots.LONGEST_WORDS, Basis.RECALLED),
    ),
    rates=(
        Rate(
            "account",
            18,
            60,
            Source(_GUIDE, _CHECKED, _("平台规定每分钟 20 条，留有余地")),
        ),
    ),
    ceilings=(
        Ceiling(
            _("超过后平台停发多久"),
            round(MUTED_SECONDS),
            _("秒"),
            _("按账号"),
            Reached.WAIT,
            Source(_GUIDE, _CHECKED),
        ),
    ),
    is_one_channel=True,
)
