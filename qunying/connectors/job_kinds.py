"""Long work of connectors: counting an upload, importing, taking back, exporting, filling in history."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.connectors import actions, counting, drafts
from qunying.connectors.exporting import export
from qunying.connectors.models import Connection, ImportBatch
from qunying.connectors.nightly import run_diagnosis, run_nightly
from qunying.jobs.actions import start
from qunying.jobs.kinds import LISTEN, JobKind, Result, Tick
from qunying.jobs.models import Job
from qunying.kit import days
from qunying.kit.errors import Missing

KEEP_SECONDS = 24 * 3600


def run_import(job: Job, tick: Tick) -> Result:
    """Take the batch's files in. Progress counts over all files, though each file starts anew."""
    batch = _batch(job)
    rows = int(job.args["rows"])
    before = last = 0

    def tell(done: int, _total: int) -> None:
        nonlocal before, last
        if done < last:
            before += last
        last = done
        tick(min(before + done, rows) if rows else before + done, rows)

    if batch.state != ImportBatch.State.DONE:
        actions.run_batch(batch, at=job.created_at, tick=tell)
    tick(rows, rows)
    return {"url": reverse("import", args=[job.brand.slug, batch.pk])}


def drop_import(job: Job, at: dt.datetime) -> None:
    """Nothing stays half imported: what the import wrote before it was stopped is taken back."""
    start(job.brand, kind="connectors.take_back", args={"batch": job.args["batch"]}, at=at, staff=job.staff)


def run_take_back(job: Job, tick: Tick) -> Result:
    batch = _batch(job)
    actions.take_back(batch, at=job.created_at)
    return {"url": reverse("import", args=[job.brand.slug, batch.pk])}


def _batch(job: Job) -> ImportBatch:
    found = (
        ImportBatch.objects.select_related("brand", "staff")
        .filter(brand=job.brand, pk=job.args["batch"])
        .first()
    )
    if found is None:
        raise Missing("brands.not_found")
    return found


def run_preview(job: Job, tick: Tick) -> Result:
    """Count what a large upload would bring."""
    staff = Staff.objects.select_related("brand").filter(brand=job.brand, pk=job.args["staff"]).first()
    if staff is None:
        raise Missing("brands.not_found")
    draft = drafts.find(staff, str(job.args["draft"]))
    counted = counting.count(staff.brand, draft, at=job.created_at)
    draft = drafts.find(staff, draft.token)
    if draft.job == job.pk:  # an answer to options changed meanwhile is not shown
        draft.counted, draft.job = counted, None
        draft.write()
    return {"url": reverse("import_draft", args=[job.brand.slug, draft.token])}


def run_undo(job: Job, tick: Tick) -> Result:
    batch = _batch(job)
    actions.undo(batch, at=job.created_at, by=job.staff)
    return {"url": reverse("import", args=[job.brand.slug, batch.pk])}


def run_export(job: Job, tick: Tick) -> Result:
    """Write the community's ChatLab file beside those of the last day; older ones are removed."""
    _sweep()
    community = Community.objects.filter(brand=job.brand, pk=job.args["community"]).first()
    if community is None:
        raise Missing("communities.not_found")
    told = export(
        community, drafts.export_path(job.pk), exported_at=days.utc_ms(job.created_at) // 1000, tick=tick
    )
    return {"url": reverse("chatlab_file", args=[job.brand.slug, job.pk]), **asdict(told)}


def _sweep() -> None:
    oldest = time.time() - KEEP_SECONDS
    for path in (Path(settings.HOME) / "exports").glob("*"):
        if path.stat().st_mtime < oldest:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def run_backfill(job: Job, tick: Tick) -> Result:
    """Fill in a connection's history."""
    row = (
        Connection.objects.select_related("brand").filter(brand=job.brand, pk=job.args["connection"]).first()
    )
    if row is None:
        raise Missing("brands.not_found")
    told = actions.dig(row, actions.wire_of(row), job=job, back=int(job.args["days"]), tick=tick)
    return {"url": reverse("connection", args=[job.brand.slug, row.pk]), **told}


JOB_KINDS = (
    JobKind(
        "connectors.backfill",
        _("补取历史消息"),
        run_backfill,
        pauses=True,
        dropped=actions.drop_history,
        queue=LISTEN,
    ),
    JobKind("connectors.nightly", _("每日例行更新"), run_nightly, daily=True),
    JobKind(
        "connectors.import",
        _("导入"),
        run_import,
        pauses=True,
        stops=_("停止后，这次导入已写入的记录会全部收回；想稍后再继续，请用“暂停”。"),
        dropped=drop_import,
        starts_over=True,  # what it wrote is taken back, so it is uploaded anew
    ),
    JobKind("connectors.take_back", _("收回未完成的导入"), run_take_back),
    JobKind("connectors.diagnose", _("检查导入后的数据"), run_diagnosis),
    JobKind("connectors.preview", _("清点上传的文件"), run_preview),
    JobKind("connectors.undo", _("撤销导入"), run_undo),
    JobKind("connectors.export", _("导出 ChatLab 文件"), run_export),
)
