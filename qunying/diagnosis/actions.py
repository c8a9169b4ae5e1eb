"""Verbs of diagnosis: examine the past, dismiss a finding, take that back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from django.db import transaction
from pyroaring import BitMap

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.diagnosis.history import Episode, examine
from qunying.diagnosis.models import Finding
from qunying.diagnosis.place import Place
from qunying.diagnosis.tidings import CLOSED, OPENED
from qunying.diagnosis.watch import places
from qunying.kit import catalog, days
from qunying.kit.errors import Invalid
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member
from qunying.webhooks.actions import Told, tell


@dataclass(frozen=True)
class Examined:
    """How many findings stand after an examination, and how many of them are open."""

    findings: int
    open: int


def examine_history(brand: Brand, *, at: dt.datetime) -> Examined:
    """Look at every covered day up to yesterday, in order, and make the findings say what was known on each; doing it
    again changes nothing. The running day is left out: it is not over."""
    looked_at = places(brand, today=brand.today(at) - 1)
    detectors = catalog.collect("detectors")
    return restate(brand, [(place, examine(place, detectors)) for place in looked_at])


@transaction.atomic
def restate(brand: Brand, found: Sequence[tuple[Place, Sequence[Episode]]]) -> Examined:
    """Write these episodes over the brand's findings. One that overlaps a standing finding of its kind
    continues it, with its dismissal; what no longer shows goes."""
    lock(brand)
    standing: dict[tuple[int | None, str, str], list[Finding]] = defaultdict(list)
    for row in Finding.objects.select_for_update().filter(brand=brand).order_by("opened_on"):
        standing[row.community_id, row.detector, row.subject].append(row)
    kept: list[Finding] = []
    turned: list[Finding] = []
    for place, episodes in found:
        for episode in episodes:
            fresh, was_open = _finding(brand, place, episode), False
            rows = standing[place.community, episode.detector, episode.subject]
            old = next((row for row in rows if _overlap(row, fresh)), None)
            if old is not None:
                rows.remove(old)
                was_open = old.is_open
                fresh.pk, fresh.dismissed_at, fresh.dismissed_by_id, fresh.reason = (
                    old.pk,
                    old.dismissed_at,
                    old.dismissed_by_id,
                    old.reason,
                )
            kept.append(fresh)
            turned += [fresh] * (fresh.is_open != was_open)
    Finding.objects.filter(pk__in=[row.pk for rows in standing.values() for row in rows]).delete()
    for row in sorted(kept, key=lambda row: (row.is_open, row.opened_on)):
        row.save()
    tell(brand, [_told(row) for row in turned])
    return Examined(len(kept), sum(row.is_open for row in kept))


def _told(row: Finding) -> Told:
    """That it has opened, or that it has closed."""
    kind = OPENED if row.is_open else CLOSED
    data = {
        "finding": row.pk,
        "detector": row.detector,
        "community": row.community_id,
        "severity": row.severity,
        "members": row.size,
        "opened_on": row.opened_on.isoformat(),
        "closed_on": row.closed_on and row.closed_on.isoformat(),
    }
    return Told(kind, f"{kind}:{row.pk}:{row.closed_on or row.opened_on}", data)


def _finding(brand: Brand, place: Place, episode: Episode) -> Finding:
    def on(day: int) -> dt.date:
        return days.date(place.first + day)

    return Finding(
        brand=brand,
        community_id=place.community,
        detector=episode.detector,
        subject=episode.subject,
        severity=episode.severity,
        opened_on=on(episode.opened),
        last_seen_on=on(episode.last_seen),
        closed_on=None if episode.closed is None else on(episode.closed),
        evidence=episode.evidence,
        series=episode.series,
        members=BitMap(episode.members.astype("uint32")).serialize(),
        size=len(episode.members),
    )


def _overlap(old: Finding, new: Finding) -> bool:
    far = dt.date.max
    return old.opened_on <= (new.closed_on or far) and new.opened_on <= (old.closed_on or far)


@transaction.atomic
def dismiss(finding: Finding, *, reason: str, by: Staff, at: dt.datetime) -> None:
    """Take the finding off the list for as long as this episode lasts; a reason is asked for. A second time
    changes nothing."""
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid("diagnosis.no_reason")
    changed = Finding.objects.filter(pk=finding.pk, dismissed_at=None).update(
        dismissed_at=at, dismissed_by=by, reason=reason
    )
    if changed:
        log(
            finding.brand,
            by=by,
            deed="finding.dismissed",
            about=f"finding:{finding.pk}",
            at=at,
            after={"reason": reason},
        )


@transaction.atomic
def recall(finding: Finding, *, by: Staff, at: dt.datetime) -> None:
    """Put a dismissed finding back on the list."""
    changed = (
        Finding.objects.filter(pk=finding.pk)
        .exclude(dismissed_at=None)
        .update(dismissed_at=None, dismissed_by=None, reason="")
    )
    if changed:
        log(finding.brand, by=by, deed="finding.recalled", about=f"finding:{finding.pk}", at=at)


@transaction.atomic
def forget_person(member: Member, traces: Traces) -> int:
    """Black out the erased person in the words of evidence and in reasons; answers how many findings named them."""
    touched = 0
    for row in Finding.objects.filter(brand=member.brand_id).only("evidence", "reason"):
        told = orjson.dumps([row.evidence, row.reason]).decode()
        clean = blacked(told, traces)
        if clean != told:
            evidence, reason = orjson.loads(clean)
            Finding.objects.filter(pk=row.pk).update(evidence=evidence, reason=reason)
            touched += 1
    return touched
