"""Take files in as one batch; look at them first without changing anything."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands import preferences
from qunying.brands.actions import log as audit
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.connectors import aside
from qunying.connectors.actions.withdrawing import settle, withdraw_batch
from qunying.connectors.importers import entries, pick, sources
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.text_formats import TEXT_FORMATS
from qunying.connectors.importers.text_lines import encoding_of
from qunying.connectors.incoming import Duplicates, Entry, Guess, Options
from qunying.connectors.intake import Intake
from qunying.connectors.models import ImportBatch
from qunying.connectors.summary import Summary
from qunying.connectors.tidings import DONE
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.jobs.actions import Interrupted, Ticker, run_here, run_job, start
from qunying.jobs.models import Job
from qunying.metrics.readings import bring_up_to_date
from qunying.webhooks.actions import Told, tell

Tick = Callable[[int, int], None]


Held = tuple[Source, Format, Guess]
NEXT = 2**62
"""A look counts as the import after all others."""
REPEATED = {
    True: gettext_lazy(
        "文件里有 {count} 行写的是前面的行写过的人：以后面的行为准，后面没写的不变；所在群和入群时间都记录。"
    ),
    False: gettext_lazy(
        "文件里有 {count} 行写的是前面的行写过的人：以前面的行为准，后面只补空缺；没跳过的，所在群和入群时间都记录。"
    ),
}


@dataclass(frozen=True)
class FileReport:
    """One file of an import: what it is and what it brought."""

    path: str
    format: Format
    guess: Guess
    summary: Summary
    zone: str


@dataclass(frozen=True)
class Order:
    """What an import was asked to do. Without `community` each chat becomes or finds its own."""

    options: Options
    community: int | None = None
    format_key: str = ""


def take_files(
    brand: Brand,
    paths: Sequence[Path],
    *,
    order: Order,
    at: dt.datetime,
    by: Staff | None = None,
) -> tuple[ImportBatch, list[FileReport]]:
    """Import the files as one batch, here and now, and bring every number up to date; on an error nothing of the batch
    stays. If this process dies on the way, a worker goes on with it."""
    batch = open_batch(brand, paths, order=order, at=at, by=by)
    with run_here(brand, kind="connectors.import", args={"batch": batch.pk, "rows": 0}, at=at) as job:
        batch.job = job
        batch.save(update_fields=["job"])
        return batch, run_batch(batch, at=at, tick=Ticker(job))


def diagnose_now(batch: ImportBatch) -> None:
    """Look for problems in this process instead of waiting for a worker; one that is at it already is left alone."""
    waiting = Job.objects.filter(
        brand=batch.brand, kind="connectors.diagnose", args__batch=batch.pk, state=Job.State.WAITING
    )
    for pk in list(waiting.values_list("pk", flat=True)):
        run_job.call(pk)


def open_batch(
    brand: Brand, paths: Sequence[Path], *, order: Order, at: dt.datetime, by: Staff | None = None
) -> ImportBatch:
    """A batch that waits, with its files kept aside for the undo window. Files nobody can read are refused here."""
    for held in hold(paths, order.format_key):
        held[0].head()
    batch = ImportBatch.objects.create(
        brand=brand,
        name=", ".join(path.name for path in paths)[:255],
        options={
            **msgspec.structs.asdict(order.options),
            "community": order.community,
            "format": order.format_key,
        },
        staff=by,
        created_at=at,
        keep_until=at + dt.timedelta(days=preferences.number(brand, "file_days")),
    )
    _keep_files(batch, paths)
    return batch


def hold(paths: Sequence[Path], format_key: str = "") -> list[Held]:
    """Each source among the paths with the format it will be read as."""
    return [(source, *pick(source, format_key or None)) for source in sources(paths)]


def _keep_files(batch: ImportBatch, paths: Sequence[Path]) -> None:
    home = Path(settings.HOME) / "imports" / f"{batch.pk}-{secrets.token_hex(8)}"
    home.mkdir(parents=True, exist_ok=True)
    for place, path in enumerate(paths):
        target = home / f"{place:03d}" / path.name
        target.parent.mkdir(exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, target)
    batch.path = str(home.relative_to(settings.HOME))
    batch.save(update_fields=["path"])


def files_of(batch: ImportBatch) -> list[Path]:
    """The kept files, in the order given; empty once the undo window is over."""
    home = Path(settings.HOME) / batch.path
    return (
        [next(folder.iterdir()) for folder in sorted(home.iterdir())] if batch.path and home.is_dir() else []
    )


def run_batch(batch: ImportBatch, *, at: dt.datetime, tick: Tick | None = None) -> list[FileReport]:
    """Take the batch's files in and bring every number up to date; looking for problems is put in line. Running again
    changes nothing; an error, Ctrl-C or stopping it takes everything of the batch back."""
    brand = batch.brand
    begun = Fact.objects.filter(brand=brand.pk, batch=batch.pk).count()
    try:
        reports = take_in(batch, at=at, tick=tick)
        drive(brand)
        bring_up_to_date(brand, at=at)
    except Interrupted:  # paused, or another worker has it: what is in stays for whoever goes on
        raise
    except BaseException:  # a fault of ours or Ctrl-C too: nothing may stay half imported
        take_back(batch, at=at)
        raise
    start(brand, kind="connectors.diagnose", args={"batch": batch.pk}, at=at, staff=batch.staff)
    if any(report.summary.counts["erased_people"] for report in reports):
        _drop_files(batch)
    batch.state = ImportBatch.State.DONE
    chats = {chat for report in reports for chat in report.summary.chats}
    files = [as_json(report, brand) for report in reports]
    batch.summary = {"files": files, "total": total(brand, reports, begun), "chats": sorted(chats)}
    with transaction.atomic():
        batch.save(update_fields=["state", "summary"])
        audit(brand, by=batch.staff, deed="import.done", about=f"import:{batch.pk}", at=at)
        _tell(batch)
    return reports


def _tell(batch: ImportBatch) -> None:
    counts = batch.summary["total"]
    told = {name: counts[name] for name in ("files", "messages", "members", "joins", "leaves", "new")}
    tell(batch.brand, [Told(DONE, f"import:{batch.pk}:done", {"import": batch.pk, **told})])


def take_back(batch: ImportBatch, *, at: dt.datetime) -> None:
    """Take out what an import that did not end brought; what imports begun after it brought too is read again from
    their files. Safe to run twice."""
    touched = withdraw_batch(batch, at=at)
    for other in ImportBatch.objects.filter(
        brand=batch.brand, pk__gt=batch.pk, state=ImportBatch.State.DONE
    ).order_by("pk"):
        take_in(other, at=other.created_at)
    drive(batch.brand)
    settle(batch.brand, touched)
    ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.FAILED)


def take_in(batch: ImportBatch, *, at: dt.datetime, tick: Tick | None = None) -> list[FileReport]:
    """Read the kept files into the log; facts that are there already stay."""
    told = dict(batch.options)
    community = Community.objects.filter(brand=batch.brand, pk=told.pop("community") or 0).first()
    held = hold(files_of(batch), told.pop("format"))
    options = msgspec.convert(told, Options)
    intake = Intake(
        batch.brand,
        at=at,
        batch=batch.pk,
        community=community,
        keeps_text=preferences.number(batch.brand, "text_days") > 0,
        tick=(lambda taken: tick(taken, 0)) if tick else None,
        drives=True,
    )
    return [_read(intake, each, options) for each in held]


def _read(intake: Intake, held: Held, options: Options) -> FileReport:
    """One source through the intake, with what was assumed about it."""
    source, form, guess = held
    policy = options.duplicates if form.lists_people else None
    with closing(_entries(intake.visit.brand, held, options)) as stream:
        summary = intake.take(stream, policy=policy)
    summary.encoding = options.encoding or _encoding(source, form)
    zone = options.zone if form.clock == "local" else ""
    if zone:
        summary.warnings.append(str(_("文件里的时间没有时区，按 {zone} 处理。").format(zone=zone)))
    if not form.keyed:
        summary.warnings.append(str(_("文件里的消息没有编号，按时间、发言人和内容识别重复。")))
    if summary.counts["suppressed"]:
        summary.warnings.append(str(_("有群成员已清除个人信息，他们的记录没有导入。")))
    if repeated := repeated_rows([summary]):
        told = REPEATED[options.duplicates is Duplicates.UPDATE]
        summary.warnings.append(str(told).format(count=repeated))
    return FileReport(_shown(source), form, guess, summary, zone)


def _entries(brand: Brand, held: Held, options: Options) -> Generator[Entry]:
    source, form, _guess = held
    if not aside.is_long(form, source):
        return entries(form, source, options)
    told = aside.Request(
        str(source.path), source.inside, form.key, options, bytes(brand.key), brand.clock.name
    )
    return aside.read_aside(told)


def _encoding(source: Source, form: Format) -> str:
    """The text encoding that was found; JSON formats are UTF-8 by their own definition."""
    return encoding_of(source).name if form in TEXT_FORMATS and not _is_workbook(source) else "utf-8"


def _is_workbook(source: Source) -> bool:
    return source.head(4) == b"PK\x03\x04"


def _shown(source: Source) -> str:
    return f"{source.path.name}:{source.inside}" if source.inside else source.path.name


def _drop_files(batch: ImportBatch) -> None:
    """The files name somebody who was erased, so they are not kept; undo works without them."""
    shutil.rmtree(Path(settings.HOME) / batch.path, ignore_errors=True)
    batch.path = ""
    batch.save(update_fields=["path"])


def as_json(report: FileReport, brand: Brand) -> dict[str, object]:
    """The report as `qunying import --json` prints it and the result page shows it."""
    counts, clock = report.summary.counts, brand.clock
    first, last = (
        None if at is None else clock.local(at).isoformat()
        for at in (report.summary.first, report.summary.last)
    )
    return {
        "path": report.path,
        "community": "、".join(report.summary.communities),
        "format": report.format.key,
        "evidence": report.guess.evidence,
        "encoding": report.summary.encoding,
        "messages": counts["messages"],
        "members": len(report.summary.people),
        "speakers": len(report.summary.speakers),
        "joins": counts["joins"],
        "leaves": counts["leaves"],
        "reactions": counts["reactions"],
        "replies": counts["replies"],
        "recalls": counts["recalls"],
        "figures": counts["figures"],
        "policy": report.summary.policy,
        "new_people": len(report.summary.fresh),
        "known_people": len(report.summary.known),
        "repeated_rows": repeated_rows([report.summary]),
        "new": counts["new"],
        "duplicates": counts["facts"] - counts["new"],
        "suppressed": counts["suppressed"],
        "unknown_lines": counts["unknown_lines"],
        "unknown": report.summary.unknown,
        "first": first,
        "last": last,
        "tz_assumed": report.zone,
        "warnings": report.summary.warnings,
    }


def total(brand: Brand, reports: Sequence[FileReport], begun: int = 0) -> dict[str, object]:
    """The files together; people who stand in several files count once. `begun` facts were already written before
    the import was interrupted: they are new too, though this reading found them there."""
    people = set().union(*(report.summary.people for report in reports))
    speakers = set().union(*(report.summary.speakers for report in reports))
    rows = [as_json(report, brand) for report in reports]
    sums = (
        "messages",
        "joins",
        "leaves",
        "reactions",
        "replies",
        "recalls",
        "figures",
        "new",
        "duplicates",
        "suppressed",
        "unknown_lines",
    )
    counted: dict[str, object] = {name: sum(int(str(row[name])) for row in rows) for name in sums}
    counted["new"] = int(str(counted["new"])) + begun
    counted["duplicates"] = int(str(counted["duplicates"])) - begun
    firsts = [str(row["first"]) for row in rows if row["first"]]
    lasts = [str(row["last"]) for row in rows if row["last"]]
    return {
        "files": len(rows),
        "members": len(people),
        "speakers": len(speakers),
        "new_people": len(set().union(*(report.summary.fresh for report in reports))),
        "known_people": len(set().union(*(report.summary.known for report in reports))),
        "repeated_rows": repeated_rows([report.summary for report in reports]),
        **counted,
        "first": min(firsts, default=None),
        "last": max(lasts, default=None),
    }


def repeated_rows(summaries: Sequence[Summary]) -> int:
    """Rows of member tables about somebody whom an earlier row of them is about already."""
    people = set().union(*(summary.known | summary.fresh for summary in summaries))
    return sum(summary.counts["rows"] for summary in summaries) - len(people)


class _Back(Exception):
    """Leaves the transaction of a preview."""


def preview(brand: Brand, paths: Sequence[Path], *, order: Order, at: dt.datetime) -> list[FileReport]:
    """What the import would bring, counted by doing it and taking all of it back."""
    reports: list[FileReport] = []
    try:
        with transaction.atomic():
            community = Community.objects.filter(brand=brand, pk=order.community or 0).first()
            intake = Intake(brand, at=at, batch=NEXT, community=community, keeps_text=False)
            reports.extend(_read(intake, held, order.options) for held in hold(paths, order.format_key))
            raise _Back
    except _Back:
        return reports
