"""What playbooks ask for today: steps that were not given out yet (the others wait as to-dos and drafts), and questions
left unanswered that nobody has taken up."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import open_findings
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Advice, Run, StepRow
from qunying.playbooks.showing import problem

UNANSWERED = "questions.unanswered"


def _steps(staff: Staff, today: dt.date, mine: bool) -> QuerySet[StepRow]:
    rows = StepRow.objects.filter(
        run__brand=staff.brand, run__state=Run.State.RUNNING, due_on__lte=today, todo=None, draft=None
    )
    if staff.reach is not None:
        rows = rows.filter(run__community__in=staff.reach)
    if mine or not staff.may("advice.decide"):
        rows = rows.filter(Q(run__owner=staff) | Q(run__owner=None))
    return rows.select_related("run__community", "run__owner__account").order_by("due_on", "pk")


def _step(row: StepRow, staff: Staff) -> Thing:
    return Thing(
        title=_("{playbook} 第 {number} 步：{text}").format(
            playbook=playbook(row.run.playbook).label, number=row.number, text=row.text
        ),
        url=reverse("run", args=[staff.brand.slug, row.run_id]),
        due_on=row.due_on,
        place=row.run.community_id,
        where=row.run.community.name,
        owner=row.run.owner.name if row.run.owner else "",
    )


def _questions(staff: Staff, _today: dt.date, _mine: bool) -> QuerySet[Finding]:
    """Until somebody takes the advice or dismisses the finding."""
    taken = Advice.objects.filter(state=Advice.State.ACCEPTED).values("finding")
    return open_findings(staff).filter(detector=UNANSWERED).exclude(pk__in=taken)


def _question(row: Finding, staff: Staff) -> Thing:
    told = problem(row, slug=staff.brand.slug)
    return Thing(
        title=f"{told.title} · {told.proof}",
        url=told.url,
        due_on=row.opened_on,
        place=row.community_id,
        where=row.community.name if row.community else "",
        owner=row.community.owner if row.community else "",
    )


TODAY = (
    Part("playbooks.steps", gettext_lazy("运营SOP"), "advice.read", _steps, _step, mark="violet"),
    Part(
        "playbooks.questions",
        gettext_lazy("提问无人回复"),
        "advice.decide",
        _questions,
        _question,
        mark="amber",
    ),
)
