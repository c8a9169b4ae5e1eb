"""WeCom's server interface over a corporation that lives: what it answers follows from what has happened there."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from qunying.demo.simulators.server import Call, Reply, Simulator
from qunying.demo.simulators.wecom_corp import Chat, Corporation, Json, Mass, No, follow_of
from qunying.demo.simulators.wecom_shelf import SHELF
from qunying.kit import pictures

DAY = 86_400
CHINA_SECONDS = 8 * 3600
TOKEN_SECONDS = 7200
ROBOT_A_MINUTE = 20
EXTERNAL = "externalcontact/"
WORDS = {
    40003: "invalid userid",
    40001: "invalid credential, hint: [hint], from ip: 127.0.0.1, more info at ...",
    40014: "invalid access_token",
    40050: "invalid chat_id",
    40068: "invalid tag id",
    40071: "tag or tag group name already exists",
    40006: "invalid media size",
    40007: "invalid media_id",
    40009: "invalid image size",
    301019: "media md5 not match",
    40058: "invalid Request Parameter",
    41048: "invalid msgid",
    41050: "welcome code expired",
    41051: "externaluser has started chatting",
    42001: "access_token expired, ...",
    45009: "api freq out of limit, ...",
    45033: "api concurrent out of limit, ...",
    60011: "no privilege to access/modify contact/party/agent",
    81017: "owner_filter is needed: too many visible owners",
    84061: "not external contact",
    93000: "invalid webhook url, hint: [hint], from ip: 127.0.0.1",
}


class Wecom(Simulator):
    """One corporation's app. `plant` makes the next calls of a kind fail, `most_owners` is how many owners of groups it
    may see before it has to name some; robots speak twenty times a minute."""

    def __init__(self, corp: Corporation, secret: str, *, port: int = 0, robots: Sequence[str] = ()) -> None:
        self.corp, self.secret = corp, secret
        self.tokens: dict[str, float] = {}
        self.planted: dict[str, deque[int]] = defaultdict(deque)
        self.most_owners = 1000
        self.page = 1000
        self.robots: dict[str, list[tuple[float, Json]]] = {key: [] for key in robots}
        super().__init__(port)

    def plant(self, path: str, number: int, *, times: int = 1) -> None:
        self.planted[path].extend([number] * times)

    def expire_tokens(self) -> None:
        self.tokens = dict.fromkeys(self.tokens, 0.0)

    def answer(self, call: Call) -> Reply:
        path = call.path.removeprefix("/cgi-bin/")
        with self.lock:
            try:
                told = self._do(path, call)
            except No as error:
                return Reply({"errcode": error.number, "errmsg": WORDS.get(error.number, "refused")})
        return Reply({"errcode": 0, "errmsg": "ok", **told})

    def _do(self, path: str, call: Call) -> Json:
        if path == "gettoken":
            return self._give_token(call)
        if path == "webhook/send":
            return self._robot(call)
        ends = self.tokens.get(call.query.get("access_token", ""))
        if ends is None:
            raise No(40014)
        if self.corp.clock() >= ends:
            raise No(42001)
        path = path.removeprefix(EXTERNAL)
        if path == "media/upload":
            return self._upload(call)
        if self.planted[path]:
            raise No(self.planted[path].popleft())
        asked = dict(call.query) | dict(call.json())
        if path in SHELF:
            return SHELF[path](self.corp, asked)
        deed = self._deeds.get(path)
        if deed is None:
            raise No(40058)
        return deed(asked)

    def _give_token(self, call: Call) -> Json:
        if (call.query.get("corpid"), call.query.get("corpsecret")) != (self.corp.corp, self.secret):
            raise No(40001)
        token = f"AT-{next(self.corp.number):04d}"
        self.tokens[token] = self.corp.clock() + TOKEN_SECONDS
        return {"access_token": token, "expires_in": TOKEN_SECONDS}

    def _upload(self, call: Call) -> Json:
        """A picture, JPEG or PNG of at most ten megabytes, that can be named for three days."""
        part = call.form().get("media")
        seen = pictures.look(part.data) if part else None
        if part is None or call.query.get("type") != "image":
            raise No(40058)
        if seen is None or seen.form == "webp" or len(part.data) > 10 << 20:
            raise No(40006)
        number = f"MEDIA{next(self.corp.number):04d}"
        self.corp.media[number] = part.data
        return {"type": "image", "media_id": number, "created_at": str(int(self.corp.clock()))}

    def _robot(self, call: Call) -> Json:
        said = self.robots.get(call.query.get("key", ""))
        if said is None:
            raise No(93000)
        now, told = self.corp.clock(), call.json()
        if "msgtype" not in told:
            raise No(40008)
        if sum(at > now - 60 for at, _said in said) >= ROBOT_A_MINUTE:
            raise No(45009)
        if told["msgtype"] == "image":
            _look(told["image"])
        said.append((now, told))
        return {}

    @property
    def _deeds(self) -> dict[str, Callable[[Any], Json]]:
        return {
            "groupchat/list": self._chats,
            "groupchat/get": self._chat,
            "groupchat/statistic": self._by_owner,
            "groupchat/statistic_group_by_day": self._by_day,
            "add_msg_template": self._mass,
            "get_groupmsg_task": self._mass_task,
            "get_groupmsg_send_result": self._mass_result,
            "remind_groupmsg_send": self._remind,
            "cancel_groupmsg_send": self._cancel,
            "get_user_behavior_data": self._behaviour,
        }

    def _paged(self, name: str, rows: Sequence[object], told: Any) -> Json:
        """A page and the cursor behind it, which is the place to go on at."""
        start = int(told.get("cursor") or 0)
        size = min(int(told.get("limit") or 500), self.page)
        after = start + size
        return {name: list(rows[start:after]), "next_cursor": str(after) if after < len(rows) else ""}

    def _chats(self, told: Any) -> Json:
        owners = (told.get("owner_filter") or {}).get("userid_list") or []
        if len(owners) > 100:
            raise No(40058)
        if not owners and len({group.owner for group in self.corp.groups.values()}) > self.most_owners:
            raise No(81017)
        rows = [
            {"chat_id": group.chat, "status": group.status}
            for group in self.corp.groups.values()
            if not owners or group.owner in owners
        ]
        return self._paged("group_chat_list", rows, told)

    def _chat(self, told: Any) -> Json:
        group = self.corp.groups.get(told["chat_id"])
        if group is None:
            raise No(40050)
        version, members = group.seen(self.corp.clock())
        shown = {
            "chat_id": group.chat,
            "name": group.name,
            "owner": group.owner,
            "create_time": group.created,
            "member_list": list(members.values()),
            "admin_list": [{"userid": who} for who in group.admins],
            "member_version": f"{version:032x}",
        }
        return {"group_chat": shown}

    def _by_owner(self, told: Any) -> Json:
        first, last = self._span(told)
        owners = told["owner_filter"]["userid_list"]
        items = [{"owner": owner, "data": self._data([owner], first, last)} for owner in owners]
        return {"total": len(items), "next_offset": len(items), "items": items}

    def _by_day(self, told: Any) -> Json:
        first, last = self._span(told)
        owners = told["owner_filter"]["userid_list"]
        days = range(first, last + 1, DAY)
        return {"items": [{"stat_time": day, "data": self._data(owners, day, day)} for day in days]}

    def _span(self, told: Any) -> tuple[int, int]:
        """First and last day: whole days in China, before today, of the last 180, at most 30."""
        first = int(told["day_begin_time"])
        last = int(told.get("day_end_time", first))
        today = int((self.corp.clock() + CHINA_SECONDS) // DAY * DAY - CHINA_SECONDS)
        is_whole = (first + CHINA_SECONDS) % DAY == 0
        if not (is_whole and today - 180 * DAY <= first <= last < today and last - first < 30 * DAY):
            raise No(40058)
        if len(told["owner_filter"]["userid_list"]) > 100:
            raise No(40058)
        return first, last

    def _data(self, owners: Sequence[str], first: int, last: int) -> Json:
        end = last + DAY
        groups = [group for group in self.corp.groups.values() if group.owner in owners]
        inside = {group.chat for group in groups if group.created < end}
        said = [(chat, who) for chat, who, at in self.corp.said if chat in inside and first <= at < end]
        joined = [at for group in groups for at in _joins(group) if at < end]
        return {
            "new_chat_cnt": sum(first <= group.created < end for group in groups),
            "chat_total": len(inside),
            "chat_has_msg": len({chat for chat, _who in said}),
            "new_member_cnt": sum(first <= at for at in joined),
            "member_total": len(joined),
            "member_has_msg": len(set(said)),
            "msg_total": len(said),
        }

    def _behaviour(self, told: Any) -> Json:
        """How many friends employees won on a day; of their talk nothing is simulated."""
        first, last = int(told["start_time"]), int(told["end_time"])
        won = [
            known["createtime"]
            for friend in self.corp.friends.values()
            for employee, known in follow_of(friend).items()
            if employee in told["userid"]
        ]
        rows = [
            {
                "stat_time": day,
                "chat_cnt": 0,
                "message_cnt": 0,
                "reply_percentage": 0,
                "avg_reply_time": 0,
                "negative_feedback_cnt": 0,
                "new_apply_cnt": sum(day <= at < day + DAY for at in won),
                "new_contact_cnt": sum(day <= at < day + DAY for at in won),
            }
            for day in range(first, last + 1, DAY)
        ]
        return {"behavior_data": rows}

    def _mass(self, told: Any) -> Json:
        kind, sender = told.get("chat_type", "single"), told["sender"]
        to = list(told.get("chat_id_list" if kind == "group" else "external_userid") or [])
        lost = [each for each in to if not self._reaches(kind, sender, each)]
        reached = [each for each in to if each not in lost]
        number = f"msgSIM{next(self.corp.number):04d}"
        text = str((told.get("text") or {}).get("content", ""))
        named = [
            each["image"]["media_id"] for each in told.get("attachments") or () if each["msgtype"] == "image"
        ]
        if any(each not in self.corp.media for each in named):
            raise No(40007)
        mass = Mass(number, sender, kind, reached, dict.fromkeys(reached, 0), text=text, pictures=named)
        self.corp.masses[number] = mass
        return {"fail_list": lost, "msgid": number}

    def _reaches(self, kind: str, sender: str, target: str) -> bool:
        if kind == "group":
            group = self.corp.groups.get(target)
            return group is not None and group.owner == sender
        return sender in follow_of(self.corp.friends.get(target, {"follow": {}}))

    def _found(self, told: Any) -> Mass:
        mass = self.corp.masses.get(told["msgid"])
        if mass is None:
            raise No(41048)
        return mass

    def _mass_task(self, told: Any) -> Json:
        mass = self._found(told)
        row: Json = {"userid": mass.sender, "status": 2 if mass.sent_at else 0}
        return self._paged("task_list", [row | ({"send_time": mass.sent_at} if mass.sent_at else {})], told)

    def _mass_result(self, told: Any) -> Json:
        mass = self._found(told)
        name = "chat_id" if mass.kind == "group" else "external_userid"
        rows = [
            {
                name: target,
                "userid": mass.sender,
                "status": status,
                **({"send_time": mass.sent_at} if status else {}),
            }
            for target, status in mass.status.items()
        ]
        return self._paged("send_list", rows, told)

    def _remind(self, told: Any) -> Json:
        mass, now = self._found(told), self.corp.clock()
        mass.reminded = [at for at in mass.reminded if at > now - DAY]
        if len(mass.reminded) >= 3:
            raise No(45009)
        mass.reminded.append(now)
        return {}

    def _cancel(self, told: Any) -> Json:
        mass = self._found(told)
        mass.is_cancelled = True
        mass.status = {target: status for target, status in mass.status.items() if status}
        return {}


def _look(image: Any) -> None:
    """A picture for a robot's group: at most two megabytes before it was made text, with its check sum."""
    data = base64.b64decode(image["base64"])
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != image["md5"]:
        raise No(301019)
    seen = pictures.look(data)
    if seen is None or seen.form == "webp" or len(data) > 2 << 20:
        raise No(40009)


def _joins(group: Chat) -> list[int]:
    return [int(str(member["join_time"])) for member in group.members.values()]
