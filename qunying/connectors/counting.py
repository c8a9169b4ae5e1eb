"""The dry run of an upload: what it would bring, kept with the draft."""

from __future__ import annotations

import datetime as dt

from qunying.brands.models import Brand, Staff
from qunying.connectors import actions
from qunying.connectors.drafts import Counted, Draft
from qunying.jobs import actions as jobs
from qunying.kit.errors import QunyingError

AT_ONCE = 5 << 20
"""Bytes up to which the count is made while the visitor waits."""
ROWS = ("messages", "joins", "leaves", "reactions", "recalls")


def begin(draft: Draft, *, staff: Staff, at: dt.datetime) -> None:
    """Count now, or start the job that does."""
    draft.counted, draft.job = None, None
    if draft.size <= AT_ONCE:
        draft.counted = count(staff.brand, draft, at=at)
    else:
        args = {"draft": draft.token, "staff": staff.pk}
        draft.job = jobs.start(staff.brand, kind="connectors.preview", args=args, at=at, staff=staff).pk
    draft.write()


def count(brand: Brand, draft: Draft, *, at: dt.datetime) -> Counted:
    """Every figure of the import without importing; a refusal is kept as the answer."""
    try:
        reports = actions.preview(brand, draft.files(), order=draft.order, at=at)
    except QunyingError as error:
        return Counted(code=error.code, details=dict(error.details))
    files = [actions.as_json(report, brand) for report in reports]
    return Counted(files=files, total=actions.total(brand, reports))


def rows_of(counted: Counted) -> int:
    """About how many acts the import will take, for its progress."""
    return sum(int(str(counted.total.get(name, 0))) for name in ROWS)


def places_of(counted: Counted) -> list[str]:
    """Names of the communities the import would write to."""
    found = {name for file in counted.files for name in str(file["community"]).split("、") if name}
    return sorted(found)
