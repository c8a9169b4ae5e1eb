"""Reads of findings: lists within the staff member's reach, the evidence as a sentence, the people behind one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from pyroaring import BitMap

from qunying.audiences.sets import Sets
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.diagnosis.kinds import Detector
from qunying.diagnosis.models import Finding
from qunying.kit import catalog, days
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text
from qunying.metrics.readings import series_of

MONTH = 28


def detector(key: str) -> Detector:
    for entry in catalog.collect("detectors"):
        if entry.key == key:
            found: Detector = entry
            return found
    raise Missing("diagnosis.unknown_detector", detector=key)


def _declared() -> list[str]:
    return [entry.key for entry in catalog.collect("detectors")]


def findings(staff: Staff, *, community: int | None = None) -> QuerySet[Finding]:
    """All findings of declared detectors within the staff member's reach, newest first; those of the whole brand
    only for who sees all of it."""
    rows = (
        Finding.objects.filter(brand=staff.brand, detector__in=_declared())
        .select_related("community")
        .defer("members", "series")
    )
    if staff.reach is not None:
        rows = rows.filter(community__in=staff.reach)
    if community is not None:
        rows = rows.filter(community=community)
    return rows.order_by("-opened_on", "-severity", "pk")


def open_findings(staff: Staff, *, community: int | None = None) -> QuerySet[Finding]:
    """Open and not dismissed, grouped by community, the worst first."""
    rows = findings(staff, community=community).filter(closed_on=None, dismissed_at=None)
    return rows.order_by("community__name", "-severity", "opened_on")


def dismissed(staff: Staff, *, community: int | None = None) -> QuerySet[Finding]:
    rows = findings(staff, community=community).exclude(dismissed_at=None)
    return rows.select_related("community", "dismissed_by__account")


def without_text(brand: Brand, communities: Sequence[Community], last: int) -> list[str]:
    """Names of the communities in which members spoke in the four weeks to `last` and not one message had words."""
    places = tuple(row.pk for row in communities)
    if not places:
        return []
    values = series_of(
        brand, ("messages", "valid_messages"), first=last - MONTH + 1, last=last, communities=places
    )
    return [
        row.name
        for row in communities
        if np.nansum(values["messages", row.pk]) > 0 and np.nansum(values["valid_messages", row.pk]) == 0
    ]


def readers_of_text() -> list[Text]:
    """What the detectors are called that say nothing where messages have no words."""
    return [entry.label for entry in catalog.collect("detectors") if entry.reads_text]


def between(brand: Brand, first: dt.date, last: dt.date) -> QuerySet[Finding]:
    """Findings that were open on any of the days, for reports."""
    still = Q(closed_on=None) | Q(closed_on__gte=first)
    return (
        Finding.objects.filter(still, brand=brand, opened_on__lte=last, detector__in=_declared())
        .select_related("community")
        .defer("members", "series")
    )


def one(staff: Staff, pk: int) -> Finding:
    """The finding if it is within reach; Missing otherwise."""
    found = findings(staff).defer(None).select_related("brand").filter(pk=pk).first()
    if found is None:
        raise Missing("diagnosis.not_found")
    return found


class Count(int):
    """A whole number that a sentence shows as 1,154."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec or ",")


def sentence(finding: Finding) -> str:
    """The evidence in words, in the reader's language."""
    evidence = finding.evidence
    shown = {name: Count(value) if isinstance(value, int) else value for name, value in evidence.items()}
    told = str(detector(finding.detector).sentence).format(**shown)
    if "words" not in evidence:
        return told
    if not evidence.get("texts"):
        return told + _("没有原文，无法列出关键词。")
    words = " · ".join(f"{word} {times}" for word, times in evidence["words"])
    return told + (_("突出的词：%(words)s。") % {"words": words} if words else "")


def people(finding: Finding) -> BitMap:
    """Member bits of those the finding is about."""
    bits = BitMap.deserialize(bytes(finding.members))
    if finding.community_id is None:
        return bits
    return Sets(finding.brand, (finding.community_id,)).people(bits)


def members(finding: Finding) -> list[int]:
    """Ids of the members the finding is about."""
    return Sets(finding.brand, ()).members(people(finding))


def chart(finding: Finding) -> dict[str, object] | None:
    """What the detector looked at, day by day, beside what was usual, with the open days marked."""
    told = finding.series
    if not any(value is not None for value in told.get("now", [])):
        return None
    first, now, usual = int(told["first"]), told["now"], told["usual"]
    labels = [days.date(first + place).isoformat() for place in range(len(now))]
    entry = detector(finding.detector)
    lines = [{"name": _("当时"), "values": now}]
    if any(value is not None for value in usual):
        lines.append({"name": _("往常"), "values": usual, "compare": True, "of": 0})
    opened = min(days.number(finding.opened_on) - first, len(labels) - 1)
    closed = min(days.number(finding.closed_on or finding.last_seen_on) - first, len(labels) - 1)
    mark = {"name": str(entry.label), "from": labels[opened], "to": labels[closed]}
    found: dict[str, object] = {"x": labels, "series": lines, "marks": [mark]}
    return {**found, "unit": "%"} if told.get("share") else found


def metric_label(key: str) -> str:
    if key.startswith("stage."):
        return _("沉默人数")
    for entry in catalog.collect("metrics"):
        if entry.key == key:
            return str(entry.label)
    return key
