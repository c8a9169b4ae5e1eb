"""A WeCom whose customer groups are lively: customers come, go and add employees; of their words only WeCom's own
statistics hears. Callbacks go to the address that was entered, and are lost while the plug is out, as on a broken line;
what is to be sent waits until somebody taps."""

from __future__ import annotations

import json
import random
import secrets
import string
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from qunying.connectors.live.wecom.crypto import seal, sign
from qunying.demo.lively.platform import PEOPLE, Platform
from qunying.demo.simulators import wecom_tags
from qunying.demo.simulators.wecom import Wecom
from qunying.demo.simulators.wecom_codes import scan
from qunying.demo.simulators.wecom_corp import Callback, Chat, Corporation, Mass, follow_of
from qunying.kit.errors import Missing, Refused

EMPLOYEES = {"kefu01": "客服小茶", "kefu02": "店长阿叶"}
GROUPS = {"山茶尝鲜群": "kefu01", "山茶门店群": "kefu02"}
FEW, MANY = 5, 60
"""Customers of a group: none leaves below, none comes above."""
FAMILY = "门店"
"""The family of tags that employees make."""
SECONDS = 5
"""WeCom waits so long for an answer."""
STATES = {0: "待员工点发送", 1: "已送达", 2: "对方已不是好友", 3: "本月次数已满"}
LETTERS = string.ascii_letters + string.digits


def wecom(port: int, before: dict[str, str], kept: Sequence[Any]) -> Platform:
    """Groups and their customers are those of the earlier run, where there was one."""
    values = before or {
        "corp": f"wwsim{secrets.token_hex(6)}",
        "secret": secrets.token_urlsafe(32),
        "token": secrets.token_hex(12),
        "aes_key": "".join(secrets.choice(LETTERS) for _ in range(43)),
    }
    corp = _corporation(values)
    shelf = _shelf(kept)
    for told in shelf["groups"]:
        group = corp.groups[told["chat"]] = Chat(**told)
        group.show(corp.clock())
    corp.codes, corp.friends = shelf["codes"], shelf["friends"]
    corp.tags = {number: (family, name) for number, (family, name) in shelf["tags"].items()}
    platform = Wecom(corp, values["secret"], port=port)
    if not kept:
        for name, owner in GROUPS.items():
            corp.open_chat(name, owner)

    def say(draw: random.Random) -> None:
        with platform.lock:
            _live(corp, draw)
            for asked in _asked():
                _obey(corp, asked, draw)
            for number in [number for number, mass in corp.masses.items() if not mass.sent_at]:
                if _taps().exists():
                    corp.tap(number)
        _taps().unlink(missing_ok=True)
        _knock(corp, is_in=platform.is_plugged_in)

    def plug(is_in: bool) -> None:
        platform.is_plugged_in = is_in

    return Platform(values, say, plug, lambda: _received(corp), platform.close, lambda: _kept(corp))


def _shelf(kept: Sequence[Any]) -> dict[str, Any]:
    """What was kept of the earlier run: of one by an older version groups alone."""
    groups = [told for told in kept if "chat" in told]
    rest: dict[str, Any] = next((told for told in kept if "codes" in told), {})
    return {"groups": groups, **{name: rest.get(name, {}) for name in ("codes", "friends", "tags")}}


def _corporation(values: dict[str, str]) -> Corporation:
    corp = Corporation(values["corp"], values["token"], values["aes_key"])
    corp.number = count(int(time.time()))  # so that nothing of an earlier run has the same number
    for employee, name in EMPLOYEES.items():
        corp.hire(employee, name)
    return corp


def _live(corp: Corporation, draw: random.Random) -> None:
    """One thing that happens."""
    chat = draw.choice([*corp.groups])
    group, chance = corp.groups[chat], draw.random()
    customers = [who for who in group.members if who not in corp.employees]
    who, name = f"wmSIM{next(corp.number):024d}", draw.choice(PEOPLE)
    if len(customers) < FEW or (chance < 0.25 and len(customers) < MANY):
        corp.join(chat, who, name)
    elif chance < 0.4 and len(customers) > FEW:
        corp.leave(chat, draw.choice(customers))
    elif chance < 0.5:
        corp.befriend(who, name, group.owner)
    else:
        corp.say(chat, draw.choice(customers))


def _knock(corp: Corporation, *, is_in: bool) -> None:
    """Deliver what waits to the address that was entered; without one, and while the plug is out, nobody hears it."""
    if is_in and _address().exists():
        address = _address().read_text("utf-8")
        corp.knock(lambda callback: _ask(address, callback.query, callback.body)[0])
    corp.callbacks.clear()


def enter(address: str, values: dict[str, str]) -> None:
    """What an administrator does in WeCom's own console: the address is asked once and kept if it answers rightly."""
    word, stamp, nonce = secrets.token_hex(8), str(int(time.time())), secrets.token_hex(5)
    sealed = seal(word.encode(), key=values["aes_key"], receiver=values["corp"])
    signed = sign(values["token"], stamp, nonce, sealed)
    told = Callback({"msg_signature": signed, "timestamp": stamp, "nonce": nonce, "echostr": sealed}, b"")
    status, answer = _ask(address, told.query)
    if (status, answer) != (200, word):
        raise Refused("demo.callback_wrong", words=answer[:100])
    _address().write_text(address, "utf-8")


def _ask(address: str, query: Mapping[str, str], body: bytes | None = None) -> tuple[int, str]:
    """Status and answer; 0 and why where nobody answered."""
    try:
        reply = httpx.request("POST" if body else "GET", address, params=query, content=body, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return 0, str(error)
    return reply.status_code, reply.text if reply.is_success else f"HTTP {reply.status_code}"


def tap() -> None:
    """Employees tap 发送 on their phones for everything that waits."""
    _taps().touch()


def scan_code(state: str) -> None:
    """A newcomer scans the code that carries this mark. Refused where the platform has no such code now."""
    told = _read_kept()
    if all(code.get("state") != state for code in _shelf(told)["codes"].values()):
        states = [str(code.get("state")) for code in _shelf(told)["codes"].values()]
        raise Missing("demo.no_such_code", state=state, states="、".join(states) or "—")
    _ask_for({"scan": state})


def put_tag(name: str, *, is_on: bool) -> None:
    """An employee puts the tag on his latest friend on the phone, or takes it off; it is made when it is not there."""
    _ask_for({"tag": name, "is_on": is_on})


def _ask_for(deed: dict[str, object]) -> None:
    with _deeds().open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(deed)}\n")


def _read_kept() -> list[Any]:
    path = Path(settings.HOME) / "simulators.json"
    found: list[Any] = json.loads(path.read_text("utf-8"))["kept"]["wecom"] if path.exists() else []
    return found


def _asked() -> list[dict[str, Any]]:
    """What people were asked to do since it was last looked at."""
    if not _deeds().exists():
        return []
    taken = _deeds().with_suffix(".taken")
    _deeds().replace(taken)
    lines = taken.read_text("utf-8").splitlines()
    taken.unlink()
    return [json.loads(line) for line in lines]


def _obey(corp: Corporation, asked: dict[str, Any], draw: random.Random) -> None:
    if "scan" in asked:
        scan(corp, asked["scan"], f"wmSIM{next(corp.number):024d}", draw.choice(PEOPLE))
        return
    number = next((number for number, (_family, name) in corp.tags.items() if name == asked["tag"]), "")
    number = number or wecom_tags.make(corp, FAMILY, asked["tag"])
    friends = [(who, employee) for who, known in corp.friends.items() for employee in follow_of(known)]
    if friends:
        who, employee = friends[-1]
        wecom_tags.put(corp, who, employee, number, is_on=asked["is_on"])


def _deeds() -> Path:
    return Path(settings.HOME) / "simulators.wecom.deeds"


def _received(corp: Corporation) -> list[str]:
    masses = [f"{_said(mass)}（{_whose(corp, mass)}）" for mass in list(corp.masses.values())]
    return masses + [f"欢迎语：{told.get('text', {}).get('content', '')}" for told in list(corp.welcomed)]  # type: ignore[attr-defined]


def _said(mass: Mass) -> str:
    return "[图片]" * len(mass.pictures) + mass.text


def _whose(corp: Corporation, mass: Mass) -> str:
    return f"{corp.employees[mass.sender]}：{'、'.join(STATES[status] for status in mass.status.values())}"


def _kept(corp: Corporation) -> list[object]:
    names = ("chat", "name", "owner", "created", "members")
    groups: list[object] = [
        {name: getattr(group, name) for name in names} for group in list(corp.groups.values())
    ]
    return [*groups, {"codes": dict(corp.codes), "friends": dict(corp.friends), "tags": dict(corp.tags)}]


def _address() -> Path:
    return Path(settings.HOME) / "simulators.wecom.callback"


def _taps() -> Path:
    return Path(settings.HOME) / "simulators.wecom.tap"
