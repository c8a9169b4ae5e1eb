"""Instagram, Facebook and Messenger conversations in Meta's JSON, one folder a conversation, in parts newest first.

Everybody is known by name only. The texts are UTF-8 that was written as if it were Latin-1; whatever can be turned
back is turned back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import Record, each, first, head_text, items
from qunying.connectors.importers.people import Roll, weak
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options

FIELD_FORMS: tuple[tuple[str, Form], ...] = (
    ("photos", "image"), ("gifs", "image"), ("videos", "video"), ("audio_files", "audio"), ("sticker", "sticker"),
    ("files", "file"), ("share", "link"), ("call_duration", "other"),
)  # fmt: skip
_PART = re.compile(r"(?:^|/)message_(\d+)\.json$")
SECONDS = 10**11
COUPLE = 2


def sniff(source: Source) -> Guess | None:
    names = _parts(source)
    if not names:
        return None
    head = head_text(source, names[0])
    if (
        '"participants"' in head
        and '"messages"' in head
        and ('"sender_name"' in head or '"thread_path"' in head)
    ):
        return Guess(90, _("有 participants、messages、sender_name，来自 Meta 的数据下载"))
    return None


def _parts(source: Source) -> list[str]:
    """Conversation by conversation, the highest part first: it is the oldest."""
    if not source.is_many:
        return source.names()
    root = source.root
    top = [name for name in source.names() if name.endswith(".json") and "/" not in name.removeprefix(root)]
    if not all(_PART.search(name) for name in top):
        return []
    parts = [
        (name.rpartition("/")[0], int(hit[1]), name) for name in source.names() if (hit := _PART.search(name))
    ]
    return [name for _folder, _number, name in sorted(parts, key=lambda part: (part[0], -part[1]))]


def read(source: Source, options: Options) -> Iterator[Entry]:
    """The parts oldest first; inside a part the order of the file, newest first."""
    talk: _Talk | None = None
    for name in _parts(source):
        head = {key: first(source, key, name) for key in ("title", "thread_path")}
        key = mended(head["thread_path"] or head["title"] or source.name)
        if talk is None or talk.key != key:
            talk = _Talk(key)
            title = mended(head["title"] or key)
            people = list(items(source, "participants.item.name", name))
            yield Chat(key, title, _platform(source, name), "group" if len(people) > COUPLE else "dm")
            for person in people:
                yield from talk.roll.meet(weak(mended(person), key))
        yield from each(items(source, "messages.item", name), talk.take)


def _platform(source: Source, name: str) -> str:
    where = "/".join((*source.path.parts[-4:], source.inside, name)).lower()
    for platform in ("instagram", "whatsapp", "facebook"):
        if platform in where:
            return platform
    return "facebook" if "messenger" in where else "meta"


def mended(text: object) -> str:
    """UTF-8 that was read as Latin-1, turned back; any other text as it is."""
    plain = text if isinstance(text, str) else ""
    try:
        return plain.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return plain


class _Talk:
    """One conversation being read."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.roll = Roll()

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        person = weak(mended(record["sender_name"]), self.key)
        at = int(record["timestamp_ms"])
        yield from self.roll.meet(person)
        if record.get("is_unsent"):
            yield Act("recall", at, person.ref, precision="ms", line=line)
            return
        form: Form = next((form for field, form in FIELD_FORMS if record.get(field)), "text")
        text = mended(record.get("content"))
        yield Act("message", at, person.ref, text=text, form=form, precision="ms", line=line)
        for raw in record.get("reactions") or ():
            actor = weak(mended(raw["actor"]), self.key)
            yield from self.roll.meet(actor)
            stamp = raw.get("timestamp")
            when = int(stamp) * (1 if int(stamp) > SECONDS else 1000) if stamp else at
            yield Act(
                kind="reaction",
                at=when,
                actor=actor.ref,
                other=person.ref,
                emoji=mended(raw["reaction"]),
                precision="s" if stamp else "day",
                line=line,
            )


META = Format("meta", gettext_lazy("Instagram / Facebook 数据下载（JSON）"), sniff, read, keyed=False)
