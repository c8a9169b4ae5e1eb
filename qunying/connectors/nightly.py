"""What is done for a brand once a day: readings, findings, advice, and the end of texts and files that are too old."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from django.conf import settings

from qunying.brands import preferences
from qunying.brands.models import Brand
from qunying.communities.actions import purge_texts
from qunying.connectors import drafts, rounds
from qunying.connectors.actions import forget_expired, forget_keys, forget_raw
from qunying.connectors.looking_again import look_again
from qunying.jobs.actions import database_now
from qunying.jobs.kinds import Result, Tick
from qunying.jobs.models import Job
from qunying.outbox.actions import forget_attached, forget_evidence
from qunying.playbooks.actions import look_again as diagnose_again


def run_nightly(job: Job, tick: Tick) -> Result:
    """Bring the brand up to the day that has just ended. Running it twice changes nothing."""
    at = database_now()
    look_again(job.brand, at=at)
    gone = purge(job.brand, at=at)
    tick(1, 1)
    return gone


def run_diagnosis(job: Job, tick: Tick) -> Result:
    """Look for problems in every covered day, and advise."""
    found = diagnose_again(job.brand, at=database_now())
    tick(1, 1)
    return {"findings": found.findings, "open": found.open}


def purge(brand: Brand, *, at: dt.datetime) -> Result:
    """Delete texts, payloads, import files and pictures beyond their time, and uploads nobody came back to; the numbers
    stand."""
    drafts.sweep()
    rounds.sweep()
    forget_keys(brand, at=at)
    texts = purge_texts(brand, keep_days=preferences.number(brand, "text_days"), at=at)
    homes = forget_expired(brand, at=at)
    for home in homes:
        shutil.rmtree(Path(settings.HOME) / home, ignore_errors=True)
    shown = forget_evidence(brand, at=at, keep_days=preferences.number(brand, "evidence_days"))
    sent = forget_attached(brand, at=at, keep_days=preferences.number(brand, "picture_days"))
    return {
        "texts": texts,
        "files": len(homes),
        "payloads": forget_raw(brand, at=at),
        "pictures": shown + sent,
    }
