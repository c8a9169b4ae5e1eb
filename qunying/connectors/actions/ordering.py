"""Put long work of connectors in line: an import, its undo, an export; remember what columns mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction

from qunying.brands.actions import lock
from qunying.brands.actions import log as audit
from qunying.brands.models import Brand, Staff
from qunying.brands.reasons import reason_given
from qunying.communities.models import Community
from qunying.connectors.actions.taking import Order, files_of, open_batch
from qunying.connectors.models import ColumnMapping, ImportBatch
from qunying.jobs import actions as jobs
from qunying.jobs.models import Job
from qunying.kit.errors import Refused


@transaction.atomic
def order_import(
    brand: Brand, paths: Sequence[Path], *, order: Order, rows: int, at: dt.datetime, by: Staff
) -> ImportBatch:
    """Open a batch for the files and start its job. `rows` is how many are expected, for the progress."""
    batch = open_batch(brand, paths, order=order, at=at, by=by)
    args = {"batch": batch.pk, "rows": rows}
    batch.job = jobs.start(brand, kind="connectors.import", args=args, at=at, staff=by)
    batch.save(update_fields=["job"])
    named = {"name": batch.name, "files": len(paths)}
    audit(brand, by=by, deed="import.ordered", about=f"import:{batch.pk}", at=at, after=named)
    return batch


@transaction.atomic
def order_undo(batch: ImportBatch, *, at: dt.datetime, by: Staff) -> Job:
    """Start the job that takes the import back; asking twice answers the job under way."""
    if batch.job is not None and not batch.job.is_over:
        if batch.job.kind == "connectors.undo":
            return batch.job
        raise Refused("connectors.still_running", name=batch.name)
    if not files_of(batch):
        raise Refused("connectors.undo_window_over", name=batch.name)
    batch.job = jobs.start(batch.brand, kind="connectors.undo", args={"batch": batch.pk}, at=at, staff=by)
    batch.save(update_fields=["job"])
    return batch.job


@transaction.atomic
def order_export(community: Community, *, reason: str, at: dt.datetime, by: Staff) -> Job:
    """Start writing the community's history as a ChatLab file, accounts in full; who asked and why is logged."""
    after = {"reason": reason_given(reason)}
    job = jobs.start(
        community.brand, kind="connectors.export", args={"community": community.pk}, at=at, staff=by
    )
    about = f"community:{community.pk}"
    audit(community.brand, by=by, deed="community.exported", about=about, at=at, after=after)
    return job


@transaction.atomic
def remember_columns(
    brand: Brand, *, header: str, format_key: str, fields: Mapping[str, str], at: dt.datetime, by: Staff
) -> None:
    """Keep what the columns of tables with this header mean; the latest answer counts, and the same one again changes
    nothing. The log names what was found, not the header: of a table without one that is its first person."""
    lock(brand)
    known = ColumnMapping.objects.filter(brand=brand, header=header).first()
    if known is not None and (known.format, known.fields) == (format_key, dict(fields)):
        return
    kept, _new = ColumnMapping.objects.update_or_create(
        brand=brand,
        header=header,
        defaults={"format": format_key, "fields": dict(fields)},
        create_defaults={"format": format_key, "fields": dict(fields), "created_at": at},
    )
    before = _told(known.format, known.fields) if known is not None else None
    after = _told(format_key, fields)
    audit(
        brand,
        by=by,
        deed="columns.remembered",
        about=f"columns:{kept.pk}",
        at=at,
        before=before,
        after=after,
    )


def _told(format_key: str, fields: Mapping[str, str]) -> dict[str, object]:
    return {"format": format_key, "fields": sorted(field for field in fields.values() if field)}
