"""WeCom's tags: what looks bring of them, and the errands by which they are looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from qunying.connectors.live.connector import Tagged, TagNews, TagWord
from qunying.connectors.live.wecom import errands
from qunying.connectors.live.wecom.client import Record

LATER_MS = 3_000
"""Friends are looked at after the tags, so that one that was deleted is not taken for taken off everybody."""
SCHEME = "wecom.external_userid"


def read(body: bytes) -> TagNews | None:
    """What a payload tells of tags; None for one that tells nothing."""
    if body[:1] != b"{":
        return None
    told = msgspec.json.decode(body)
    if told["look"] == "tags":
        return TagNews(
            told["at"],
            words=tuple(_word(told_of, tag) for told_of in told["tags"] for tag in _alive(told_of)),
        )
    if told["look"] == "contact":
        return TagNews(told["at"], people=(_contact(told),))
    if told["look"] == "friends":
        return TagNews(told["at"], people=tuple(_friends(told)))
    return None


def _alive(family: Record) -> list[Record]:
    return [tag for tag in family.get("tag") or () if not (tag.get("deleted") or family.get("deleted"))]


def _word(family: Record, tag: Record) -> TagWord:
    return TagWord(str(tag["id"]), str(family["group_name"]), str(tag["name"]))


def _contact(told: Record) -> Tagged:
    holders: dict[str, list[str]] = defaultdict(list)
    for follow in told["follow"]:
        for tag in follow.get("tags") or ():
            if tag.get("tag_id"):
                holders[str(tag["tag_id"])].append(str(follow["userid"]))
    return Tagged(
        account=str(told["contact"]["external_userid"]),
        at=told["at"],
        holders={number: tuple(who) for number, who in holders.items()},
        friends=tuple(str(follow["userid"]) for follow in told["follow"]),
        changed=told.get("changed") or 0,
        who=told.get("who") or "",
    )


def _friends(told: Record) -> list[Tagged]:
    """Friends of one employee, with the tags that he alone gave them."""
    return [
        Tagged(
            account=str(row["external_contact"]["external_userid"]),
            at=told["at"],
            holders={str(number): (str(told["owner"]),) for number in row["follow_info"].get("tag_id") or ()},
            friends=(str(told["owner"]),),
            only=str(told["owner"]),
        )
        for row in told["friends"]
    ]


def look_at_all(now: int, staff: Sequence[str]) -> Mapping[str, bytes]:
    friends = [errands.note(now + LATER_MS, who, {"look": "friends", "owner": who}) for who in staff]
    return {**look_at_words(now), **dict(friends)}


def look_at_words(now: int) -> Mapping[str, bytes]:
    return dict([errands.note(now, "tags", {"look": "tags"})])


def look_at(now: int, accounts: Sequence[str]) -> Mapping[str, bytes]:
    return dict(errands.note(now, who, {"look": "contact", "contact": who}) for who in accounts)
