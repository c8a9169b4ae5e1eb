"""A Zulip organisation export, as a folder or zip: realm.json and messages-000001.json …

The audit log gives true joins and leaves, `zerver_subscription` who is subscribed now. Messages of all streams are
mixed in the files and are set apart first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import (
    Record,
    each,
    each_numbered,
    head_text,
    items,
    snippet,
    text_of,
)
from qunying.connectors.importers.people import Roll
from qunying.connectors.importers.reactions import reactions
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.spool import Spool
from qunying.connectors.importers.whys import BROKEN_RECORD
from qunying.connectors.importers.zulip_text import emoji_of, said
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Person, Unknown

Kind = Literal["channel", "group", "dm"]
STREAM, GROUP = 2, 3
JOINED, LEFT = {301, 302}, {303}
ROLES = {100: "owner", 200: "admin", 300: "moderator", 600: "guest"}


def sniff(source: Source) -> Guess | None:
    realm = source.find("realm.json") if source.is_many else None
    if realm is None or '"zerver_' not in head_text(source, realm):
        return None
    return Guess(95, _("有 realm.json 和 {count} 个消息文件").format(count=len(_message_files(source))))


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Every stream with its subscribers, joins, leaves and messages, then the private conversations."""
    realm = _Realm(source)
    with Spool() as spool:
        for name in _message_files(source):
            for line, record in enumerate(items(source, "zerver_message.item", name), start=1):
                recipient = record.get("recipient") if isinstance(record, dict) else None
                if isinstance(recipient, int):
                    spool.put(realm.key(recipient), line, record)
                else:
                    yield Unknown(line=line, raw=snippet(record), why=BROKEN_RECORD)
        for stream in realm.streams:
            yield from _Talk(realm, str(stream), stream).entries(spool)
        for key in spool.chats():
            if not key.isdigit() or int(key) not in realm.streams:
                yield from _Talk(realm, key, None).entries(spool)


def _message_files(source: Source) -> list[str]:
    return [name for name in source.names() if re.search(r"(?:^|/)messages-\d+\.json$", name)]


class _Realm:
    """What realm.json tells, kept while the messages are read."""

    def __init__(self, source: Source) -> None:
        self.source, self.file = source, source.find("realm.json")
        self.scope = next((text_of(realm.get("string_id")) for realm in self._table("realm")), "")
        self.users: dict[int, Record] = {}
        for table in ("userprofile_crossrealm", "userprofile_mirrordummy", "userprofile"):
            self.users.update((user["id"], user) for user in self._table(table))
        self.streams: dict[int, str] = {raw["id"]: text_of(raw["name"]) for raw in self._table("stream")}
        self.recipients = {raw["id"]: (raw["type"], raw["type_id"]) for raw in self._table("recipient")}
        self.reactions: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for raw in self._table("reaction"):
            self.reactions[raw["message"]].append((raw["user_profile"], emoji_of(raw)))
        self.listed, self.logged = self._subscriptions(), self._audit()

    def _table(self, name: str) -> Iterator[Record]:
        return items(self.source, f"zerver_{name}.item", self.file)

    def _subscriptions(self) -> dict[int, list[int]]:
        listed: dict[int, list[int]] = defaultdict(list)
        for raw in self._table("subscription"):
            kind, stream = self.recipients.get(raw["recipient"], (0, 0))
            if kind == STREAM and raw.get("active"):
                listed[stream].append(raw["user_profile"])
        return listed

    def _audit(self) -> dict[int, list[Record]]:
        logged: dict[int, list[Record]] = defaultdict(list)
        for raw in self._table("realmauditlog"):
            if raw.get("event_type") in JOINED | LEFT and raw.get("modified_stream") is not None:
                logged[raw["modified_stream"]].append(raw)
        return logged

    def key(self, recipient: int) -> str:
        """The chat a message is addressed to: the stream's number, else the conversation's with `dm:` in front."""
        kind, about = self.recipients.get(recipient, (0, recipient))
        return str(about) if kind == STREAM else f"group:{about}" if kind == GROUP else f"dm:{about}"

    def person(self, number: int, *, is_listed: bool = False) -> Person:
        user = self.users.get(number) or {}
        role = ROLES.get(user.get("role") or 0)
        return Person(
            ref=str(number),
            scheme="zulip.user",
            scope=self.scope,
            value=str(number),
            name=text_of(user.get("full_name")),
            roles=(role,) if role else (),
            is_bot=bool(user.get("is_bot")),
            is_listed=is_listed and user.get("is_active", True) is not False,
        )


class _Talk:
    """One stream or conversation being read."""

    def __init__(self, realm: _Realm, key: str, stream: int | None) -> None:
        self.realm, self.stream = realm, stream
        self.roll = Roll()
        name = key if stream is None else realm.streams[stream]
        kind: Kind = "group" if key.startswith("group:") else "dm" if key.startswith("dm:") else "channel"
        self.chat = Chat(key, name, "zulip", kind)

    def entries(self, spool: Spool) -> Iterator[Entry]:
        yield self.chat
        if self.stream is not None:
            for user in self.realm.listed[self.stream]:
                yield from self.roll.meet(self.realm.person(user, is_listed=True))
            yield from each(iter(self.realm.logged[self.stream]), self._logged)
        yield from each_numbered(spool.records(self.chat.key), self._message)

    def _logged(self, line: int, raw: Record) -> Iterator[Entry]:
        user, by = raw["modified_user"], raw.get("acting_user")
        other = str(by) if by is not None and by != user else ""
        yield from self.roll.meet(self.realm.person(user))
        if other:
            yield from self.roll.meet(self.realm.person(int(other)))
        came = raw["event_type"] in JOINED
        yield Act(
            kind="join" if came else "remove" if other else "leave",
            at=round(raw["event_time"] * 1000),
            actor=str(user),
            id=f"log:{raw['id']}",
            other=other,
            precision="ms",
            line=line,
        )

    def _message(self, line: int, record: Record) -> Iterator[Entry]:
        sender, id_, at = record["sender"], str(record["id"]), round(record["date_sent"] * 1000)
        yield from self.roll.meet(self.realm.person(sender))
        words = said(record["content"])
        if words.author:
            yield from self.roll.meet(self.realm.person(int(words.author)))
        edited = (
            record.get("last_edit_time") if "prev_content" in text_of(record.get("edit_history")) else None
        )
        yield Act(
            kind="message",
            at=at,
            actor=str(sender),
            id=id_,
            text=words.text,
            form=words.form,
            target=words.target,
            other=words.author,
            edited_at=round(edited * 1000) if edited else None,
            precision="ms",
            line=line,
        )
        for user, emoji in self.realm.reactions.pop(record["id"], ()):
            yield from self.roll.meet(self.realm.person(user))
            yield from reactions(
                [str(user)], 1, at=at, target=id_, author=str(sender), emoji=emoji, line=line
            )


ZULIP = Format("zulip", gettext_lazy("Zulip 组织导出（文件夹或 ZIP）"), sniff, read)
