"""How we call WeCom: a table of what we use, one token for all of it, and errors sorted by what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
import msgspec
from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.images import SECONDS, Image
from qunying.connectors.live.wire import Form, KeyRefused, LostError, Wire
from qunying.kit.errors import Invalid, Upstream
from qunying.kit.refusals import Text

HOST = "qyapi.weixin.qq.com"
Record = Mapping[str, Any]  # what WeCom says

STALE_TOKEN = (40014, 41001, 42001)
TOO_OFTEN = 45009
TOO_MANY_AT_ONCE = 45033
TOO_MANY_OWNERS = 81017
UNSURE = -1
"""“System busy”: it may have been done or not."""
REST_SECONDS = (60, 3600)
"""After the minute's limit WeCom shuts the call for a minute, after the hour's for an hour; it does not say which."""
EARLY_SECONDS = 300


@dataclass(frozen=True)
class Endpoint:
    """One call; `rows` is the list in a paged answer, which is asked for `most` at a time."""

    path: str
    method: Literal["GET", "POST"] = "POST"
    rows: str = ""
    most: int = 0


_EXTERNAL = "externalcontact/"
ENDPOINTS: Mapping[str, Endpoint] = {
    "follow_users": Endpoint(f"{_EXTERNAL}get_follow_user_list", "GET"),
    "contacts": Endpoint(f"{_EXTERNAL}list", "GET"),
    "contact": Endpoint(f"{_EXTERNAL}get", "GET"),
    "contact_batch": Endpoint(f"{_EXTERNAL}batch/get_by_user", rows="external_contact_list", most=100),
    "chats": Endpoint(f"{_EXTERNAL}groupchat/list", rows="group_chat_list", most=1000),
    "chat": Endpoint(f"{_EXTERNAL}groupchat/get"),
    "statistics": Endpoint(f"{_EXTERNAL}groupchat/statistic"),
    "statistics_by_day": Endpoint(f"{_EXTERNAL}groupchat/statistic_group_by_day"),
    "welcome": Endpoint(f"{_EXTERNAL}send_welcome_msg"),
    "welcome_template.add": Endpoint(f"{_EXTERNAL}group_welcome_template/add"),
    "welcome_template.del": Endpoint(f"{_EXTERNAL}group_welcome_template/del"),
    "media.upload": Endpoint("media/upload"),
    "mass.create": Endpoint(f"{_EXTERNAL}add_msg_template"),
    "mass.tasks": Endpoint(f"{_EXTERNAL}get_groupmsg_task", rows="task_list", most=1000),
    "mass.results": Endpoint(f"{_EXTERNAL}get_groupmsg_send_result", rows="send_list", most=1000),
    "mass.remind": Endpoint(f"{_EXTERNAL}remind_groupmsg_send"),
    "mass.cancel": Endpoint(f"{_EXTERNAL}cancel_groupmsg_send"),
    "contact_way.add": Endpoint(f"{_EXTERNAL}add_contact_way"),
    "contact_way.get": Endpoint(f"{_EXTERNAL}get_contact_way"),
    "contact_way.update": Endpoint(f"{_EXTERNAL}update_contact_way"),
    "contact_way.del": Endpoint(f"{_EXTERNAL}del_contact_way"),
    "join_way.add": Endpoint(f"{_EXTERNAL}groupchat/add_join_way"),
    "join_way.get": Endpoint(f"{_EXTERNAL}groupchat/get_join_way"),
    "join_way.update": Endpoint(f"{_EXTERNAL}groupchat/update_join_way"),
    "join_way.del": Endpoint(f"{_EXTERNAL}groupchat/del_join_way"),
    "tags": Endpoint(f"{_EXTERNAL}get_corp_tag_list"),
    "tags.add": Endpoint(f"{_EXTERNAL}add_corp_tag"),
    "tags.mark": Endpoint(f"{_EXTERNAL}mark_tag"),
}


WORDS: Mapping[int, Text] = {
    40003: _("企业微信里没有这个员工，或应用看不到他：请核对员工账号和应用的可见范围。"),
    40050: _("企业微信里没有这个群，或它已解散：请把它从活码里去掉。"),
    40068: _("企业微信里没有这个标签，可能刚被删除。"),
    40071: _("企业微信里已有同名的标签。"),
    84061: _("客户与这位员工已不是好友。"),
    84074: _("员工没有客户联系权限：请在管理后台的客户联系权限配置里加上他。"),
    90501: _("这个群不是客户群，不能放在活码后面。"),
    41051: _("欢迎语凭证已失效：客户已经开始聊天，或欢迎语已经发过。"),
    41050: _("欢迎语凭证已过期：须在客户添加后 20 秒内发送。"),
    41096: _("管理员在企业微信后台配置了欢迎语，接口不能再发。"),
    48002: _("应用没有这项权限：请在企业微信管理后台“客户联系 → API”中把应用设为可调用。"),
    60020: _("本机地址不在应用的“企业可信IP”中，请在企业微信管理后台添加。"),
}
"""What refusals mean for an operator who has never read the documentation."""


class SaidNo(Invalid):
    """WeCom understood and refused; `number` is its error code, `words` tell an operator what to do."""

    def __init__(self, number: int, words: str) -> None:
        self.number, self.words = number, WORDS.get(number, f"{words[:160]} ({number})")
        super().__init__(
            "connectors.platform_said_no", platform="企业微信", words=f"{words[:160]} ({number})"
        )


class Busy(Upstream):
    """WeCom wants to be left alone for a while; what was asked has not been done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__("connectors.platform_busy", platform="企业微信", seconds=round(seconds))


def call(wire: Wire, name: str, form: Form | None = None, /, **params: object) -> Record:
    """The answer. A token that has run out is renewed once. SaidNo, Busy, or LostError when it is not sure whether it
    was done."""
    told = _ask(wire, name, params, form)
    if told["errcode"] in STALE_TOKEN:
        wire.memory.pop("token", None)
        told = _ask(wire, name, params, form)
    _judge(wire, name, told)
    return told


def upload(wire: Wire, image: Image, *, name: str) -> str:
    """The number by which a picture may be named for three days. Doing it again only leaves another copy at WeCom, so
    an answer that does not come is one that was never asked for."""
    form = Form({}, {"media": (name, image.data, image.mime)})
    try:
        return str(call(wire, "media.upload", form, type="image")["media_id"])
    except LostError as error:
        raise Upstream(error.code, **error.details) from None


def pages(wire: Wire, name: str, **params: object) -> Iterator[Record]:
    """Every row of a paged list."""
    endpoint, cursor, seen = ENDPOINTS[name], "", {""}
    while True:
        told = call(wire, name, **params, cursor=cursor, limit=endpoint.most)
        yield from told.get(endpoint.rows) or ()
        cursor = str(told.get("next_cursor") or "")
        if cursor in seen:
            return
        seen.add(cursor)


def _ask(wire: Wire, name: str, params: Record, form: Form | None) -> Record:
    """With a form the rest stands in the address, as in a question."""
    rests_until = wire.memory.get(f"rest:{name}", 0.0)
    if (seconds := rests_until - wire.clock()) > 0:
        raise Busy(seconds)
    endpoint = ENDPOINTS[name]
    query = {"access_token": _token(wire)}
    if endpoint.method == "GET" or form is not None:
        query |= {key: str(value) for key, value in params.items()}
    url = f"https://{HOST}/cgi-bin/{endpoint.path}?{urlencode(query)}"
    if form is not None:
        return answer(wire.call(endpoint.method, url, form=form, seconds=SECONDS))
    body = dict(params) if endpoint.method == "POST" else None
    return answer(wire.call(endpoint.method, url, json=body))


def answer(said: httpx.Response) -> Record:
    """What WeCom said; LostError when it is not an answer."""
    try:
        told = msgspec.json.decode(said.content)
    except msgspec.DecodeError:
        told = None
    if said.status_code >= 500 or not isinstance(told, dict) or told.get("errcode", 0) == UNSURE:
        raise LostError("connectors.no_answer", host=HOST)
    return {"errcode": 0, "errmsg": "", **told}


def _judge(wire: Wire, name: str, told: Record) -> None:
    number, strikes = told["errcode"], f"strikes:{name}"
    if number == TOO_OFTEN:
        count = wire.memory.get(strikes, 0)
        seconds = float(REST_SECONDS[min(count, len(REST_SECONDS) - 1)])
        wire.memory[strikes] = count + 1
        wire.memory[f"rest:{name}"] = wire.clock() + seconds
        raise Busy(seconds)
    wire.memory.pop(strikes, None)
    if number == TOO_MANY_AT_ONCE:
        raise Busy(1.0)
    if number:
        raise SaidNo(number, str(told["errmsg"]))


def _token(wire: Wire) -> str:
    """The token, asked for anew a little before it ends. Nothing of what was wanted has left when it is not given."""
    kept: tuple[str, float] | None = wire.memory.get("token")
    if kept and wire.clock() < kept[1]:
        return kept[0]
    query = urlencode({"corpid": wire.keys["corp"], "corpsecret": wire.keys["secret"]})
    try:
        told = answer(wire.call("GET", f"https://{HOST}/cgi-bin/gettoken?{query}"))
    except LostError:
        raise Upstream("connectors.platform_away", host=HOST) from None
    if told["errcode"]:
        words = f"{str(told['errmsg'])[:160]} ({told['errcode']})"
        raise KeyRefused("connectors.platform_said_no", platform="企业微信", words=words)
    token, seconds = str(told["access_token"]), float(told["expires_in"])
    wire.memory["token"] = (token, wire.clock() + max(seconds - EARLY_SECONDS, 60.0))
    return token
