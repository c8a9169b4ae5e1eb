"""WeCom's group robot: a key that lets anybody who has it speak in one internal group. It hears nothing."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from qunying.connectors.incoming import Entry
from qunying.connectors.live.connector import (
    MEGABYTE,
    Ability,
    Action,
    Ceiling,
    Check,
    Connector,
    Fallback,
    Field,
    Longest,
    Means,
    Rate,
    Reached,
    Source,
    per_picture,
)
from qunying.connectors.live.images import SECONDS, Image, Pictures
from qunying.connectors.live.wecom.client import HOST, TOO_OFTEN, answer
from qunying.connectors.live.wire import Keys, Wire
from qunying.kit.errors import Invalid, Upstream
from qunying.outbox.outcomes import Outcome, Result

MOST_BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
REST_SECONDS = 60.0
WRONG_KEY = 93000


def decode(_body: bytes, _heard_at: int) -> Iterator[Entry]:
    """A robot hears nothing."""
    return iter(())


def perform(wire: Wire, action: Action) -> Outcome:
    """Say something; `form` is text, markdown or markdown_v2, `everyone` calls all of the group."""
    form, text = str(action.params.get("form") or "text"), str(action.params["text"])
    limit = MOST_BYTES.get(form)
    if limit is None or len(text.encode()) > limit:
        raise Invalid("connectors.too_much", what=form, limit=limit or 0)
    said: dict[str, object] = {"content": text}
    if action.params.get("everyone"):
        said["mentioned_list"] = ["@all"]
    first = _tell(wire, {"msgtype": form, form: said})
    return _show(wire, action.images) if first.result == Result.SENT else first


def _show(wire: Wire, images: Sequence[Image]) -> Outcome:
    """Each picture is a message of its own, and nothing keeps one from being said twice: once the words are in the
    group, whatever goes wrong is for a person to look at, never to be begun again."""
    for number, image in enumerate(images):
        plain = {
            "base64": base64.b64encode(image.data).decode(),
            "md5": hashlib.md5(image.data, usedforsecurity=False).hexdigest(),
        }
        try:
            told = _tell(wire, {"msgtype": "image", "image": plain}, seconds=SECONDS)
        except Upstream as error:
            told = Outcome(Result.UNKNOWN, code=error.code)
        if told.result != Result.SENT:
            words = _("文字和 {count} 张图片已发出，后面的没有发出或不知道有没有发出，请到群里看看。")
            return Outcome(Result.UNKNOWN, code=told.code, words=words.format(count=number))
    return Outcome(Result.SENT)


def _tell(wire: Wire, body: Mapping[str, object], *, seconds: float = 10.0) -> Outcome:
    told = answer(wire.call("POST", _url(wire.keys), json=body, seconds=seconds))
    number, words = told["errcode"], str(told["errmsg"]).replace(wire.keys["key"], "…")
    if number == TOO_OFTEN:
        return Outcome(Result.THROTTLED, retry_seconds=REST_SECONDS, code=str(number), words=words)
    return Outcome(Result.REJECTED, code=str(number), words=words) if number else Outcome(Result.SENT)


def check(wire: Wire) -> Iterator[Check]:
    """Whether the key opens a group: an empty message is refused for its emptiness by a key that works."""
    told = answer(wire.call("POST", _url(wire.keys), json={}))
    is_good = told["errcode"] != WRONG_KEY
    yield Check(
        _("机器人地址"),
        is_good,
        "" if is_good else _("企业微信不认这个 key，请在群里重新复制 Webhook 地址。"),
    )


def _url(keys: Keys) -> str:
    return f"https://{HOST}/cgi-bin/webhook/send?{urlencode({'key': keys['key']})}"


_DOC = "developer.work.weixin.qq.com 91770"
_CHECKED = dt.date(2026, 11, 1)
PICTURES = Pictures(forms=("jpeg", "png"), bytes=2 * MEGABYTE)
WECOM_ROBOT = Connector(
    key="wecom_robot",
    label=_("企业微信群机器人"),
    platform="wecom_robot",
    fields=(
        Field(
            "key",
            _("机器人 key"),
            _("群机器人 Webhook 地址中 key= 后面的部分，形如 693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa。"),
            is_secret=True,
            pattern=r"[\w-]{8,100}",
        ),
    ),
    abilities={
        "hear.messages": Ability(Means.NONE, _("机器人听不到群里的消息"), Fallback.SKIP),
        "message.create": Ability(Means.DIRECT, _("可以直接发到内部群（客户群不能添加机器人）")),
        "message.picture": Ability(
            Means.DIRECT, _("可以带图片（JPEG、PNG，每张不超过 2 MB），每张是文字之后单独的一条消息")
        ),
        "message.delete": Ability(Means.NONE, _("不能撤回"), Fallback.TASK),
    },
    hosts=(HOST,),
    account=lambda keys: hashlib.sha256(keys["key"].encode()).hexdigest()[:12],
    decode=decode,
    check=check,
    perform=perform,
    rates=(Rate("account", 18, 60, Source(_DOC, _CHECKED, _("平台规定每个机器人每分钟 20 条，留有余地"))),),
    pictures=PICTURES,
    longest=Longest(MOST_BYTES["text"], "bytes", Source(_DOC, _CHECKED)),
    ceilings=(
        per_picture(PICTURES, Source(_DOC, _CHECKED, _("只收 JPEG 和 PNG"))),
        Ceiling(
            _("一条带格式消息的长度"),
            MOST_BYTES["markdown"],
            _("字节"),
            _("按消息"),
            Reached.REFUSE,
            Source(_DOC, _CHECKED),
        ),
    ),
    where=_("内部群"),
)
