"""The codes of a corporation on WeCom: by which customers add employees or join groups, and who scans them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qunying.demo.simulators.wecom_corp import Corporation, Json, No

MOST_EMPLOYEES, MOST_CHATS = 100, 5


def add(corp: Corporation, told: Any) -> Json:
    number = f"cfg{next(corp.number):04d}"
    made: Json = {"config_id": number, "qr_code": f"https://wework.qpic.cn/{number}"}
    corp.codes[number] = {**_checked(corp, told), **made}
    return made


def found(corp: Corporation, told: Any) -> dict[str, Any]:
    code = corp.codes.get(told["config_id"])
    if code is None:
        raise No(40058)
    return code


def change_contact(corp: Corporation, told: Any) -> Json:
    """What is not said stays."""
    code = found(corp, told)
    code.update(_checked(corp, {**code, **told}))
    return {}


def change_join(corp: Corporation, told: Any) -> Json:
    """What is not said is no more."""
    code = found(corp, told)
    corp.codes[told["config_id"]] = {"qr_code": code["qr_code"], **_checked(corp, told)}
    return {}


def drop(corp: Corporation, told: Any) -> Json:
    found(corp, told)
    del corp.codes[told["config_id"]]
    return {}


def _checked(corp: Corporation, told: Any) -> dict[str, Any]:
    """What was asked for; refused with strangers or too many behind it."""
    people, chats = told.get("user", []), told.get("chat_id_list", [])
    if not (people or chats) or len(people) > MOST_EMPLOYEES or len(chats) > MOST_CHATS:
        raise No(40058)
    if any(who not in corp.employees for who in people):
        raise No(40003)
    if any(chat not in corp.groups for chat in chats):
        raise No(40050)
    return {name: value for name, value in told.items() if name != "access_token"}


def scan(corp: Corporation, state: str, who: str, name: str) -> str:
    """Somebody scans the code that carries this mark: joins its first group with room, or adds its first employee.
    Answers where that led, "" for nowhere."""
    code = next((code for code in corp.codes.values() if code.get("state") == state), None)
    if code is None:
        return ""
    if people := [each for each in code.get("user", []) if each in corp.employees]:
        corp.befriend(who, name, people[0], state=state)
        return corp.employees[people[0]]
    chats = [chat for chat in code["chat_id_list"] if chat in corp.groups]
    free = [chat for chat in chats if len(corp.groups[chat].members) < corp.room]
    if not free and chats and code.get("auto_create_room", 1):
        free = [_opened(corp, code, chats)]
    if not free:
        return ""
    corp.join(free[0], who, name, scene=3, state=state)
    return corp.groups[free[0]].name


def _opened(corp: Corporation, code: dict[str, Any], chats: list[str]) -> str:
    """A new group of the same owner takes the place of the full ones."""
    number = int(code.get("room_base_id", 1))
    chat = corp.open_chat(f"{code.get('room_base_name', '')}{number}", corp.groups[chats[0]].owner)
    code |= {"room_base_id": number + 1, "chat_id_list": [*chats, chat][-MOST_CHATS:]}
    return chat


CODES: Mapping[str, Callable[[Corporation, Any], Json]] = {
    "add_contact_way": add,
    "get_contact_way": lambda corp, told: {"contact_way": found(corp, told)},
    "update_contact_way": change_contact,
    "del_contact_way": drop,
    "groupchat/add_join_way": add,
    "groupchat/get_join_way": lambda corp, told: {"join_way": found(corp, told)},
    "groupchat/update_join_way": change_join,
    "groupchat/del_join_way": drop,
}
