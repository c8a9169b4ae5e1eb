"""A Slack workspace export, as a folder or zip: users.json, channels.json, one folder a channel, one file a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.forms import form_of_type
from qunying.connectors.importers.json_stream import Record, each, items, items_if_any, snippet, text_of
from qunying.connectors.importers.people import Roll
from qunying.connectors.importers.reactions import reactions
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.whys import NO_SENDER, STRANGE_KIND
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown

LISTS: dict[str, Literal["channel", "group", "dm"]] = {
    "channels.json": "channel",
    "groups.json": "channel",
    "mpims.json": "group",
    "dms.json": "dm",
}
JOINS = {"channel_join", "group_join"}
LEAVES = {"channel_leave", "group_leave"}
NOTICES = {
    "channel_topic": "topic", "group_topic": "topic", "channel_purpose": "purpose", "group_purpose": "purpose",
    "channel_name": "name", "group_name": "name",
}  # fmt: skip
MESSAGES = {
    None, "bot_message", "thread_broadcast", "reply_broadcast", "me_message", "file_share", "file_comment",
    "slackbot_response", "document_mention",
}  # fmt: skip
SILENT = {
    "bot_add", "bot_remove", "bot_enable", "bot_disable", "channel_archive", "channel_unarchive", "group_archive",
    "group_unarchive", "channel_convert_to_private", "channel_convert_to_public", "channel_posting_permissions",
    "reminder_add", "huddle_thread", "sh_room_created", "unpinned_item", "channel_canvas_updated",
    "joiner_notification", "tabbed_canvas_updated", "reply_link", "app_conversation_join", "app_conversation_leave",
}  # fmt: skip
BOTS = {"USLACKBOT", "U00"}

_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def sniff(source: Source) -> Guess | None:
    if not source.is_many or source.find("users.json") is None or source.find(*LISTS) is None:
        return None
    days = sum(1 for name in source.names() if re.search(r"/\d{4}-\d\d-\d\d\.json$", name))
    return (
        Guess(95, _("有 users.json、channels.json 和 {days} 个按天的文件").format(days=days))
        if days
        else None
    )


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Channel by channel, day by day."""
    root = text_of(source.find("users.json")).removesuffix("users.json")
    users = {
        user["id"]: user for user in items(source, "item", f"{root}users.json") if isinstance(user, dict)
    }
    for listing, kind in LISTS.items():
        if f"{root}{listing}" in source.names():
            for raw in items(source, "item", f"{root}{listing}"):
                yield from _read_channel(source, root, raw, kind, users)


def _read_channel(
    source: Source, root: str, raw: Record, kind: Literal["channel", "group", "dm"], users: dict[str, Record]
) -> Iterator[Entry]:
    name = text_of(raw.get("name")) or text_of(raw["id"])
    folder = f"{root}{name}/"
    channel = _Channel(raw, users)
    yield Chat(text_of(raw["id"]), name, "slack", kind)
    for ref in raw.get("members") or ():
        yield from channel.roll.meet(channel.person(text_of(ref), is_listed=True))
    for day in source.names():
        if day.startswith(folder) and day.endswith(".json") and "/" not in day[len(folder) :]:
            yield from each(items_if_any(source, "item", day), channel.take)


class _Channel:
    """One channel being read."""

    def __init__(self, raw: Record, users: dict[str, Record]) -> None:
        self.users = users
        self.roll = Roll()
        self.pins = {
            (pin.get("user"), pin.get("created")): text_of(pin.get("id")) for pin in raw.get("pins") or ()
        }

    def person(self, ref: str, *, name: str = "", is_bot: bool = False, is_listed: bool = False) -> Person:
        """The account as users.json tells it; mail addresses are left where they are."""
        user = self.users.get(ref) or {}
        profile = user.get("profile") or {}
        shown = [
            profile.get("display_name"),
            profile.get("real_name"),
            user.get("real_name"),
            user.get("name"),
            name,
        ]
        names = list(dict.fromkeys(filter(None, map(text_of, shown))))
        return Person(
            ref=ref,
            scheme="slack.user",
            scope=text_of(user.get("team_id")) or self._team(),
            value=ref,
            name=names[0] if names else "",
            aliases=tuple(names[1:]),
            roles=tuple(role for role in ("owner", "admin") if user.get(f"is_{role}")),
            is_bot=is_bot or bool(user.get("is_bot")) or ref in BOTS,
            is_listed=is_listed and not user.get("deleted"),
        )

    def _team(self) -> str:
        return next((text_of(user["team_id"]) for user in self.users.values() if user.get("team_id")), "")

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        kind = record.get("subtype")
        if kind in SILENT:
            return
        ts = record["ts"]
        if kind == "tombstone":
            yield Act("recall", _ms(ts), "", target=ts, precision="ms", line=line)
            return
        actor = record.get("user") or record.get("bot_id") or ""
        if not actor or kind not in MESSAGES | JOINS | LEAVES | NOTICES.keys() | {"pinned_item"}:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND if actor else NO_SENDER)
            return
        bot = kind == "bot_message" or (not record.get("user"))
        yield from self.roll.meet(self.person(actor, name=self._shown(record), is_bot=bot))
        if kind in MESSAGES:
            yield from self._message(line, record, actor)
        else:
            yield from self._service(line, record, actor)

    def _shown(self, record: Record) -> str:
        profile = record.get("user_profile") or {}
        return record.get("username") or profile.get("display_name") or profile.get("real_name") or ""

    def _service(self, line: int, record: Record, actor: str) -> Iterator[Entry]:
        kind, ts = record["subtype"], record["ts"]
        at = _ms(ts)
        if kind in JOINS:
            inviter = record.get("inviter") or ""
            if inviter:
                yield from self.roll.meet(self.person(inviter))
            yield Act("join", at, actor, ts, other=inviter, precision="ms", line=line)
        elif kind in LEAVES:
            yield Act("leave", at, actor, ts, precision="ms", line=line)
        elif kind == "pinned_item":
            pinned = self.pins.get((actor, at // 1000), "")
            yield Act("pin", at, actor, ts, target=pinned, precision="ms", line=line)
        else:
            text = self._plain(text_of(record.get(NOTICES[kind])))
            yield Act("notice", at, actor, ts, text, precision="ms", line=line)

    def _message(self, line: int, record: Record, actor: str) -> Iterator[Entry]:
        ts = record["ts"]
        at, thread = _ms(ts), record.get("thread_ts")
        root = record.get("parent_user_id") or (record.get("root") or {}).get("user") or ""
        reply = bool(thread) and thread != ts
        if reply and root:
            yield from self.roll.meet(self.person(root))
        edited = (record.get("edited") or {}).get("ts")
        yield Act(
            kind="message",
            at=at,
            actor=actor,
            id=ts,
            text=self._plain(text_of(record.get("text"))),
            form=_form(record),
            target=thread if reply and thread else "",
            other=root if reply else "",
            edited_at=_ms(edited) if edited else None,
            precision="ms",
            line=line,
        )
        for reaction in record.get("reactions") or ():
            users = reaction.get("users") or ()
            for user in users:
                yield from self.roll.meet(self.person(user))
            emoji = reaction["name"].split("::")[0]  # a skin tone is no other emoji
            yield from reactions(
                users, int(reaction["count"]), at=at, target=ts, author=actor, emoji=emoji, line=line
            )

    def _plain(self, text: str) -> str:
        """Text as people see it: mentions by name, links with their label, entities unescaped."""
        seen = _MARKUP.sub(self._unmarked, text)
        return seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _unmarked(self, hit: re.Match[str]) -> str:
        inner, label = hit[1], hit[2]
        if inner.startswith("@"):
            return f"@{label or self.person(inner[1:]).name or inner[1:]}"
        if inner.startswith("#"):
            return f"#{label or inner[1:]}"
        if inner.startswith("!"):
            return label or f"@{inner[1:].split('^')[0]}"
        return f"{label} {inner}" if label and label != inner else inner


def _ms(ts: str) -> int:
    """A Slack time is seconds, a dot and six digits that tell messages apart."""
    seconds, _dot, micros = ts.partition(".")
    return int(seconds) * 1000 + int(micros[:3] or 0)


def _form(record: Record) -> Form:
    files = [file for file in record.get("files") or () if isinstance(file, dict)]
    if files:
        return form_of_type(text_of(files[0].get("mimetype")))
    return "card" if record.get("attachments") and not record.get("text") else "text"


SLACK = Format("slack", gettext_lazy("Slack 工作区导出（文件夹或 ZIP）"), sniff, read)
