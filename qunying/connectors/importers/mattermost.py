"""A Mattermost bulk export: JSON lines of teams, channels, users and posts, replies nested in their post.

Posts carry no ids; a post's time in milliseconds and its author make one, so replies and reactions have a target.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import (
    Record,
    each_numbered,
    head_text,
    json_lines,
    snippet,
    text_of,
)
from qunying.connectors.importers.people import Roll
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.spool import Spool
from qunying.connectors.importers.whys import STRANGE_KIND
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Form, Guess, Options, Person, Unknown

SILENT = {"version", "team", "scheme", "role", "emoji", "direct_channel"}
JOINED = {"system_join_channel", "system_join_team", "system_guest_join_channel"}
LEFT = {"system_leave_channel", "system_leave_team"}
ADDED = {"system_add_to_channel": "addedUsername", "system_add_to_team": "addedUsername",
         "system_add_guest_to_channel": "addedUsername"}  # fmt: skip
REMOVED = {"system_remove_from_channel": "removedUsername", "system_remove_from_team": "removedUsername"}
NOTICES = {"system_header_change": "new_header", "system_displayname_change": "new_displayname",
           "system_purpose_change": "new_purpose"}  # fmt: skip
QUIET = {"system_convert_channel", "system_channel_deleted", "system_channel_restored", "system_ephemeral",
         "system_generic", "system_combined_user_activity", "system_change_chan_privacy"}  # fmt: skip


def sniff(source: Source) -> Guess | None:
    if source.is_many:
        return None
    head = head_text(source)[:400].replace(" ", "")
    if head.startswith('{"type":"version"'):
        return Guess(93, _("第一行是 Mattermost 批量导出的版本"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Channel by channel, then the private conversations."""
    server = _Server()
    with Spool() as spool:
        for line, record in enumerate(json_lines(source), start=1):
            yield from each_numbered([(line, record)], lambda at, raw: server.learn(at, raw, spool))
        for key in spool.chats():
            yield from _Talk(server, key).entries(spool)


class _Server:
    """What the export tells beside posts."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Chat] = {}
        self.present: dict[str, list[str]] = {}

    def learn(self, line: int, record: Record, spool: Spool) -> Iterator[Entry]:
        """Takes channels and people in, sets posts aside."""
        kind = record["type"]
        if kind == "channel":
            raw = record["channel"]
            key = f"{raw['team']}/{raw['name']}"
            name = text_of(raw.get("display_name")) or text_of(raw["name"])
            self.channels[key] = Chat(key, name, "mattermost", "channel")
        elif kind in ("user", "bot"):
            self._learn_person(record[kind], is_bot=kind == "bot")
        elif kind == "post":
            post = record["post"]
            spool.put(f"{post['team']}/{post['channel']}", line, post)
        elif kind == "direct_post":
            people = sorted(record["direct_post"]["channel_members"])
            key = "+".join(people)
            self.channels.setdefault(key, Chat(key, ", ".join(people), "mattermost", "dm"))
            spool.put(key, line, record["direct_post"])
        elif kind not in SILENT:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND)

    def _learn_person(self, raw: Record, *, is_bot: bool) -> None:
        ref = text_of(raw["username"])
        full = " ".join(filter(None, (text_of(raw.get("first_name")), text_of(raw.get("last_name")))))
        teams = raw.get("teams") or ()
        roles = {role for team in teams for role in text_of(team.get("roles")).split()} - {"team_user"}
        names = list(
            dict.fromkeys(
                filter(None, map(text_of, (raw.get("nickname"), raw.get("display_name"), full, ref)))
            )
        )
        aliases = tuple(names[1:])
        self.people[ref] = Person(
            ref, "mattermost.username", "", ref, names[0], aliases, tuple(sorted(roles)), is_bot
        )
        for team in teams if not raw.get("delete_at") else ():
            for channel in team.get("channels") or ():
                self.present.setdefault(f"{team['name']}/{channel['name']}", []).append(ref)

    def person(self, ref: str) -> Person:
        return self.people.get(ref) or Person(ref, "mattermost.username", "", ref, ref)


class _Talk:
    """One channel or conversation being read."""

    def __init__(self, server: _Server, key: str) -> None:
        self.server, self.key = server, key
        self.roll = Roll()

    def entries(self, spool: Spool) -> Iterator[Entry]:
        yield self.server.channels.get(self.key) or Chat(self.key, self.key, "mattermost", "channel")
        for ref in self.server.present.get(self.key, ()):
            yield from self.roll.meet(msgspec.structs.replace(self.server.person(ref), is_listed=True))
        yield from each_numbered(spool.records(self.key), self._post)

    def _meet(self, ref: str) -> Iterator[Entry]:
        if ref not in self.roll:
            yield from self.roll.meet(self.server.person(ref))

    def _post(self, line: int, raw: Record, target: str = "", author: str = "") -> Iterator[Entry]:
        user, at = raw["user"], int(raw["create_at"])
        id_, kind = f"{at}.{user}", text_of(raw.get("type"))
        yield from self._meet(user)
        if kind.startswith("system_") and kind != "system_me":
            yield from self._system(line, raw, kind, id_)
            return
        edited = raw.get("edit_at")
        yield Act(
            kind="message",
            at=at,
            actor=user,
            id=id_,
            text=text_of(raw.get("message")),
            form=_form(raw),
            target=target,
            other=author,
            edited_at=int(edited) if edited else None,
            precision="ms",
            line=line,
        )
        for reaction in raw.get("reactions") or ():
            by, emoji = reaction["user"], reaction["emoji_name"]
            when = int(reaction["create_at"])
            yield from self._meet(by)
            yield Act("reaction", when, by, target=id_, other=user, emoji=emoji, precision="ms", line=line)
        for reply in raw.get("replies") or ():
            yield from self._post(line, reply, target=id_, author=user)

    def _system(self, line: int, raw: Record, kind: str, id_: str) -> Iterator[Entry]:
        user, at, props = raw["user"], int(raw["create_at"]), raw.get("props") or {}
        if kind in QUIET:
            return
        deed: ActKind = "join" if kind in JOINED or kind in ADDED else "leave" if kind in LEFT else "remove"
        if kind in NOTICES:
            text = text_of(props.get(NOTICES[kind]) or raw.get("message"))
            yield Act("notice", at, user, id_, text, precision="ms", line=line)
        elif kind in JOINED or kind in LEFT:
            yield Act(deed, at, user, id_, precision="ms", line=line)
        elif kind in ADDED or kind in REMOVED:
            whom = props[ADDED.get(kind) or REMOVED[kind]]
            yield from self._meet(whom)
            other = user if user != whom else ""
            yield Act(deed, at, whom, id_, other=other, precision="ms", line=line)
        else:
            yield Unknown(line=line, raw=snippet(raw), why=STRANGE_KIND)


def _form(raw: Record) -> Form:
    return "file" if raw.get("attachments") and not raw.get("message") else "text"


MATTERMOST = Format("mattermost", gettext_lazy("Mattermost 批量导出（JSONL）"), sniff, read)
