"""Findings in the database: what the log gives is what the stream gave; restated, they stay the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.connectors.intake import Intake
from qunying.demo.faults import with_fault
from qunying.demo.plans import small_plan
from qunying.demo.world import Stream, simulate
from qunying.diagnosis.actions import dismiss, examine_history, recall
from qunying.diagnosis.detectors import DETECTORS
from qunying.diagnosis.history import examine
from qunying.diagnosis.kinds import content
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import members, one, open_findings, sentence
from qunying.diagnosis.watch import places
from qunying.facts.projectors import drive
from qunying.kit import days
from qunying.kit.errors import Invalid, Missing
from tests.diagnosis.streams import place_of
from tests.diagnosis.trials import UNTIL

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
KINDS = {"会员群": "members", "福利群": "benefits"}


def stream_with(fault: str) -> Stream:
    plan = with_fault(small_plan(2), fault, 2)
    mine = tuple(row for row in plan.communities if row.name == plan.faults[0].community)
    return simulate(replace(plan, communities=mine), seed=2, until=UNTIL).streams[0]


def brand_of(stream: Stream, slug: str = "tea") -> Brand:
    brand = open_brand(slug, at=AT, slug=slug)
    kind = KINDS.get(stream.plan.kind, "interest")
    home = find_community(brand, name=stream.plan.name, at=AT, platform=stream.plan.platform, kind=kind)
    home.purpose, home.persona = "以茶会友", "爱喝茶的上班族"
    home.save()
    Intake(brand, at=AT, community=home).take(stream.entries())
    drive(brand)
    return brand


@pytest.fixture(scope="module")
def filled(once_filled: None) -> int:
    return brand_of(stream_with("flood.came"), slug="flooded").pk


@pytest.fixture
def flooded(filled: int) -> Brand:
    return Brand.objects.get(pk=filled)


@pytest.fixture
def owner(flooded: Brand) -> Staff:
    account = open_account("owner", password="long enough", at=AT)
    return appoint(flooded, account=account, role="owner", at=AT, by=None)


@pytest.mark.parametrize("fault", ["crisis.broke", "source.leaked"])
def test_the_log_tells_the_same_story_as_the_stream(fault: str):
    stream = stream_with(fault)
    direct = place_of(stream)

    (stored,) = places(brand_of(stream), today=days.number(UNTIL))

    assert stored.days == direct.days
    for name in ("dau", "messages", "joins", "leaves", "present", "item_days"):
        assert getattr(stored, name).tolist() == getattr(direct, name).tolist(), name
    told = [examine(place, DETECTORS) for place in (stored, direct)]
    assert [(row.detector, row.opened, row.closed, row.evidence) for row in told[0]] == [
        (row.detector, row.opened, row.closed, row.evidence) for row in told[1]
    ]


def test_a_community_without_purpose_and_audience_is_told_so_until_one_is_written_down(flooded: Brand):
    Community.objects.filter(brand=flooded).update(purpose="", persona="")
    examine_history(flooded, at=AT)
    finding = Finding.objects.get(brand=flooded, detector="positioning.missed")
    assert (finding.evidence["missing"], finding.is_open, finding.size) == (2, True, 0)
    opened = finding.opened_on
    examine_history(flooded, at=AT + dt.timedelta(days=1))
    assert Finding.objects.get(pk=finding.pk).opened_on == opened

    Community.objects.filter(brand=flooded).update(purpose="以茶会友")
    examine_history(flooded, at=AT)

    assert not Finding.objects.filter(brand=flooded, detector="positioning.missed").exists()


@pytest.mark.parametrize("fault", ["posts.repeated", "posts.ignored", "posts.sold"])
def test_what_staff_post_is_judged_in_the_log_as_in_the_stream(fault: str):
    stream = stream_with(fault)
    direct = place_of(stream)

    (stored,) = places(brand_of(stream), today=days.number(UNTIL))

    told = [
        [e for e in examine(place, content.DETECTORS) if e.detector == fault] for place in (stored, direct)
    ]
    assert [(e.opened, e.evidence) for e in told[0]] == [(e.opened, e.evidence) for e in told[1]] != []


def test_without_kept_texts_nothing_is_said_to_sell():
    place = place_of(stream_with("posts.sold"))

    silent = replace(place, staff_texts=lambda _low, _high: [])

    assert [e for e in examine(silent, content.DETECTORS) if e.detector == "posts.sold"] == []


def test_examining_again_changes_nothing(flooded: Brand):
    examine_history(flooded, at=AT)
    before = list(Finding.objects.order_by("pk").values())

    examine_history(flooded, at=AT)

    assert list(Finding.objects.order_by("pk").values()) == before
    assert [row["detector"] for row in before] == ["flood.came"]


def test_a_dismissed_finding_stays_dismissed_when_examined_again(flooded: Brand, owner: Staff):
    examine_history(flooded, at=AT)
    finding = Finding.objects.get(brand=flooded)

    dismiss(finding, reason="已知的测试", by=owner, at=AT)
    examine_history(flooded, at=AT)

    finding.refresh_from_db()
    assert (finding.reason, finding.dismissed_by, finding.dismissed_at) == ("已知的测试", owner, AT)
    assert list(open_findings(owner)) == []


def test_a_dismissal_asks_for_a_reason_and_can_be_taken_back(flooded: Brand, owner: Staff):
    examine_history(flooded, at=AT)
    finding = Finding.objects.get(brand=flooded)

    with pytest.raises(Invalid):
        dismiss(finding, reason="  ", by=owner, at=AT)
    dismiss(finding, reason="误报", by=owner, at=AT)
    recall(finding, by=owner, at=AT)

    finding.refresh_from_db()
    assert (finding.is_dismissed, finding.reason) == (False, "")


def test_a_finding_that_the_log_no_longer_tells_goes(flooded: Brand):
    ghost = Finding.objects.create(
        brand=flooded, detector="activity.fell", severity=1, opened_on=UNTIL, last_seen_on=UNTIL, members=b""
    )

    examine_history(flooded, at=AT)

    assert not Finding.objects.filter(pk=ghost.pk).exists()


def test_the_members_behind_a_finding_are_as_many_as_it_says(flooded: Brand):
    examine_history(flooded, at=AT)
    finding = Finding.objects.get(brand=flooded)

    assert len(members(finding)) == finding.size > 0


def test_every_detector_says_its_evidence_in_one_sentence(flooded: Brand):
    examine_history(flooded, at=AT)
    finding = Finding.objects.get(brand=flooded)

    assert sentence(finding) == (
        f"{finding.evidence['people']} 个账号一天内发出 {finding.evidence['copies']} 条相同内容，"
        f"当天共 {finding.evidence['messages']} 条消息。"
    )


def test_a_sentence_groups_the_digits_of_large_counts():
    evidence = {"days": 7, "messages": 1154, "people": 3, "now": 0.69, "usual": 0.16}

    assert sentence(Finding(detector="talk.concentrated", evidence=evidence)) == (
        "近 7 天的 1,154 条消息中，发言最多的 3 人占 69%，往常为 16%。"
    )


def test_a_finding_of_another_brand_or_out_of_reach_is_missing(flooded: Brand, owner: Staff):
    examine_history(flooded, at=AT)
    finding = Finding.objects.get(brand=flooded)
    other = open_brand("other", at=AT, slug="other")
    stranger = appoint(other, account=owner.account, role="owner", at=AT, by=None)
    narrow = Staff(
        brand=flooded, account=owner.account, role="operator", reach=[(finding.community_id or 0) + 1]
    )

    for staff in (stranger, narrow):
        with pytest.raises(Missing):
            one(staff, finding.pk)
    assert one(owner, finding.pk) == finding
