"""A corporation on WeCom that lives: groups, friends, mass sendings, codes; what changes is told by callbacks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from qunying.connectors.live.wecom.crypto import seal, sign

Json = dict[str, object]
ATTEMPTS = 3
CHINA = timedelta(hours=8)


class No(Exception):
    """Refused with this code."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def follow_of(friend: Json) -> dict[str, Any]:
    """Employee → what he knows of the friend."""
    follow = friend["follow"]
    return follow if isinstance(follow, dict) else {}


@dataclass(frozen=True)
class Callback:
    """One knock at our address."""

    query: Mapping[str, str]
    body: bytes


@dataclass
class Chat:
    """One customer group. `shown` is what the detail tells, which comes a while after what has happened."""

    chat: str
    name: str
    owner: str
    created: int
    status: int = 0
    admins: list[str] = field(default_factory=list)
    members: dict[str, Json] = field(default_factory=dict)
    version: int = 0
    shown: list[tuple[float, int, dict[str, Json]]] = field(default_factory=list)

    def show(self, at: float) -> None:
        self.version += 1
        self.shown.append((at, self.version, dict(self.members)))

    def seen(self, now: float) -> tuple[int, dict[str, Json]]:
        """The version and the members that the detail tells by now."""
        ready = [(version, members) for at, version, members in self.shown if at <= now]
        return ready[-1] if ready else (0, {})


@dataclass
class Mass:
    """One mass sending: which employee has to confirm it to whom, and what became of each."""

    number: str
    sender: str
    kind: str
    to: list[str]
    status: dict[str, int]
    sent_at: int = 0
    reminded: list[float] = field(default_factory=list)
    is_cancelled: bool = False
    text: str = ""
    pictures: list[str] = field(default_factory=list)


class Corporation:
    """What is so at WeCom. `delay` is how many seconds a group's detail lags behind its callbacks, `room` how many
    members a group has up to which people come in by a code."""

    def __init__(
        self,
        corp: str,
        token: str,
        aes_key: str,
        *,
        delay: float = 2.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.corp, self.token, self.aes_key = corp, token, aes_key
        self.delay, self.clock = delay, clock
        self.employees: dict[str, str] = {}
        self.friends: dict[str, Json] = {}
        self.groups: dict[str, Chat] = {}
        self.said: list[tuple[str, str, float]] = []
        self.masses: dict[str, Mass] = {}
        self.media: dict[str, bytes] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.room = 200
        self.templates: dict[str, Json] = {}
        self.moments: dict[str, dict[str, Any]] = {}
        self.links: dict[str, Json] = {}
        self.link_quota = 1000
        self.tags: dict[str, tuple[str, str]] = {}
        self.welcomes: dict[str, float] = {}
        self.welcomed: list[Json] = []
        self.quota = 31
        self.delivered: dict[tuple[str, str], int] = {}
        self.callbacks: list[bytes] = []
        self.number = count(1)

    def hire(self, employee: str, name: str) -> None:
        self.employees[employee] = name

    def open_chat(self, name: str, owner: str) -> str:
        chat = f"wrSIM{next(self.number):022d}"
        group = self.groups[chat] = Chat(chat, name, owner, int(self.clock()))
        group.members[owner] = self._member(owner, self.employees[owner], scene=1, inviter=owner)
        group.show(self.clock() + self.delay)
        self._tell_chat(chat, "create")
        return chat

    def join(
        self, chat: str, who: str, name: str, *, scene: int = 3, state: str = "", inviter: str = ""
    ) -> None:
        group = self.groups[chat]
        group.members[who] = self._member(who, name, scene=scene, state=state, inviter=inviter)
        self._changed(group, "add_member", who, JoinScene=scene)

    def leave(self, chat: str, who: str, *, removed: bool = False) -> None:
        group = self.groups[chat]
        del group.members[who]
        self._changed(group, "del_member", who, QuitScene=int(removed))

    def rename(self, chat: str, name: str) -> None:
        self.groups[chat].name = name
        self._tell_chat(chat, "update", UpdateDetail="change_name")

    def dismiss(self, chat: str) -> None:
        del self.groups[chat]
        self._tell_chat(chat, "dismiss")

    def say(self, chat: str, who: str, *, at: float | None = None) -> None:
        """Words nobody but WeCom's statistics hears of."""
        self.said.append((chat, who, self.clock() if at is None else at))

    def befriend(self, who: str, name: str, employee: str, *, state: str = "") -> str:
        """A customer adds an employee; answers the code for the welcome."""
        friend = self.friends.setdefault(who, {"name": name, "follow": {}})
        follow = friend["follow"]
        assert isinstance(follow, dict)
        follow[employee] = {"createtime": int(self.clock()), "state": state, "tags": []}
        code = f"WC-{next(self.number):04d}"
        self.welcomes[code] = self.clock()
        more = {"State": state} if state else {}
        self._tell_contact("add_external_contact", who, employee, **more, WelcomeCode=code)
        return code

    def part(self, who: str, employee: str, *, by_customer: bool) -> None:
        follow = self.friends[who]["follow"]
        assert isinstance(follow, dict)
        del follow[employee]
        self._tell_contact("del_follow_user" if by_customer else "del_external_contact", who, employee)

    def tap(self, number: str) -> None:
        """The employee confirms a mass sending on the phone: it arrives where there is quota and friendship left."""
        mass = self.masses[number]
        mass.sent_at = int(self.clock())
        month = f"{datetime.fromtimestamp(self.clock(), UTC) + CHINA:%Y-%m}"
        for target, status in mass.status.items():
            if status:
                continue
            before = self.delivered.get((target, month), 0)
            if mass.kind == "single" and not self._is_friend(target, mass.sender):
                mass.status[target] = 2
            elif before >= self.quota:
                mass.status[target] = 3
            else:
                mass.status[target] = 1
                self.delivered[target, month] = before + 1

    def knock(
        self,
        post: Callable[[Callback], int],
        *,
        chance: random.Random | None = None,
        drops: float = 0.0,
        doubles: float = 0.0,
    ) -> None:
        """Deliver what waits: in order, or with a chance in any order, some lost and some twice. One that is not
        answered with 200 comes again, three times in all."""
        waiting, self.callbacks = self.callbacks, []
        if chance:
            waiting = [one for one in waiting if chance.random() >= drops]
            waiting += [one for one in waiting if chance.random() < doubles]
            chance.shuffle(waiting)
        for message in waiting:
            any(post(self.sealed(message)) == 200 for _attempt in range(ATTEMPTS))

    def sealed(self, message: bytes, *, corp: str = "") -> Callback:
        """A knock with this message inside."""
        timestamp, nonce = str(int(self.clock())), str(next(self.number) + 1_000_000_000)
        inside = seal(message, key=self.aes_key, receiver=corp or self.corp)
        signed = sign(self.token, timestamp, nonce, inside)
        query = {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}
        body = f"<xml><ToUserName><![CDATA[{self.corp}]]></ToUserName><Encrypt><![CDATA[{inside}]]></Encrypt></xml>"
        return Callback(query, body.encode())

    def _is_friend(self, who: str, employee: str) -> bool:
        follow = self.friends.get(who, {}).get("follow", {})
        return isinstance(follow, dict) and employee in follow

    def _member(self, who: str, name: str, *, scene: int, state: str = "", inviter: str = "") -> Json:
        is_ours = who in self.employees
        return {
            "userid": who,
            "type": 1 if is_ours else 2,
            "join_time": int(self.clock()),
            "join_scene": scene,
            "group_nickname": "",
            "name": name,
            **({"state": state} if state else {}),
            **({"invitor": {"userid": inviter}} if inviter else {}),
        }

    def _changed(self, group: Chat, detail: str, who: str, **scene: int) -> None:
        """First the callback, a while later the detail."""
        group.show(self.clock() + self.delay)
        self._tell_chat(
            group.chat,
            "update",
            UpdateDetail=detail,
            **{name: str(value) for name, value in scene.items()},
            MemChangeCnt="1",
            MemChangeList=[who],
            LastMemVer=f"{group.version - 1:032x}",
            CurMemVer=f"{group.version:032x}",
        )

    def _tell_chat(self, chat: str, change: str, **more: str | list[str]) -> None:
        self._tell(Event="change_external_chat", ChatId=chat, ChangeType=change, **more)

    def _tell_contact(self, change: str, who: str, employee: str, **more: str) -> None:
        self._tell(
            Event="change_external_contact", ChangeType=change, UserID=employee, ExternalUserID=who, **more
        )

    def tell_of_tag(self, change: str, number: str, kind: str = "tag") -> None:
        self._tell(Event="change_external_tag", Id=number, TagType=kind, ChangeType=change)

    def tell_of_friend(self, who: str, employee: str) -> None:
        self._tell_contact("edit_external_contact", who, employee)

    def _tell(self, **fields: str | list[str]) -> None:
        head: dict[str, str | list[str]] = {
            "ToUserName": self.corp,
            "FromUserName": "sys",
            "CreateTime": str(int(self.clock())),
            "MsgType": "event",
        }
        parts = "".join(f"<{name}>{_inner(value)}</{name}>" for name, value in (head | fields).items())
        self.callbacks.append(f"<xml>{parts}</xml>".encode())


def _inner(value: str | list[str]) -> str:
    if isinstance(value, list):
        return "".join(f"<Item><![CDATA[{each}]]></Item>" for each in value)
    return value if value.isdecimal() else f"<![CDATA[{value}]]>"
