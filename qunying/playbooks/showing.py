"""Findings and reviews as the pages show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import detector, metric_label, open_findings, sentence
from qunying.kit.refusals import Text
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Advice, Review, Run
from qunying.playbooks.queries import Preview, preview

LEVELS = {1: "info", 2: "warn", 3: "bad"}
SEVERITIES: dict[int, Text] = {1: gettext_lazy("轻微"), 2: gettext_lazy("较重"), 3: gettext_lazy("严重")}


@dataclass(frozen=True)
class Problem:
    """One finding for the partial `_finding.html`, with what the list shows beside it."""

    row: Finding
    level: str
    title: str
    url: str
    proof: str
    days: str
    advice: str = ""
    action_label: str = ""
    action_url: str = ""
    action_confirm: str = ""
    link_label: str = ""
    link_url: str = ""
    dismiss_url: str = ""
    outcome: str = ""


def problem(row: Finding, *, slug: str) -> Problem:
    """The finding with its evidence, without advice."""
    label, severity = detector(row.detector).label, SEVERITIES[row.severity]
    return Problem(
        row=row,
        level=LEVELS[row.severity] if row.is_open else "ok",
        title=f"{label} · {severity}",
        url=reverse("finding", args=[slug, row.pk]),
        proof=sentence(row),
        days=span(row),
    )


def worst(staff: Staff, community: Community | None, *, at_most: int = 3) -> list[Problem]:
    """The worst open findings in reach for the overview, titled with their community; none for roles that may not see
    them."""
    if not staff.may("advice.read"):
        return []
    rows = open_findings(staff, community=community.pk if community else None)
    found = []
    for row in rows.order_by("-severity", "opened_on")[:at_most]:
        shown = problem(row, slug=staff.brand.slug)
        title = (
            f"{row.community.name} · {shown.title}" if row.community and community is None else shown.title
        )
        found.append(replace(shown, title=title, link_label=_("看建议"), link_url=shown.url))
    return found


def span(row: Finding) -> str:
    """From when to when it was open."""
    if row.closed_on is None:
        return _("%(day)s 起，仍未恢复") % {"day": row.opened_on.isoformat()}
    return _("%(first)s 至 %(last)s") % {
        "first": row.opened_on.isoformat(),
        "last": row.closed_on.isoformat(),
    }


def advised(row: Finding, advice: Sequence[Advice], *, staff: Staff, on: dt.date) -> Problem:
    """The finding with its best advice that still stands, its one click and what the last run did."""
    slug = staff.brand.slug
    shown = problem(row, slug=slug)
    running = next((one for one in advice if one.state == Advice.State.ACCEPTED), None)
    best = running or next((one for one in advice if one.state == Advice.State.PROPOSED), None)
    if best is None:
        return shown
    book = playbook(best.playbook)
    fields = {
        **shown.__dict__,
        "advice": _("%(label)s。理由：%(why)s") % {"label": book.label, "why": book.why},
    }
    if running is not None:
        run = getattr(running, "run", None)
        if run is not None:
            fields |= {
                "link_label": _("查看执行记录"),
                "link_url": reverse("run", args=[slug, run.pk]),
                "outcome": outcome(run),
            }
        return Problem(**fields)
    fields |= {"link_label": _("预览与选择"), "link_url": reverse("advice", args=[slug, best.pk])}
    if staff.may("advice.decide"):
        fields |= {
            "action_label": _("一键执行"),
            "action_url": reverse("advice_run", args=[slug, best.pk]),
            "action_confirm": confirm(preview(row, best.playbook, on=on)),
        }
    return Problem(**fields)


def confirm(plan: Preview) -> str:
    """What accepting will do, in one sentence."""
    return _(
        "将为“%(community)s”安排 %(todos)s 条员工待办和 %(drafts)s 条草稿帖，"
        "不会自动发送任何消息。%(day)s 复盘%(metric)s。"
    ) % {
        "community": plan.community,
        "todos": plan.todos,
        "drafts": plan.drafts,
        "day": plan.review_on.isoformat(),
        "metric": plan.metric,
    }


def outcome(run: Run) -> str:
    """Whether it helped, as far as is known."""
    review = getattr(run, "review", None)
    if review is None:
        return _("执行中，%(day)s 复盘。") % {"day": run.review_on.isoformat()}
    return compared(review)


def compared(review: Review) -> str:
    """Before and after in one sentence; always says that there was no control group."""
    verdict = {"better": _("好转"), "worse": _("变差"), "unclear": _("看不出明显变化")}[review.verdict]
    return _("%(metric)s：执行前 %(before)s，执行后 %(after)s，%(verdict)s（没有对照组）。") % {
        "metric": metric_label(review.metric),
        "before": value(review, review.before),
        "after": value(review, review.after),
        "verdict": verdict,
    }


def value(review: Review, number: float | None) -> str:
    if number is None:
        return "—"
    return f"{number * 100:.1f}%" if review.is_share else f"{number:,.1f}"


def difference(review: Review, number: float | None) -> str:
    """A signed difference: percentage points for shares."""
    if number is None:
        return "—"
    sign = "+" if number > 0 else "−" if number < 0 else ""
    shown = abs(number) * 100 if review.is_share else abs(number)
    return _("%(n)s 个百分点") % {"n": f"{sign}{shown:.1f}"} if review.is_share else f"{sign}{shown:,.1f}"


def evidence(row: Finding) -> list[tuple[str, str]]:
    """The numbers one by one, under their names."""
    names = {
        "now": _("现在"),
        "usual": _("往常"),
        "fall": _("下降"),
        "days": _("天数"),
        "members": _("涉及人数"),
        "present": _("群人数"),
        "messages": _("消息数"),
        "people": _("人数"),
        "acts": _("互动次数"),
        "questions": _("提问数"),
        "open": _("未回复"),
        "target": _("目标（分钟）"),
        "left": _("已退群"),
        "source": _("渠道"),
        "hour": _("最集中的钟点"),
        "copies": _("相同内容条数"),
        "day": _("入群后第几天"),
        "joined_on": _("入群起始日"),
    }
    shares = {"fall"} | ({"now", "usual"} if _is_share(row) else set())
    found = []
    for key, label in names.items():
        if key in row.evidence:
            value = row.evidence[key]
            found.append(
                (
                    label,
                    f"{value:.1%}"
                    if key in shares
                    else f"{value:,}"
                    if isinstance(value, int)
                    else str(value),
                )
            )
    return found


def _is_share(row: Finding) -> bool:
    return "{now:.0%}" in str(detector(row.detector).sentence) or "{usual:.0%}" in str(
        detector(row.detector).sentence
    )
