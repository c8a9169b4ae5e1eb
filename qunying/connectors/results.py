"""What an import or a dry run brought, as the pages show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.actions import files_of
from qunying.connectors.drafts import Counted
from qunying.connectors.files import unknown_rows
from qunying.connectors.importers import IMPORTERS
from qunying.connectors.incoming import Duplicates, Options
from qunying.connectors.looking import DUPLICATES, unknown_lines
from qunying.connectors.models import ImportBatch
from qunying.connectors.queries import touched, would_vanish
from qunying.jobs.queries import sentence
from qunying.kit import days
from qunying.kit.refusals import Text

COLUMNS: tuple[tuple[str, Text], ...] = (
    ("messages", gettext_lazy("发言")),
    ("members", gettext_lazy("群成员")),
    ("new_people", gettext_lazy("新增群成员")),
    ("known_people", gettext_lazy("已有群成员")),
    ("repeated_rows", gettext_lazy("同一人的重复行")),
    ("speakers", gettext_lazy("发言人数")),
    ("joins", gettext_lazy("入群")),
    ("leaves", gettext_lazy("退群")),
    ("reactions", gettext_lazy("表情回应")),
    ("replies", gettext_lazy("回复")),
    ("recalls", gettext_lazy("撤回")),
    ("figures", gettext_lazy("平台数据")),
    ("new", gettext_lazy("新增记录")),
    ("duplicates", gettext_lazy("重复记录")),
    ("suppressed", gettext_lazy("不再导入")),
    ("unknown_lines", gettext_lazy("未识别行")),
)
STATES: dict[str, tuple[str, Text]] = {
    "waiting": ("running", gettext_lazy("进行中")),
    "done": ("ok", gettext_lazy("已导入")),
    "failed": ("failed", gettext_lazy("未完成")),
    "undone": ("", gettext_lazy("已撤销")),
}
ALWAYS = ("messages", "members", "new", "duplicates", "unknown_lines")
OF_PEOPLE = ("new_people", "known_people", "repeated_rows")
"""Shown together, for member tables."""


@dataclass(frozen=True)
class File:
    """One file's figures in the order of the table's columns."""

    path: str
    community: str
    format: Text
    encoding: str
    zone: str
    span: str
    figures: list[int]


@dataclass(frozen=True)
class Figures:
    """A table of files with its columns (those with any number, and a few always) and the sums. `error` instead of
    figures where the files could not be read; `unknown` are the first lines nobody could place; `policy` says what
    becomes of people known already, where there is a member table."""

    columns: list[Text]
    files: list[File]
    sums: list[int | None]
    span: str
    has_chat: bool
    unknown: list[dict[str, object]]
    warnings: list[str]
    error: str = ""
    policy: Text = ""


def counted(told: Counted | None) -> Figures | None:
    """The dry run's figures; None while they are not there."""
    if told is None:
        return None
    error = sentence({"code": told.code, "details": told.details}) if told.code else ""
    return _figures(told.files, told.total, error)


def _figures(rows: list[dict[str, object]], total: Mapping[str, object], error: str = "") -> Figures:
    """`total` counts people of several files once; where it does not tell, people have no sum."""
    plain = {key: sum(_int(row.get(key)) for row in rows) for key, _label in COLUMNS}
    sums = {key: _sum(key, plain[key], total, rows) for key in plain}
    about_people = OF_PEOPLE if any(plain[key] for key in OF_PEOPLE) else ()
    shown = [key for key, _label in COLUMNS if key in (*ALWAYS, *about_people) or plain[key]]
    labels = dict(COLUMNS)
    firsts, lasts = ([str(row[end]) for row in rows if row[end]] for end in ("first", "last"))
    return Figures(
        columns=[labels[key] for key in shown],
        files=[_file(row, shown) for row in rows],
        sums=[sums[key] for key in shown],
        span=_span(min(firsts, default=None), max(lasts, default=None)),
        has_chat=bool(plain["messages"]),
        unknown=[
            {"path": row["path"], **line, "why": _(str(line["why"]))}
            for row in rows
            for line in _lines(row["unknown"])
        ],
        warnings=[str(told) for row in rows for told in _texts(row["warnings"])],
        error=error,
        policy=next((DUPLICATES[Duplicates(str(row["policy"]))] for row in rows if row.get("policy")), ""),
    )


def _sum(key: str, added: int, total: Mapping[str, object], rows: list[dict[str, object]]) -> int | None:
    if key in total:
        return _int(total[key])
    return None if key in ("members", "speakers") and len(rows) > 1 else added


def _file(row: Mapping[str, object], shown: list[str]) -> File:
    labels = {form.key: form.label for form in IMPORTERS}
    return File(
        path=str(row["path"]),
        community=str(row["community"]) or "—",
        format=labels.get(str(row["format"]), str(row["format"])),
        encoding=str(row["encoding"]),
        zone=str(row["tz_assumed"]),
        span=_span(row["first"], row["last"]),
        figures=[_int(row.get(key)) for key in shown],
    )


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _lines(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _span(first: object, last: object) -> str:
    return f"{str(first)[:10]} – {str(last)[:10]}" if first and last else "—"


def row(batch: ImportBatch) -> dict[str, object]:
    """One line of the list of imports."""
    mark, label = STATES[batch.state]
    files = batch.summary.get("files", [])
    return {
        "batch": batch,
        "mark": mark,
        "state_label": label,
        "messages": sum(file["messages"] for file in files) if files else None,
        "members": sum(file["members"] for file in files) if files else None,
        "unknown": sum(file["unknown_lines"] for file in files) if files else None,
    }


def page(batch: ImportBatch) -> dict[str, object]:
    """Everything the page of an import shows."""
    clock, files = batch.brand.clock, batch.summary.get("files", [])
    is_done = batch.state == ImportBatch.State.DONE
    cover = [
        (place, days.date(place.covered_from or 0), days.date(place.covered_to))
        for place in (touched(batch) if is_done else [])
        if place.covered_to is not None
    ]
    mark, label = STATES[batch.state]
    return {
        "batch": batch,
        "mark": mark,
        "state_label": label,
        "figures": _figures(files, batch.summary.get("total", {})) if files else None,
        "cover": cover,
        "gone": would_vanish(batch) if is_done else None,
        "can_undo": is_done and bool(files_of(batch)),
        "keep_until": batch.keep_until.astimezone(clock.zone)
        if isinstance(batch.keep_until, dt.datetime)
        else None,
    }


def unknown(batch: ImportBatch) -> Iterator[tuple[object, ...]]:
    """Every unknown line while the files are kept, afterwards the first fifty of each file."""
    paths = files_of(batch)
    if not paths or batch.state != ImportBatch.State.DONE:
        for line in unknown_rows(batch):
            yield line["path"], line["line"], line["why"], line["raw"]
        return
    told = {key: value for key, value in batch.options.items() if key not in ("community", "format")}
    options = msgspec.convert(told, Options)
    for name, found in unknown_lines(paths, options=options, format_key=batch.options["format"]):
        yield name, found.line, _(found.why), found.raw
