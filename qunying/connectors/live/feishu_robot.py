"""Feishu (and Lark): the custom robot of one group."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from qunying.connectors.live import robots
from qunying.connectors.live.connector import (
    Action,
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

HALF_HOUR, CROWDED = 1800, 20
"""Every half hour, for so many seconds, half of the world's robots speak, and Feishu turns many away (11232)."""
TOO_OFTEN = "11232"
KNOWN = {
    "19001": _("飞书不认这个机器人地址，请到群设置的“群机器人”里重新复制。"),
    "19021": _("签名不对，请核对机器人的签名密钥和服务器的时钟。"),
    "19022": _("服务器的 IP 不在机器人的白名单里，请到机器人的安全设置里加上。"),
    "19024": _("消息里没有机器人要求的关键词，请改消息，或到机器人的安全设置里改用签名校验。"),
}


def perform(wire: Wire, action: Action) -> Outcome:
    """Say it, but not in the crowded seconds after a full or half hour."""
    crowded = CROWDED - time.time() % HALF_HOUR
    if crowded > 0:
        return Outcome(Result.THROTTLED, retry_seconds=crowded, code="connectors.crowded")
    body = {"msg_type": "text", "content": {"text": str(action.params["text"])}}
    return robots.too_long(body) or _outcome(_post(wire, body))


def _post(wire: Wire, body: dict[str, Any]) -> httpx.Response:
    secret = wire.keys.get("secret")
    if secret:
        at = str(int(time.time()))
        body = {**body, "timestamp": at, "sign": robots.signature(f"{at}\n{secret}", "")}
    return wire.call("POST", wire.keys["webhook"], json=body)


def _outcome(answer: httpx.Response) -> Outcome:
    said = robots.told(answer)
    if said is None:
        return Outcome(Result.UNKNOWN, code=str(answer.status_code))
    code, words = _said(said)
    if answer.status_code == 429 or code == TOO_OFTEN:
        wait = answer.headers.get("x-ogw-ratelimit-reset", "")
        seconds = float(wait) if wait.isdigit() else 30.0
        return Outcome(Result.THROTTLED, retry_seconds=seconds, code=code, words=words)
    return Outcome(Result.SENT) if code == "0" else robots.refusal(code, words, KNOWN)


def _said(said: dict[str, Any]) -> tuple[str, str]:
    return str(said.get("code", said.get("StatusCode", ""))), str(said.get("msg") or "")


def check(wire: Wire) -> Iterator[Check]:
    """A message without a kind says whether address and signature are right, and nothing to the group."""
    try:
        said = robots.told(_post(wire, {})) or {}
    except (Upstream, LostError):
        yield Check(_("机器人"), False, _("连不上飞书，请检查服务器的网络。"))
        return
    yield robots.look(*_said(said), KNOWN)


_GUIDE, _CHECKED = _("飞书开放平台“自定义机器人使用指南”"), dt.date(2026, 11, 1)
_OFTEN = Source(_GUIDE, _CHECKED, _("平台规定每分钟 100 次、每秒 5 次，留有余地"))
FEISHU_ROBOT = Connector(
    key="feishu_robot",
    label=_("飞书群机器人"),
    platform="feishu",
    fields=(
        Field(
            "webhook",
            _("机器人地址"),
            _("群设置 → 群机器人 → 添加自定义机器人后复制的 webhook 地址。"),
            is_secret=True,
            pattern=r"https://open\.(feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/[\w-]{8,100}",
        ),
        Field("secret", _("签名密钥"), robots.SECRET_HINT, is_secret=True, is_needed=False),
    ),
    abilities=robots.ABILITIES,
    hosts=("open.feishu.cn", "open.larksuite.com"),
    account=robots.account,
    decode=robots.decode,
    check=check,
    perform=perform,
    longest=Longest(robots.LONGEST_BYTES, "bytes", Source(_GUIDE, _CHECKED, robots.LONGEST_WORDS)),
    rates=(Rate("account", 90, 60, _OFTEN), Rate("account", 4, 1, _OFTEN, op="message")),
    ceilings=(
        Ceiling(
            _("整点和半点之后先不发"),
            CROWDED,
            _("秒"),
            _("按账号"),
            Reached.WAIT,
            Source(_GUIDE, _CHECKED, _("平台建议避开整点和半点，秒数是本系统定的")),
            window=_("每半小时"),
        ),
    ),
    is_one_channel=True,
)
