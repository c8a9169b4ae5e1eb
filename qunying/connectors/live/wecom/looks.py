"""Looking at WeCom: its groups, its friends, its daily numbers.

What a look brings is stored as it came, a group together with who was in it the time before, so that who came and who
went can be read off it at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from qunying.connectors.live.connector import Asked, Payload
from qunying.connectors.live.wecom import errands
from qunying.connectors.live.wecom.client import TOO_MANY_OWNERS, Busy, Record, SaidNo, call, pages
from qunying.connectors.live.wire import Wire
from qunying.kit.days import DAY_MS, HOUR_MS
from qunying.kit.errors import Upstream

AT_ONCE = 20
"""Errands of one round, so that what they bring is stored soon."""
CHINA_MS = 8 * HOUR_MS
MOST_OWNERS = 100
KEPT_DAYS, SPAN_DAYS = 180, 30
"""WeCom keeps daily numbers so long, and gives so many days at once."""
SEEN, STAFF = "seen:", "staff"
FRIENDS = 100
"""Friends of one payload."""
DOUBT_MS = 60_000
"""Longer than a detail is late."""


def ask(wire: Wire, position: str) -> Asked:
    """What is due by now: errands first, then once an hour the list of all groups, once a day yesterday's numbers.

    The position says when the groups were last listed and up to which day the numbers have been asked for.
    """
    now = int(wire.clock() * 1000)
    listed, _space, counted = position.partition(" ")
    waiting = wire.notes(errands.PREFIX, AT_ONCE)
    due = {key: msgspec.json.decode(body) for key, body in waiting.items() if errands.due(key) <= now}
    if due:
        return _run(wire, due, now, position)
    if now - int(listed or 0) >= HOUR_MS:
        notes = {**dict(_all_chats(wire, now)), STAFF: msgspec.json.encode(_owners(wire))}
        return Asked(position=f"{now} {counted}", notes=notes)
    yesterday = (now + CHINA_MS) // DAY_MS - 1
    if int(counted or 0) < yesterday:
        notes = dict(_all_days(wire, int(counted or 0), yesterday, now))
        return Asked(position=f"{listed} {yesterday}", notes=notes)
    return Asked(position=position)


def _all_chats(wire: Wire, now: int) -> Iterator[tuple[str, bytes]]:
    """An errand for every group. A corporation with too many owners is asked for some owners at a time."""
    try:
        found = [str(row["chat_id"]) for row in pages(wire, "chats", status_filter=0)]
    except SaidNo as error:
        if error.number != TOO_MANY_OWNERS:
            raise
        found = []
        owners = _owners(wire)
        for start in range(0, len(owners), MOST_OWNERS):
            some = {"userid_list": owners[start : start + MOST_OWNERS]}
            rows = pages(wire, "chats", status_filter=0, owner_filter=some)
            found += [str(row["chat_id"]) for row in rows]
    for chat in dict.fromkeys(found):
        yield errands.note(now, chat, {"look": "chat", "chat": chat})


def _owners(wire: Wire) -> list[str]:
    return [str(owner) for owner in call(wire, "follow_users")["follow_user"]]


def seen_note(chat: str) -> str:
    """Where a group stands as it was when last looked at."""
    return f"{SEEN}{chat}"


def size_of(note: bytes) -> int:
    """How many members that group had, employees among them as WeCom counts."""
    return len(msgspec.json.decode(note)["members"])


def staff_of(note: bytes) -> list[str]:
    """The employees whom customers could add when last asked."""
    return [str(each) for each in msgspec.json.decode(note)]


def _all_days(wire: Wire, counted: int, yesterday: int, now: int) -> Iterator[tuple[str, bytes]]:
    """Errands for the daily numbers of every employee since the day they were last asked for."""
    first = max(counted + 1, yesterday - KEPT_DAYS + 1)
    for owner in _owners(wire):
        for start in range(first, yesterday + 1, SPAN_DAYS):
            end = min(start + SPAN_DAYS - 1, yesterday)
            yield errands.note(now, owner, {"look": "days", "owner": owner, "first": start, "last": end})


@dataclass
class _Round:
    """What the errands of one round bring."""

    wire: Wire
    now: int
    payloads: list[Payload] = field(default_factory=list)
    notes: dict[str, bytes] = field(default_factory=dict)

    def bring(self, look: str, **told: object) -> None:
        body = msgspec.json.encode({"look": look, "corp": self.wire.keys["corp"], "at": self.now, **told})
        self.payloads.append(Payload(hashlib.sha256(body).hexdigest(), body))


def _run(wire: Wire, due: Mapping[str, errands.Record], now: int, position: str) -> Asked:
    """Do what is due, a group only once. What fails for good is dropped, the rest waits for the next round."""
    found = _Round(wire, now)
    for keys, errand in _together(due):
        try:
            _LOOKS[errand["look"]](found, errand)
        except SaidNo:
            pass  # it is gone, or not ours to see: the next list says what there is
        except (Busy, Upstream):
            if not found.notes:
                raise
            break
        found.notes |= dict.fromkeys(keys, b"")
    return Asked(tuple(found.payloads), position, found.notes)


def _together(due: Mapping[str, errands.Record]) -> list[tuple[list[str], errands.Record]]:
    """Errands with their notes, those about one group or friend as one."""
    found: dict[str, tuple[list[str], errands.Record]] = {}
    for key, errand in due.items():
        keys, whole = found.setdefault(str(errand.get("chat") or errand.get("contact") or key), ([], {}))
        keys.append(key)
        gone = {**whole.get("gone", {}), **errand.get("gone", {})}
        versions = {whole.get("version", errand.get("version")), errand.get("version")}
        whole |= errand | {"gone": gone, "version": versions.pop() if len(versions) == 1 else ""}
    return list(found.values())


def _look_at_chat(found: _Round, errand: errands.Record) -> None:
    chat = str(errand["chat"])
    kept = found.wire.notes(seen_note(chat), 1).get(seen_note(chat))
    was = msgspec.json.decode(kept) if kept else None
    if was and errand.get("version") and errand["version"] == was["version"]:
        return
    told = _detail(found.wire, chat, is_ended="ended" in errand)
    seen: errands.Record = {
        "version": str(told.get("member_version", "")),
        "print": _print([told.get(name) for name in ("name", "owner", "admin_list")]),
        "members": {str(each["userid"]): [each["join_time"], each["type"]] for each in told["member_list"]},
    }
    if was is None or any(was[name] != seen[name] for name in ("members", "print")):
        before = {"at": was["at"], "members": was["members"]} if was else None
        gone, ended = _said(errand, was), errand.get("ended")
        if was and not ended and (unsaid := was["members"].keys() - seen["members"].keys() - gone.keys()):
            _look_twice(found, chat, gone, unsaid)
            return
        found.bring("chat", was=before, gone=gone, ended=ended, chat=told)
    elif was["version"] == seen["version"]:
        return
    found.notes[seen_note(chat)] = msgspec.json.encode({**seen, "at": found.now})


def _said(errand: errands.Record, was: Record | None) -> dict[str, list[int]]:
    """Who is known to have gone and when; not those who have come again since."""
    members: Mapping[str, list[int]] = was["members"] if was else {}
    gone: dict[str, list[int]] = errand.get("gone", {})
    return {who: told for who, told in gone.items() if who in members and told[0] // 1000 >= members[who][0]}


def _look_twice(found: _Round, chat: str, gone: Record, unsaid: Collection[str]) -> None:
    """Somebody has gone without a word. The detail may be late and he back already, so we look again before we say it;
    if he is still gone, he has been since now."""
    told = {**gone, **{who: [found.now, False] for who in sorted(unsaid)}}
    key, body = errands.note(found.now + DOUBT_MS, chat, {"look": "chat", "chat": chat, "gone": told})
    found.notes[key] = body


def _detail(wire: Wire, chat: str, *, is_ended: bool) -> Record:
    """The group as it is; one that was dissolved has nobody in it any more."""
    if is_ended:
        return {"chat_id": chat, "name": "", "member_list": []}
    told: Record = call(wire, "chat", chat_id=chat, need_name=1)["group_chat"]
    return told


def _print(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:16]


def _look_at_contact(found: _Round, errand: errands.Record) -> None:
    told = call(found.wire, "contact", external_userid=errand["contact"])
    hint = {name: errand[name] for name in ("changed", "who") if errand.get(name)}
    found.bring("contact", contact=told["external_contact"], follow=told.get("follow_user") or [], **hint)


def _look_at_friends(found: _Round, errand: errands.Record) -> None:
    """All friends of one employee, a page at a time."""
    rows = list(pages(found.wire, "contact_batch", userid_list=[errand["owner"]]))
    for start in range(0, len(rows), FRIENDS):
        found.bring("friends", owner=errand["owner"], friends=rows[start : start + FRIENDS])


def _look_at_tags(found: _Round, errand: errands.Record) -> None:
    found.bring("tags", tags=call(found.wire, "tags")["tag_group"])


def _look_at_days(found: _Round, errand: errands.Record) -> None:
    first, last = (int(errand[name]) * 86_400 - CHINA_MS // 1000 for name in ("first", "last"))
    told = call(
        found.wire,
        "statistics_by_day",
        day_begin_time=first,
        day_end_time=last,
        owner_filter={"userid_list": [errand["owner"]]},
    )
    if any(item["data"].get("chat_total") for item in told["items"]):
        found.bring("days", owner=errand["owner"], items=told["items"])


_LOOKS: Mapping[str, Callable[[_Round, errands.Record], None]] = {
    "chat": _look_at_chat,
    "contact": _look_at_contact,
    "friends": _look_at_friends,
    "tags": _look_at_tags,
    "days": _look_at_days,
}
