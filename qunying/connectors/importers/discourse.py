"""Discourse topics as their JSON: one file a topic, or a folder of them. A topic is a chat of kind `topic`.

Likes are counts without names. Text is `raw` where the file has it, else the rendered text without quotations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.html_text import plain
from qunying.connectors.importers.json_stream import Record, each, first, head_text, items, snippet, text_of
from qunying.connectors.importers.people import Roll, weak
from qunying.connectors.importers.reactions import reactions
from qunying.connectors.importers.source import Source, spread
from qunying.connectors.importers.whys import STRANGE_SYSTEM_LINE
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Guess, Options, Person, Unknown

LIKE, SMALL_ACTION = 2, 3
PINS = {"pinned.enabled", "pinned_globally.enabled"}
PEOPLE: dict[str, ActKind] = {"invited_user": "join", "removed_user": "remove", "user_left": "leave"}
SILENT = (
    "closed.", "autoclosed.", "archived.", "visible.", "autobumped", "pinned.disabled", "pinned_globally.disabled",
    "split_topic", "tags_changed", "category_changed", "banner.", "public_topic", "open_topic", "private_topic",
    "invited_group", "removed_group", "assigned", "unassigned", "reassigned", "forwarded",
)  # fmt: skip


def sniff(source: Source) -> Guess | None:
    names = _topics(source)
    if not names or not all('"post_stream"' in head_text(source, name) for name in spread(names)):
        return None
    return Guess(92, _("有 post_stream，来自 Discourse，共 {topics} 个主题").format(topics=len(names)))


def _topics(source: Source) -> list[str]:
    return [name for name in source.names() if name.endswith(".json")] if source.is_many else source.names()


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Topic by topic."""
    for name in _topics(source):
        topic = _Topic(text_of(first(source, "id", name)) or name)
        yield Chat(topic.key, text_of(first(source, "title", name)) or topic.key, "discourse", "topic")
        yield from each(items(source, "post_stream.posts.item", name), topic.take)


class _Topic:
    """One topic being read."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.roll = Roll()
        self._posts: dict[int, tuple[str, str]] = {}

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        person = _person(record)
        self._posts[int(record["post_number"])] = (str(record["id"]), person.ref)
        if record.get("post_type") == SMALL_ACTION:
            yield from self._action(line, record, person)
            return
        yield from self.roll.meet(person)
        at, id_ = _ms(record["created_at"]), str(record["id"])
        target, author = self._posts.get(record.get("reply_to_post_number") or 0, ("", ""))
        edited = record.get("updated_at") if int(record.get("version") or 1) > 1 else None
        yield Act(
            kind="message",
            at=at,
            actor=person.ref,
            id=id_,
            text=text_of(record.get("raw")) or plain(text_of(record.get("cooked"))),
            target=target,
            other=author,
            edited_at=_ms(edited) if edited else None,
            precision="ms",
            line=line,
        )
        likes = sum(
            int(raw.get("count") or 0) for raw in record.get("actions_summary") or () if raw["id"] == LIKE
        )
        yield from reactions((), likes, at=at, target=id_, author=person.ref, emoji="like", line=line)

    def _action(self, line: int, record: Record, person: Person) -> Iterator[Entry]:
        code = text_of(record.get("action_code"))
        if code.startswith(SILENT):
            return
        at, id_ = _ms(record["created_at"]), str(record["id"])
        if code in PINS:
            yield from self.roll.meet(person)
            pinned = self._posts.get(1, ("", ""))[0]
            yield Act("pin", at, person.ref, id_, target=pinned, precision="ms", line=line)
        elif code in PEOPLE:
            whom = text_of(record.get("action_code_who"))
            left = code == "user_left"
            subject = person if left else weak(whom, self.key)
            yield from self.roll.meet(person)
            yield from self.roll.meet(subject)
            other = "" if left else person.ref
            yield Act(PEOPLE[code], at, subject.ref, id_, other=other, precision="ms", line=line)
        else:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_SYSTEM_LINE)


def _person(record: Record) -> Person:
    number, account = str(record["user_id"]), text_of(record.get("username"))
    name = text_of(record.get("name")) or account
    return Person(
        ref=number,
        scheme="discourse.user",
        scope="",
        value=number,
        name=name,
        aliases=(account,) if account and account != name else (),
        roles=tuple(role for role in ("admin", "moderator") if record.get(role)),
        is_bot=record["user_id"] < 0,
        is_staff=bool(record.get("staff")),
    )


def _ms(stamp: str) -> int:
    return round(dt.datetime.fromisoformat(stamp).timestamp() * 1000)


DISCOURSE = Format("discourse", gettext_lazy("Discourse 主题（JSON 文件或文件夹）"), sniff, read)
