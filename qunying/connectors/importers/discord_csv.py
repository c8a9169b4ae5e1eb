"""DiscordChatExporter's CSV: one channel a file, without message ids, kinds or leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy
from msgspec import structs

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.importers.csv_rows import CsvRow, csv_sniff, csv_tables
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.forms import form_of_name
from qunying.connectors.importers.moments import moment, zone_of
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Guess, Options, Unknown

_COLUMNS = ("AuthorID", "Author", "Date", "Content", "Attachments", "Reactions")
_CHANNEL = re.compile(r"(?P<name>.+?) ?\[(?P<id>\d{6,20})\]")
_REACTION = re.compile(r"(?P<emoji>.+?) \((?P<count>\d+)\)(?:,|$)")
_DEEDS: dict[str, ActKind] = {"Joined the server.": "join", "Pinned a message.": "pin"}
"""The tool's own sentences. The table has no kinds, so the exact sentence is all there is to go by."""


def sniff(source: Source) -> Guess | None:
    return csv_sniff(source, _COLUMNS, 95)


def read(source: Source, options: Options) -> Iterator[Entry]:
    """The channel, named by the file. Reactions are counts without names."""
    zone = zone_of(options.zone)
    for table in csv_tables(source, _COLUMNS, options):
        found = _CHANNEL.search(table.table.name)
        key, name = (found["id"], found["name"]) if found else (table.table.name, table.table.name)
        yield Chat(key, name, "discord", "channel")
        roster = Roster(key)
        for row in table.rows():
            if isinstance(row, Unknown):
                yield row
                continue
            when = moment(row["Date"], zone)
            if when is None or not row["AuthorID"]:
                why = whys_text.BAD_TIME if when is None else whys.NO_SENDER
                yield Unknown(line=row.line, raw=row.raw, why=why)
                continue
            actor = roster.account("discord.user", row["AuthorID"], row["Author"])
            yield from roster.fresh()
            yield from _acts(row, Act("message", when[0], actor, precision=when[1], line=row.line))


def _acts(row: CsvRow, act: Act) -> Iterator[Entry]:
    content, files = row["Content"], row["Attachments"]
    deed = None if files else _DEEDS.get(content)
    if deed:
        yield structs.replace(act, kind=deed)
        return
    first = files.split(",")[0].split("?")[0]
    yield structs.replace(
        act, text=content, form=form_of_name(PurePosixPath(first).name) if first else "text"
    )
    for found in _REACTION.finditer(row["Reactions"]):
        yield Act(
            "reaction",
            act.at,
            "",
            other=act.actor,
            emoji=found["emoji"],
            value=int(found["count"]),
            precision="day",
            line=act.line,
        )


DISCORD_CSV = Format(
    key="discord.csv",
    label=gettext_lazy("Discord 频道导出（DiscordChatExporter CSV）"),
    sniff=sniff,
    read=read,
    keyed=False,
)
