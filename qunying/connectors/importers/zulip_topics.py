"""A public archive of Zulip streams: a folder a stream, a JSON file a topic, each a list of messages.

A topic may begin with a dot and is content all the same. Where a message carries no sender id the sender is known by
name only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import Record, each, head_text, items_if_any, text_of
from qunying.connectors.importers.people import Roll, weak
from qunying.connectors.importers.reactions import reactions
from qunying.connectors.importers.source import Source, spread
from qunying.connectors.importers.zulip_text import emoji_of, said
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Person

_MARKS = re.compile(r'"sender_full_name"|"sender_name"|"sender_id"')


def sniff(source: Source) -> Guess | None:
    topics = _topics(source) if source.is_many else []
    if len({name.count("/") for name in topics}) != 1:
        return None
    looked = [head_text(source, name) for name in spread(topics)]
    if not any(looked) or not all(map(_is_topic, looked)):
        return None
    streams = len({_stream(source, name) for name in topics})
    return Guess(
        85, _("{streams} 个频道文件夹，共 {topics} 个话题文件").format(streams=streams, topics=len(topics))
    )


def _topics(source: Source) -> list[str]:
    return [name for name in source.names() if name.endswith(".json")]


def _is_topic(head: str) -> bool:
    """By the head of a file. An empty list, or nothing at all, is a topic all of whose messages were moved."""
    if not head:
        return True
    if head.startswith("["):
        body = head[1:].lstrip()
        return body.startswith("]") or (
            '"timestamp"' in head and '"content"' in head and bool(_MARKS.search(head))
        )
    return (
        '"messages"' in head
        and '"timestamp"' in head
        and bool(_MARKS.search(head))
        and '"timestamp_ms"' not in head
    )


def _stream(source: Source, name: str) -> str:
    return name.rpartition("/")[0] or source.name


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Stream by stream, topic by topic."""
    now = None
    stream = _Stream("")
    for name in _topics(source):
        if _stream(source, name) != now:
            now = _stream(source, name)
            stream = _Stream(now)
            yield Chat(now, now.rsplit("/", 1)[-1], "zulip", "channel")
        prefix = "item" if head_text(source, name).startswith("[") else "messages.item"
        yield from each(items_if_any(source, prefix, name), stream.take)


class _Stream:
    """One stream being read."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.roll = Roll()

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        person = self._sender(record)
        scope = person.scope if person.scheme != "name" else ""
        yield from self.roll.meet(person)
        words = said(record["content"])
        if words.author:
            yield from self.roll.meet(_account(words.author, "", scope))
        edited = record.get("last_edit_timestamp")
        at, id_ = round(record["timestamp"] * 1000), str(record["id"])
        yield Act(
            kind="message",
            at=at,
            actor=person.ref,
            id=id_,
            text=words.text,
            form=words.form,
            target=words.target,
            other=words.author,
            edited_at=round(edited * 1000) if edited else None,
            line=line,
        )
        for raw in record.get("reactions") or ():
            user = str(raw.get("user_id") or raw["user"]["id"])
            yield from self.roll.meet(_account(user, "", scope))
            yield from reactions(
                [user], 1, at=at, target=id_, author=person.ref, emoji=emoji_of(raw), line=line
            )

    def _sender(self, record: Record) -> Person:
        name = text_of(record.get("sender_full_name") or record.get("sender_name") or record.get("sender"))
        if record.get("sender_id") is not None:
            return _account(str(record["sender_id"]), name, text_of(record.get("sender_realm_str")))
        if not name:
            raise ValueError("sender")
        return weak(name, self.key)


def _account(number: str, name: str, scope: str) -> Person:
    return Person(number, "zulip.user", scope, number, name)


ZULIP_TOPICS = Format("zulip_topics", gettext_lazy("Zulip 话题存档（每个频道一个文件夹）"), sniff, read)
