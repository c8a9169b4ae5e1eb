"""What was found, in a report: findings that were open on any of its days, with what to do about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import between, detector, sentence
from qunying.kit import catalog
from qunying.metrics.reports.blocks import About, Block, News
from qunying.metrics.reports.tables import Table

LEVELS = {1: "info", 2: "warn", 3: "bad"}
MOST = 12
WEIGHT = 10.0
"""A finding outweighs any change of a figure."""


@dataclass(frozen=True)
class Shown:
    """One finding as console/_finding.html shows it."""

    key: str
    level: str
    title: str
    url: str
    proof: str
    advice: str
    outcome: str
    opened_on: str
    closed_on: str | None


def block(about: About) -> Mapping[str, object] | None:
    """Findings of the report's communities, open ones first, then the worst; nothing before the first known day."""
    if about.range.until < about.range.first:
        return None
    period = about.range.period
    rows = _mine(
        about, between(about.brand, period.from_day, period.to_day).order_by("-severity", "-opened_on", "pk")
    )
    still = [row for row in rows if row.closed_on is None or row.closed_on > period.to_day]
    over = [row for row in rows if row not in still]
    new = sum(row.opened_on >= period.from_day for row in rows)
    shown = [_shown(about, row) for row in [*still, *over][:MOST]]
    return {
        "findings": shown,
        "opened": new,
        "closed": len(over),
        "open": len(still),
        "more": len(rows) - len(shown),
    }


def news(about: About) -> Sequence[News]:
    """Findings that opened or closed on the range's last day."""
    day = about.range.period.to_day
    told = []
    for row in _mine(about, between(about.brand, day, day).order_by("pk")):
        if row.opened_on == day:
            told.append(
                News(
                    _title(row), sentence(row), WEIGHT + row.severity, LEVELS[row.severity], _url(about, row)
                )
            )
        elif row.closed_on == day:
            title = _("已恢复：{title}").format(title=_title(row))
            proof = _("{day} 出现，现已恢复正常").format(day=row.opened_on.isoformat())
            told.append(News(title, proof, WEIGHT, "ok", _url(about, row)))
    return told


def tables(block: Mapping[str, Any]) -> list[Table]:
    """What was found, as the page lists it."""
    head = (_("问题"), _("依据"), _("建议"), _("状态"))
    rows = tuple((row.title, row.proof, row.advice, row.outcome) for row in block["findings"])
    told = {"opened": block["opened"], "closed": block["closed"], "still": block["open"]}
    note = _("本期新出现 %(opened)s 个问题，恢复 %(closed)s 个，期末仍有 %(still)s 个待处理。") % told
    if block["more"]:
        note += _("另有 %(n)s 个未列出。") % {"n": block["more"]}
    return [Table(_("诊断与建议"), head, rows, note)]


def _mine(about: About, rows: Iterable[Finding]) -> list[Finding]:
    """Those of the report's communities, dismissed ones left out; those of the whole brand in its own report only."""
    places = {None, *about.scope.places} if about.scope.is_brand else set(about.scope.places)
    return [row for row in rows if row.community_id in places and not row.is_dismissed]


def _shown(about: About, row: Finding) -> Shown:
    labels = {entry.key: str(entry.label) for entry in catalog.collect("playbooks")}
    advised = [labels[key] for key in detector(row.detector).advises if key in labels]
    opened = row.opened_on.isoformat()
    closed = row.closed_on if row.closed_on and row.closed_on <= about.range.period.to_day else None
    said = _("{day} 出现，至期末仍未恢复").format(day=opened)
    if closed:
        said = _("{day} 出现，{end} 恢复").format(day=opened, end=closed.isoformat())
    return Shown(
        key=row.detector,
        level="ok" if closed else LEVELS[row.severity],
        title=_title(row),
        url=_url(about, row),
        proof=sentence(row),
        advice="" if closed else " / ".join(advised),
        outcome=said,
        opened_on=opened,
        closed_on=closed.isoformat() if closed else None,
    )


def _title(row: Finding) -> str:
    label = str(detector(row.detector).label)
    return f"{row.community.name} · {label}" if row.community else label


def _url(about: About, row: Finding) -> str:
    if not about.scope.staff.may("advice.read"):
        return ""
    return reverse("finding", args=[about.brand.slug, row.pk])


REPORT_BLOCKS = (
    Block("findings", gettext_lazy("诊断与建议"), block, "diagnosis/_report_findings.html", 40, news, tables),
)
