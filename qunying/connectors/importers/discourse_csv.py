"""The archive a Discourse user downloads: all posts of that one person, topic by topic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.csv_rows import CsvRow, csv_sniff, csv_tables
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import moment, zone_of
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Unknown

_COLUMNS = ("topic_title", "categories", "is_pm", "post_raw", "like_count", "url", "created_at")
_URL = re.compile(r"/t/(?:[^/]+/)?(?P<topic>\d+)/(?P<post>\d+)")
_OWNER = re.compile(r"user_archive-(?P<name>.+?)-\d{6,}")


def sniff(source: Source) -> Guess | None:
    return csv_sniff(source, _COLUMNS, 95)


def read(source: Source, options: Options) -> Iterator[Entry]:
    """One chat a topic. Only the file's name tells whose posts these are; likes are counts without names."""
    named = _OWNER.search(source.name)
    owner = named["name"] if named else source.name.rsplit(".", 1)[0]
    zone = zone_of(options.zone)
    for table in csv_tables(source, _COLUMNS, options):
        now: Chat | None = None
        rosters: dict[str, Roster] = {}
        for row in table.rows():
            if isinstance(row, Unknown):
                yield row
                continue
            found, when = _URL.search(row["url"]), moment(row["created_at"], zone)
            key = found["topic"] if found else row["topic_title"]
            is_pm = row["is_pm"].lower() in {"yes", "true"}
            chat = Chat(key, row["topic_title"], "discourse", "dm" if is_pm else "topic")
            roster = rosters.setdefault(key, Roster(key))
            if chat != now:
                now = chat
                yield chat
            if when is None:
                yield Unknown(line=row.line, raw=row.raw, why=whys_text.BAD_TIME)
                continue
            actor = roster.weak(owner)
            yield from roster.fresh()
            id_ = f"{key}/{found['post']}" if found else ""
            yield Act(
                "message", when[0], actor, id=id_, text=row["post_raw"], precision=when[1], line=row.line
            )
            yield from _likes(row, when[0], actor, id_)


def _likes(row: CsvRow, at: int, actor: str, post: str) -> Iterator[Act]:
    count = int(row["like_count"]) if row["like_count"].isdecimal() else 0
    if count:
        yield Act(
            "reaction",
            at,
            "",
            target=post,
            other=actor,
            emoji="like",
            value=count,
            precision="day",
            line=row.line,
        )


DISCOURSE_CSV = Format(
    key="discourse.csv", label=gettext_lazy("Discourse 个人存档（CSV）"), sniff=sniff, read=read
)
