"""A look at uploaded files before they are imported: what they seem to be, a few rows, which columns they have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import entries, guess, pick, sources
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.sheet_templates import FIGURE_LABELS
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import header_of
from qunying.connectors.incoming import Act, Chat, Duplicates, Entry, Figure, Options, Person, Unknown
from qunying.jobs.queries import sentence
from qunying.kit import days
from qunying.kit.errors import QunyingError
from qunying.kit.refusals import Text

SAMPLES = 20
SCANNED = 5_000
FILES = 50

DUPLICATES: dict[Duplicates, Text] = {
    Duplicates.UPDATE: gettext_lazy("更新：以这次的名单为准，名单里没写的保持不变"),
    Duplicates.KEEP: gettext_lazy("保留原有：只补充空缺的资料，已有的不改；所在群和入群时间照常记录"),
    Duplicates.SKIP: gettext_lazy("跳过：已有群成员的行全部不导入，包括所在群和入群时间"),
}
KINDS: dict[str, Text] = {
    "message": gettext_lazy("发言"),
    "reaction": gettext_lazy("表情回应"),
    "unreaction": gettext_lazy("取消表情回应"),
    "join": gettext_lazy("入群"),
    "leave": gettext_lazy("退群"),
    "remove": gettext_lazy("被移出群"),
    "invite": gettext_lazy("邀请入群"),
    "recall": gettext_lazy("撤回消息"),
    "pin": gettext_lazy("置顶消息"),
    "share": gettext_lazy("转发"),
    "contact_add": gettext_lazy("添加好友"),
    "contact_loss": gettext_lazy("好友流失"),
    "notice": gettext_lazy("群通知"),
}


@dataclass(frozen=True)
class Seen:
    """One file as it will be read. `error` says why it cannot be; `others` are further formats that would fit."""

    name: str
    format: Format | None
    evidence: str = ""
    others: tuple[Format, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Row:
    """One sample row: when (in the brand's zone), in which chat, what, who, and the beginning of the text."""

    at: str
    chat: str
    kind: Text
    who: str
    text: str


@dataclass(frozen=True)
class Look:
    """Everything the preview shows of the files but the counts. `header` holds the first table's columns, if any."""

    files: list[Seen]
    rows: list[Row]
    header: list[str]
    error: str = ""

    @property
    def is_local(self) -> bool:
        """Whether any file has times without a zone, so that the zone must be asked."""
        return any(file.format is not None and file.format.clock == "local" for file in self.files)

    @property
    def lists_people(self) -> bool:
        """Whether any file is a member table, so that somebody may say what becomes of people known already."""
        return any(file.format is not None and file.format.lists_people for file in self.files)

    @property
    def has_chat(self) -> bool:
        """Whether the samples hold what people said, so that a lawful basis must be stated."""
        return any(row.kind is KINDS["message"] for row in self.rows)

    @property
    def is_readable(self) -> bool:
        return not self.error and bool(self.files) and all(not file.error for file in self.files)

    @property
    def needs_mapping(self) -> bool:
        """Whether it is a table whose columns nobody knows."""
        return bool(self.header) and not self.is_readable


def look(paths: Sequence[Path], *, options: Options, format_key: str, clock: days.Clock) -> Look:
    """What the files seem to be. Reads heads and the first rows only."""
    try:
        held = sources(paths)
    except QunyingError as refused:
        return Look([], [], [], told(refused))
    files = [_seen(source, format_key) for source in held[:FILES]]
    rows: list[Row] = []
    fault = ""
    for source, file in zip(held, files, strict=False):
        if file.format is not None and len(rows) < SAMPLES:
            try:
                rows += _rows(entries(file.format, source, options), clock, SAMPLES - len(rows))
            except QunyingError as broken:
                fault = fault or told(broken)
    return Look(files, rows, header_of(held[0]) if held else [], fault)


def told(error: QunyingError) -> str:
    return sentence({"code": error.code, "details": error.details})


def _seen(source: Source, format_key: str) -> Seen:
    name = f"{source.path.name} / {source.inside}" if source.inside else source.path.name
    try:
        form, found = pick(source, format_key or None)
        others = tuple(other for other, _guess in guess(source) if other is not form)
    except QunyingError as error:
        return Seen(name, None, error=told(error))
    return Seen(name, form, found.evidence, others)


def _rows(found: Iterable[Entry], clock: days.Clock, most: int) -> list[Row]:
    """The first rows worth showing; members of a list count as rows where they do nothing themselves."""
    people: dict[str, Person] = {}
    rows: list[Row] = []
    chat = ""
    for entry in islice(found, SCANNED):
        if isinstance(entry, Chat):
            chat = entry.name
        elif isinstance(entry, Person):
            people[entry.ref] = entry
            if entry.is_listed:
                rows.append(Row("", chat, _("名单里的群成员"), entry.name or entry.value, ""))
        elif isinstance(entry, Act):
            who = people.get(entry.actor)
            at = f"{clock.local(entry.at):%Y-%m-%d %H:%M}"
            said = entry.text or entry.emoji or entry.source
            rows.append(Row(at, chat, KINDS[entry.kind], (who.name or who.value) if who else "", said[:120]))
        elif isinstance(entry, Figure):
            label = str(FIGURE_LABELS.get(entry.name, entry.name))
            rows.append(
                Row(
                    days.date(entry.day).isoformat(),
                    chat,
                    _("平台数据"),
                    entry.owner,
                    f"{label} {entry.value:,}",
                )
            )
        if len(rows) >= most:
            break
    return rows


def signature(header: Sequence[str]) -> str:
    """By what a table is known again: its columns in their order."""
    return hashlib.sha256("\n".join(header).encode()).hexdigest()


def unknown_lines(
    paths: Sequence[Path], *, options: Options, format_key: str
) -> Iterable[tuple[str, Unknown]]:
    """Every line nobody could place, read anew from the files: file name and line."""
    for source in sources(paths):
        form, _found = pick(source, format_key or None)
        for entry in entries(form, source, options):
            if isinstance(entry, Unknown):
                yield source.name, entry
