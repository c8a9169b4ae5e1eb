"""What the looks at WeCom brought, read as entries: pure, since a group comes with who was in it the time before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from qunying.connectors.incoming import Act, Chat, Entry, Figure, Person
from qunying.connectors.live.wecom.client import Record
from qunying.connectors.live.wecom.people import back_end, contacts, external, staff
from qunying.kit.days import DAY_MS

CHINA_SECONDS = 8 * 3600
SCENES = {1: "直接邀请入群", 2: "通过邀请链接入群", 3: "扫描群二维码入群"}
"""How members come in, in the words of WeCom's back end."""
FIGURES = {
    "new_chat_cnt": "new_chats",
    "chat_total": "chats",
    "chat_has_msg": "speaking_chats",
    "new_member_cnt": "new_members",
    "member_total": "members",
    "member_has_msg": "speaking_members",
    "msg_total": "messages",
}
"""WeCom's daily numbers and what an imported sheet of them calls the same."""
STAFF = 1


def decode(body: bytes) -> Iterator[Entry]:
    told = msgspec.json.decode(body)
    if told["look"] == "chat":
        yield from _chat(told)
    elif told["look"] == "contact":
        yield from _contact(told)
    elif told["look"] == "days":
        yield from _days(told)
    elif told["look"] == "friends":
        yield contacts(told["corp"])
        for row in told["friends"]:
            contact = row["external_contact"]
            yield external(contact["external_userid"], contact["name"], **_union(contact))


def _chat(told: Record) -> Iterator[Entry]:
    """Everybody who stands in the list, a join for who stands there newly, a leave for who no longer does."""
    chat, was = told["chat"], told["was"] or {"at": 0, "members": {}}
    old: dict[str, list[int]] = was["members"]
    members = {str(each["userid"]): each for each in chat["member_list"]}
    yield Chat(chat["chat_id"], chat["name"] or chat["chat_id"], "wecom")
    for member in members.values():
        yield _person(member, chat)
    for who, (since, kind) in old.items():
        again = members.get(who)
        if again is None:
            yield staff(who) if kind == STAFF else external(who)
            yield _left(who, told)
        elif again["join_time"] > since:
            yield Act("leave", min(was["at"], again["join_time"] * 1000 - 1000), who)
    for who, member in members.items():
        if member["join_time"] > old.get(who, [0])[0]:
            yield from _joined(member, members)


def _person(member: Record, chat: Record) -> Person:
    """One of the list, by the kind of account it says."""
    number, name = str(member["userid"]), str(member.get("name") or "")
    nickname = str(member.get("group_nickname") or "")
    is_staff = member["type"] == STAFF
    person = staff(number, name) if is_staff else external(number, name, **_union(member))
    admins = {each["userid"] for each in chat.get("admin_list") or ()}
    role = "owner" if number == chat.get("owner") else "admin" if number in admins else ""
    return msgspec.structs.replace(
        person,
        aliases=(nickname,) if nickname and nickname != name else (),
        roles=(role,) if role else (),
        is_listed=True,
    )


def _union(record: Record) -> dict[str, str]:
    return {"unionid": str(record["unionid"])} if record.get("unionid") else {}


def _joined(member: Record, members: dict[str, Any]) -> Iterator[Entry]:
    """A join with the code it came by or else the way, and the employee who brought it."""
    who, inviter = str(member["userid"]), str((member.get("invitor") or {}).get("userid", ""))
    if inviter == who:
        inviter = ""
    if inviter and inviter not in members:
        yield staff(inviter)
    source = str(member.get("state") or SCENES.get(member.get("join_scene", 0), ""))
    yield Act("join", member["join_time"] * 1000, who, other=inviter, source=source)


def _left(who: str, told: Record) -> Act:
    """A leave at the moment a callback named, if that lies between the two looks, else when we saw it."""
    at, is_removed = told["gone"].get(who, (told["ended"] or told["at"], False))
    if not told["was"]["at"] // 1000 * 1000 <= at <= told["at"]:
        at, is_removed = told["at"], False
    return Act("remove" if is_removed else "leave", at, who)


def _contact(told: Record) -> Iterator[Entry]:
    """A friend's name and tags, each group of tags as one attribute."""
    contact = told["contact"]
    tags: dict[str, dict[str, None]] = {}
    for follow in told["follow"]:
        for tag in follow.get("tags") or ():
            tags.setdefault(str(tag["group_name"] or "标签"), {})[str(tag["tag_name"])] = None
    attributes = {group: "、".join(names) for group, names in tags.items()}
    yield contacts(told["corp"])
    yield external(contact["external_userid"], contact["name"], **_union(contact), **attributes)


def _days(told: Record) -> Iterator[Entry]:
    """The daily numbers of one employee's groups; a day without any group says nothing."""
    yield back_end()
    for item in told["items"]:
        if item["data"].get("chat_total"):
            day = (item["stat_time"] + CHINA_SECONDS) * 1000 // DAY_MS
            for theirs, ours in FIGURES.items():
                if theirs in item["data"]:
                    yield Figure(day, ours, int(item["data"][theirs]), str(told["owner"]))
