"""Promises of the ChatLab export: what comes out goes in again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client

from qunying.brands.actions import open_account, open_brand
from qunying.brands.models import Account, AuditEntry
from qunying.communities.models import Community
from qunying.connectors import actions as imports
from qunying.connectors.incoming import Options
from qunying.jobs.actions import run_job
from qunying.jobs.models import Job

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
HISTORY = """platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text,target_user
qq,1,茶友群,,2026-03-01 09:00,u1,阿青,join,,
qq,1,茶友群,,2026-03-01 09:01,u1,阿青,join,,u2
qq,1,茶友群,m1,2026-03-02 10:00,u1,阿青,message,今天喝什么？,
qq,1,茶友群,m2,2026-03-02 10:05,u2,小周,message,喝岩茶,
qq,1,茶友群,,2026-03-05 10:05,u2,小周,leave,,
"""
COUNTED = (
    "community",
    "messages",
    "members",
    "speakers",
    "joins",
    "leaves",
    "unknown_lines",
    "first",
    "last",
)


def test_an_exported_community_goes_into_another_brand_as_it_was(tmp_path: Path, settings):
    settings.HOME = tmp_path
    account = open_account("lin", password="x" * 12, at=AT)
    brand, other = open_brand("山茶", at=AT, slug="a"), open_brand("别的", at=AT, slug="b")
    path = tmp_path / "茶友群.csv"
    path.write_text(HISTORY)
    (before,) = imports.take_files(brand, [path], order=imports.Order(Options()), at=AT)[1]
    client = Client()
    client.force_login(Account.objects.get(), backend="django.contrib.auth.backends.ModelBackend")

    client.post(
        "/b/a/imports/exports/", {"community": Community.objects.get(brand=brand).pk, "reason": "备份"}
    )
    job = Job.objects.get(kind="connectors.export")
    run_job.call(job.pk)
    answer = client.get(f"/b/a/imports/exports/{job.pk}/")
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(b"".join(answer))
    (after,) = imports.take_files(other, [copy], order=imports.Order(Options()), at=AT)[1]

    told, again = imports.as_json(before, brand), imports.as_json(after, other)
    assert {key: again[key] for key in COUNTED} == {key: told[key] for key in COUNTED}
    assert AuditEntry.objects.filter(brand=brand, deed="community.exported", who=str(account)).count() == 1
