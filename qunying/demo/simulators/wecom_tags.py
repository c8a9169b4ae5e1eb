"""The tags of a corporation on WeCom: what its console, its employees' phones and our app do with them.

What people do is told by callbacks; what an app does through the server's interface is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from qunying.demo.simulators.wecom_corp import Corporation, Json, No, follow_of

MOST_LETTERS = 30


def make(corp: Corporation, family: str, name: str) -> str:
    """Somebody makes a tag in the console; answers its number."""
    number = _new(corp, family, name)
    corp.tell_of_tag("create", number)
    return number


def rename(corp: Corporation, number: str, name: str) -> None:
    corp.tags[number] = (corp.tags[number][0], name)
    corp.tell_of_tag("update", number)


def remove(corp: Corporation, number: str) -> None:
    """It is gone from everybody who had it."""
    del corp.tags[number]
    for friend in corp.friends.values():
        for known in follow_of(friend).values():
            known["tags"] = [tag for tag in known["tags"] if tag["tag_id"] != number]
    corp.tell_of_tag("delete", number)


def shuffle(corp: Corporation, number: str) -> None:
    corp.tell_of_tag("shuffle", number)


def put(corp: Corporation, who: str, employee: str, number: str, *, is_on: bool) -> bool:
    """An employee puts a tag on a friend on the phone, or takes it off; whether that changed anything."""
    had = number in [tag["tag_id"] for tag in follow_of(corp.friends[who])[employee]["tags"]]
    if had == is_on:
        return False
    _put(corp, who, employee, add=[number] if is_on else [], remove=[] if is_on else [number])
    corp.tell_of_friend(who, employee)
    return True


def tags_of(corp: Corporation, who: str) -> set[str]:
    """The numbers of the tags that anybody gave."""
    follows = follow_of(corp.friends[who]).values()
    return {tag["tag_id"] for known in follows for tag in known["tags"]}


def _new(corp: Corporation, family: str, name: str) -> str:
    if (family, name) in corp.tags.values():
        raise No(40071)
    if max(len(family), len(name)) > MOST_LETTERS:
        raise No(40058)
    number = f"etSIM{next(corp.number):04d}"
    corp.tags[number] = (family, name)
    return number


def _put(corp: Corporation, who: str, employee: str, *, add: list[str], remove: list[str]) -> None:
    row = follow_of(corp.friends[who])[employee]
    kept = [tag for tag in row["tags"] if tag["tag_id"] not in {*add, *remove}]
    row["tags"] = kept + [
        {"group_name": corp.tags[each][0], "tag_name": corp.tags[each][1], "tag_id": each, "type": 1}
        for each in add
    ]


def listed(corp: Corporation, _told: Any) -> Json:
    families: dict[str, list[Json]] = defaultdict(list)
    for number, (family, name) in corp.tags.items():
        families[family].append({"id": number, "name": name, "deleted": False})
    return {
        "tag_group": [
            {"group_id": f"etg{place}", "group_name": family, "tag": found}
            for place, (family, found) in enumerate(families.items())
        ]
    }


def add(corp: Corporation, told: Any) -> Json:
    family = told["group_name"]
    made = [{"id": _new(corp, family, tag["name"]), "name": tag["name"]} for tag in told["tag"]]
    return {"tag_group": {"group_id": f"etg{family}", "group_name": family, "tag": made}}


def edit(corp: Corporation, told: Any) -> Json:
    if told["id"] not in corp.tags:
        raise No(40068)
    corp.tags[told["id"]] = (corp.tags[told["id"]][0], told["name"])
    return {}


def drop(corp: Corporation, told: Any) -> Json:
    for number in told.get("tag_id", []):
        if number not in corp.tags:
            raise No(40068)
        del corp.tags[number]
    return {}


def mark(corp: Corporation, told: Any) -> Json:
    if told["userid"] not in follow_of(corp.friends.get(told["external_userid"], {"follow": {}})):
        raise No(84061)
    if any(number not in corp.tags for number in told["add_tag"]):
        raise No(40068)
    _put(corp, told["external_userid"], told["userid"], add=told["add_tag"], remove=told["remove_tag"])
    return {}


TAGS: Mapping[str, Callable[[Corporation, Any], Json]] = {
    "get_corp_tag_list": listed,
    "add_corp_tag": add,
    "edit_corp_tag": edit,
    "del_corp_tag": drop,
    "mark_tag": mark,
}
