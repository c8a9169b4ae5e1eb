"""The simulator answers what WeCom answers, from what has happened: shape by shape the pairs of connectors.md §4.4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from qunying.demo.simulators.wecom import Wecom
from qunying.demo.simulators.wecom_corp import Corporation
from qunying.demo.simulators.wecom_tags import mark
from tests.connectors.live.wecom.world import AES_KEY, CORP, QING, SECRET, TOKEN

API = Path(__file__).parents[3] / "samples" / "wire" / "wecom_api.jsonl"
PAIRS = [json.loads(line) for line in API.read_text("utf-8").splitlines()]
NOW = 1_741_000_000
DAY_0 = 1_740_758_400
"""Midnight of 2025-03-01 in China, which the pairs ask for."""
ROBOT = "00000000-0000-4000-8000-000000000001"
LEFT_OUT = {
    # Fields that say nothing we use, or are there only for some.
    *(
        "unionid",
        "avatar",
        "gender",
        "remark",
        "description",
        "remark_mobiles",
        "oper_userid",
        "add_way",
        "type",
    ),
    *(
        "tag_id",
        "notice",
        "order",
        "deleted",
        "migrate_trainee_chat_cnt",
        "expire_date",
        "send_time",
        "create_time",
    ),
}


class Lab:
    """A corporation in which everything the pairs speak of is there, under their own names."""

    def __init__(self) -> None:
        self.now = float(DAY_0 + 3600)
        self.corp = corp = Corporation(CORP, TOKEN, AES_KEY, delay=0, clock=lambda: self.now)
        for employee in ("kefu01", "kefu02"):
            corp.hire(employee, employee)
        chat = corp.open_chat("茶友福利群", "kefu01")
        corp.join(chat, QING, "阿青", state="qr_shelf_a")
        corp.say(chat, QING)
        corp.tags["etCMKT0001"] = ("生命周期", "活跃")
        self.now = float(NOW)
        code = corp.befriend(QING, "阿青", "kefu01", state="qr_shelf_a")
        mark(corp, {"userid": "kefu01", "external_userid": QING, "add_tag": ["etCMKT0001"], "remove_tag": []})
        corp.groups[chat].admins.append("kefu02")
        self.names = {"wrCMKT0000000000000000000001": chat, "WC-0001": code, "oXXXX": f"o{chat[2:]}"}

    def ask(self, pair: dict[str, Any], platform: Wecom) -> dict[str, Any]:
        """Ask as the pair does, with a good token and the names things have here; what is made is named by the pair."""
        self._prepare(pair["op"], platform)
        said = json.dumps(pair["request"])
        path = pair["path"]
        for theirs, ours in sorted(self.names.items(), key=lambda pair: -len(pair[0])):
            said, path = said.replace(theirs, ours), path.replace(theirs, ours)
        if "gettoken" not in path and "webhook" not in path:
            token = "OLD" if pair["op"] == "expired_token" else self.token(platform)
            path = path.split("?access_token")[0]
            path += f"{'&' if '?' in path else '?'}access_token={token}"
        url = f"{platform.address}{path}"
        answer: dict[str, Any] = httpx.request(pair["method"], url, json=json.loads(said)).json()
        for name in ("msgid", "config_id", "jobid"):
            if name in answer:
                self.names[pair["response"][name]] = answer[name]
        link, made = pair["response"].get("link"), answer.get("link")
        if link and made:
            self.names[link["link_id"]] = made["link_id"]
            self.corp.friends[QING]["follow"]["kefu01"]["state"] = made["link_id"]  # type: ignore[index]  # it is one
        return answer

    def token(self, platform: Wecom) -> str:
        query = {"corpid": CORP, "corpsecret": SECRET}
        return str(httpx.get(f"{platform.address}/cgi-bin/gettoken", params=query).json()["access_token"])

    def _prepare(self, op: str, platform: Wecom) -> None:
        if op == "freq":
            platform.plant("groupchat/list", 45009)
        elif op == "expired_token":
            platform.tokens["OLD"] = self.now - 1
        elif op == "mass_task":
            self.corp.tap(self.names["msgCMKT0001"])
        elif op == "robot_too_fast":
            platform.robots[ROBOT] = [(self.now, {})] * 20


def shape(value: object) -> object:
    """The names and kinds of what stands in an answer, without the values."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in sorted(value.items()) if name not in LEFT_OUT}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) else type(value).__name__


def lean(told: object, like: object) -> object:
    """An answer's shape where the pair has a say: more than it shows may stand there."""
    if isinstance(told, dict) and isinstance(like, dict):
        return {name: lean(told.get(name), each) for name, each in like.items()}
    if isinstance(told, list) and isinstance(like, list):
        return [lean(told[0], like[0])] if told and like else like if not like else told
    return told


def test_every_pair_is_answered_in_its_shape_and_with_its_code():
    lab = Lab()
    with Wecom(lab.corp, SECRET, robots=[ROBOT]) as platform:
        answers = {pair["op"]: lab.ask(pair, platform) for pair in PAIRS}

    wanted = {pair["op"]: shape(pair["response"]) for pair in PAIRS}
    told = {op: lean(shape(answer), wanted[op]) for op, answer in answers.items()}
    codes = {op: answer["errcode"] for op, answer in answers.items()}
    assert codes == {pair["op"]: pair["response"]["errcode"] for pair in PAIRS}
    assert told == wanted
    assert len(PAIRS) == 36


def test_statistics_are_those_of_what_was_said_and_refuse_today_and_long_spans():
    lab = Lab()

    def count(first: int, last: int) -> dict[str, Any]:
        url = f"{platform.address}/cgi-bin/externalcontact/groupchat/statistic_group_by_day?access_token={token}"
        asked = {"day_begin_time": first, "day_end_time": last, "owner_filter": {"userid_list": ["kefu01"]}}
        answer: dict[str, Any] = httpx.post(url, json=asked).json()
        return answer

    with Wecom(lab.corp, SECRET) as platform:
        token, today = lab.token(platform), (NOW + 28_800) // 86_400 * 86_400 - 28_800
        day = count(DAY_0, DAY_0)["items"][0]["data"]
        refused = [
            count(first, last)["errcode"]
            for first, last in (
                (today, today),
                (today - 30 * 86_400, today - 86_400),
                (today - 31 * 86_400, today - 86_400),
                (today - 181 * 86_400, today - 180 * 86_400),
                (DAY_0 + 1, DAY_0 + 1),
            )
        ]

    assert day == {
        "new_chat_cnt": 1,
        "chat_total": 1,
        "chat_has_msg": 1,
        "new_member_cnt": 2,
        "member_total": 2,
        "member_has_msg": 1,
        "msg_total": 1,
    }
    assert refused == [40058, 0, 40058, 40058, 40058]


@pytest.mark.parametrize(("status", "attempts"), [(500, 3), (200, 1)])
def test_a_callback_that_is_not_answered_comes_three_times(status, attempts):
    lab, knocks = Lab(), []
    lab.corp.callbacks = lab.corp.callbacks[:1]

    def post(callback):
        knocks.append(callback)
        return status

    lab.corp.knock(post)

    assert len(knocks) == attempts
