"""Operations about what a finding advises, and what became of the advice that was taken."""

from __future__ import annotations

import datetime as dt

from ninja.params.functions import Query

from qunying.api.cursors import cut
from qunying.api.places import now, scope_for
from qunying.brands.access import BrandRequest
from qunying.diagnosis.queries import metric_label
from qunying.diagnosis.queries import one as one_finding
from qunying.kit import days
from qunying.playbooks import queries
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Advice, Review, Run
from qunying.playbooks.queries import Planned, Preview, StepShown
from qunying.playbooks.showing import compared


def advice(request: BrandRequest, brand: str, finding_id: int) -> dict[str, object]:
    """The playbooks advised for a finding, best first, each with what it would do if it were started today; nothing is
    started."""
    row, today = one_finding(request.staff, finding_id), _today(request)
    return {
        "items": [
            _advice(one, queries.preview(row, one.playbook, on=today)) for one in queries.advice_of(row)
        ]
    }


def _advice(one: Advice, plan: Preview) -> dict[str, object]:
    run, book = getattr(one, "run", None), plan.playbook
    return {
        "id": one.pk,
        "playbook": book.key,
        "label": str(book.label),
        "why": str(book.why),
        "state": one.state,
        "reason": one.reason,
        "run": run.pk if run else None,
        "people": plan.people,
        "steps": [_planned(step) for step in plan.steps],
        "metric": book.metric,
        "metric_label": plan.metric,
        "review_on": plan.review_on,
    }


def _planned(step: Planned) -> dict[str, object]:
    return {"number": step.number, "kind": step.kind, "text": str(step.text), "due_on": step.due_on}


def runs(
    request: BrandRequest,
    brand: str,
    cursor: str = "",
    limit: int = 100,
    community: str = "",
    is_open: bool = Query(False, alias="open"),
) -> dict[str, object]:
    """Playbooks that were carried out, within the data scope; `open=true` leaves out what was reviewed or stopped."""
    scope = scope_for(request, community)
    rows = queries.runs(request.staff)
    if scope.node is not None:
        rows = rows.filter(community__in=scope.communities)
    if is_open:
        rows = rows.filter(state=Run.State.RUNNING)
    found, following = cut(rows, cursor=cursor, limit=limit)
    today = _today(request)
    return {"items": [_run(row, today) for row in found], "next": following}


def run(request: BrandRequest, brand: str, run_id: int) -> dict[str, object]:
    return _run(queries.one_run(request.staff, run_id), _today(request))


def _today(request: BrandRequest) -> dt.date:
    return days.date(request.brand.today(now()))


def _run(row: Run, today: dt.date) -> dict[str, object]:
    owner, review = row.owner, getattr(row, "review", None)
    ends = {"started_on": row.started_on, "review_on": row.review_on}
    return {
        "id": row.pk,
        "playbook": row.playbook,
        "label": str(playbook(row.playbook).label),
        "version": row.version,
        "community": row.community_id,
        "finding": row.advice.finding_id if row.advice else None,
        "owner": {"id": owner.pk, "name": owner.name} if owner else None,
        "state": row.state,
        "reason": row.reason,
        **ends,
        "steps": [_step(step) for step in queries.steps(row, today=today)],
        "review": _review(review) if review else None,
    }


def _step(step: StepShown) -> dict[str, object]:
    row = step.row
    told = {"number": row.number, "kind": row.kind, "text": row.text, "due_on": row.due_on}
    return {**told, "state": step.state, "done_at": step.done_at, "reason": step.reason}


def _review(row: Review) -> dict[str, object]:
    sides = {"before": row.before, "before_n": row.before_n, "after": row.after, "after_n": row.after_n}
    return {
        "metric": row.metric,
        "label": metric_label(row.metric),
        "is_share": row.is_share,
        **sides,
        "change": row.change,
        "low": row.low,
        "high": row.high,
        "verdict": row.verdict,
        "has_holdout": False,
        "text": compared(row),
        "reviewed_at": row.reviewed_at,
    }
