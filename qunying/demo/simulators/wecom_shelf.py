"""What a corporation on WeCom keeps besides groups, codes and tags: welcomes for groups, moments, acquisition links.

Each deed takes the corporation and what was asked, and answers what WeCom would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qunying.demo.simulators.wecom_codes import CODES
from qunying.demo.simulators.wecom_corp import Corporation, Json, No, follow_of
from qunying.demo.simulators.wecom_tags import TAGS

WELCOME_SECONDS = 20
DAY = 86_400


def friends(corp: Corporation, told: Any) -> Json:
    found = [who for who, friend in corp.friends.items() if told["userid"] in follow_of(friend)]
    if not found:
        raise No(84061)
    return {"external_userid": found}


def friend(corp: Corporation, told: Any) -> Json:
    found = corp.friends.get(told["external_userid"])
    if found is None or not follow_of(found):
        raise No(84061)
    return {
        "external_contact": _card(told["external_userid"], found),
        "follow_user": [{"userid": employee, **known} for employee, known in follow_of(found).items()],
    }


def friends_of(corp: Corporation, told: Any) -> Json:
    """Friends of some employees with what these know of them, at most a hundred at once."""
    rows = [
        {"external_contact": _card(who, found), "follow_info": {"userid": employee, **_flat(known)}}
        for who, found in corp.friends.items()
        for employee, known in follow_of(found).items()
        if employee in told["userid_list"]
    ]
    start = int(told.get("cursor") or 0)
    after = start + min(int(told.get("limit") or 50), 100)
    return {
        "external_contact_list": rows[start:after],
        "next_cursor": str(after) if after < len(rows) else "",
    }


def _card(who: str, found: Json) -> Json:
    return {"external_userid": who, "name": found["name"], "type": 1, "gender": 0}


def _flat(known: Json) -> Json:
    tags = known["tags"]
    assert isinstance(tags, list)
    return {
        **{name: value for name, value in known.items() if name != "tags"},
        "tag_id": [t["tag_id"] for t in tags],
    }


def welcome(corp: Corporation, told: Any) -> Json:
    """The code is good for 20 seconds and for one message."""
    given = corp.welcomes.pop(told["welcome_code"], None)
    if given is None:
        raise No(41051)
    if corp.clock() > given + WELCOME_SECONDS:
        raise No(41050)
    corp.welcomed.append(told)
    return {}


def _asked(told: Any) -> Json:
    return {name: value for name, value in told.items() if name != "access_token"}


def add_template(corp: Corporation, told: Any) -> Json:
    """Words that an owner may choose as the welcome of a group; at most a hundred."""
    if len(corp.templates) >= 100:
        raise No(45009)
    number = f"msgTPL{next(corp.number):04d}"
    corp.templates[number] = _asked(told)
    return {"template_id": number}


def add_moment(corp: Corporation, told: Any) -> Json:
    """Takes a while: what comes of it is asked for by the job's number."""
    number = f"job{next(corp.number):04d}"
    corp.moments[number] = _asked(told)
    return {"jobid": number}


def moment(corp: Corporation, told: Any) -> Json:
    asked = corp.moments.get(told["jobid"])
    if asked is None:
        raise No(40058)
    senders = asked.get("visible_range", {}).get("sender_list", {}).get("user_list", [])
    result = {
        "errcode": 0,
        "errmsg": "ok",
        "moment_id": f"mom{told['jobid'][3:]}",
        "invalid_sender_list": {
            "user_list": [who for who in senders if who not in corp.employees],
            "department_list": [],
        },
        "invalid_external_contact_list": {"tag_list": []},
    }
    return {"status": 3, "type": "add_moment_task", "result": result}


def add_link(corp: Corporation, told: Any) -> Json:
    number = f"cawcSIM{next(corp.number):04d}"
    url = f"https://work.weixin.qq.com/ca/{number}"
    link = {"link_id": number, "link_name": told["link_name"], "url": url, "create_time": int(corp.clock())}
    corp.links[number] = link
    return {"link": link}


def came_by_link(corp: Corporation, told: Any) -> Json:
    """Those who came by the link: friends whose state is its number."""
    if told["link_id"] not in corp.links:
        raise No(40058)
    rows = [
        {"external_userid": who, "userid": employee, "chat_status": 1, "state": known["state"]}
        for who, found in corp.friends.items()
        for employee, known in follow_of(found).items()
        if known["state"] == told["link_id"]
    ]
    return {"customer_list": rows, "next_cursor": ""}


def link_quota(corp: Corporation, _told: Any) -> Json:
    used = sum(
        known["state"] in corp.links for found in corp.friends.values() for known in follow_of(found).values()
    )
    left = corp.link_quota - used
    return {"total": corp.link_quota, "balance": left, "quota_list": [{"balance": left}]}


def chat_of(corp: Corporation, told: Any) -> Json:
    """A group's own number from the one a mini program sees."""
    found = [chat for chat in corp.groups if f"o{chat[2:]}" == told["opengid"]]
    if not found:
        raise No(40058)
    return {"chat_id": found[0]}


SHELF: Mapping[str, Callable[[Corporation, Any], Json]] = {
    "get_follow_user_list": lambda corp, _told: {"follow_user": list(corp.employees)},
    "list": friends,
    "get": friend,
    "batch/get_by_user": friends_of,
    "send_welcome_msg": welcome,
    **TAGS,
    **CODES,
    "group_welcome_template/add": add_template,
    "add_moment_task": add_moment,
    "get_moment_task_result": moment,
    "customer_acquisition/create_link": add_link,
    "customer_acquisition/customer": came_by_link,
    "customer_acquisition_quota": link_quota,
    "opengid_to_chatid": chat_of,
}
