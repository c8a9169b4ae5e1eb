"""A supervisor looks into some of what was done by hand, drawn so that others can draw it again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.kit.errors import Invalid, NotAllowed, Refused
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.outbox.actions import assign, finish, forget_person, give_up, say
from qunying.outbox.actions.sampling import draw, judge
from qunying.outbox.models import Draft, Sample, Sampling, Todo
from qunying.outbox.samplings import result, samplings
from tests.playbooks.conftest import brand, club, owner, signed_in, staff_of

__all__ = ["brand", "club", "owner"]
DAY = dt.date(2026, 3, 2)
AT = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)


@pytest.fixture
def helper(brand: Brand) -> Staff:
    return staff_of(brand, "helper", "volunteer")


def done(club: Community, by: Staff, key: str, at: dt.datetime = AT) -> Todo:
    todo = assign(club, text=f"请联系{key}", due_on=DAY, staff=None, cause="", key=key, at=AT)
    finish(todo, by=by, at=at)
    return todo


def drawn(
    by: Staff, club: Community | None = None, *, size: int = 3, seed: str = "s", **days: dt.date
) -> Sampling:
    told = {"first": DAY, "last": DAY, **days}
    return draw(club, size=size, seed=seed, at=AT, by=by, **told)


def keys(row: Sampling) -> list[str]:
    return [(each.todo or each.draft).key for each in row.samples.order_by("pk")]  # type: ignore[union-attr]  # one of the two


def verdict(sample: Sample, by: Staff, *, is_good: bool = False, reason: str = "图里没有群名") -> None:
    judge(sample, is_good=is_good, reason=reason, at=AT, by=by)


def test_the_same_seed_draws_the_same_whoever_draws_and_another_seed_another(brand, club, owner, helper):
    for number in range(20):
        done(club, helper, f"t{number}")
    say_ = say(club, text="早", kind="value", due_on=DAY, staff=None, cause="", key="d", at=AT)
    finish(say_, by=helper, at=AT)

    first, again = drawn(owner, size=5), drawn(staff_of(brand, "second", "approver"), size=5)
    longer, other = drawn(owner, size=6), drawn(owner, size=5, seed="t")

    assert (again, first.total, len(keys(first))) == (first, 21, 5)
    assert keys(longer)[:5] == keys(first)
    assert keys(other) != keys(first)
    assert len(keys(drawn(owner, size=200))) == 21


def test_only_what_was_done_on_these_days_of_the_brand_and_in_reach_is_drawn(brand, club, owner, helper):
    other = find_community(brand, name="别的群", at=AT)
    start, end = dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    for key, at in (("early", start - second), ("first", start), ("last", end - second), ("late", end)):
        done(club, helper, key, at)
    done(other, helper, "elsewhere")
    failed = assign(club, text="请联系", due_on=DAY, staff=None, cause="", key="failed", at=AT)
    give_up(failed, reason="群已解散", by=helper, at=AT)
    narrow = staff_of(brand, "narrow", "operator", reach=[other.pk])

    assert sorted(keys(drawn(owner, club))) == ["first", "last"]
    assert sorted(keys(drawn(owner))) == ["elsewhere", "first", "last"]
    assert keys(drawn(narrow, other)) == ["elsewhere"]
    assert [row.community for row in samplings(narrow)] == [other]


def test_what_is_not_as_it_should_be_waits_again_with_the_reason_until_it_is_done_anew(
    brand, club, owner, helper
):
    todo = done(club, helper, "a")
    sample = drawn(owner).samples.get()

    with pytest.raises(Invalid, match="no_fault_named"):
        verdict(sample, owner, reason="  ")
    for _twice in range(2):
        verdict(sample, owner)
    todo.refresh_from_db()
    page = signed_in(helper).get(reverse("todo", args=[brand.slug, todo.pk])).content.decode()
    waiting = (todo.state, todo.reason)
    finish(todo, by=helper, at=AT)
    todo.refresh_from_db()

    assert waiting == ("waiting", "图里没有群名")
    assert "抽查不合格，请重做：" in page and "图里没有群名" in page
    assert (todo.state, todo.reason) == ("done", "")
    assert AuditEntry.objects.filter(about=f"todo:{todo.pk}", deed="todo.judged").count() == 1
    with pytest.raises(Refused, match="judged_already"):
        verdict(sample, owner, is_good=True)


def test_nobody_judges_what_they_did_themselves(club, owner, helper):
    done(club, owner, "a")
    sample = drawn(owner).samples.get()

    with pytest.raises(NotAllowed, match="judge_anothers"):
        verdict(sample, owner, is_good=True)

    assert Sample.objects.get().verdict == ""


def test_the_share_counts_what_was_looked_at_and_says_of_how_many(brand, club, owner, helper):
    for key in "abcd":
        done(club, helper, key)
    row = drawn(owner, size=4)
    before = result(samplings(owner).get())
    for sample, is_good in zip(row.samples.order_by("pk"), (True, True, False), strict=False):
        verdict(sample, owner, is_good=is_good)

    found = result(samplings(owner).get())
    client = signed_in(owner)
    shown = [
        client.get(reverse(name, args=[brand.slug, *args])).content.decode()
        for name, args in (("sampling", [row.pk]), ("samplings", []))
    ]

    assert (before.percent, (found.good, found.seen, found.drawn)) == (None, (2, 3, 4))
    assert all("66.7%" in page for page in shown)
    assert "合格 2 / 已看 3" in shown[0] and "3 / 4 / 4" in shown[1]


def test_it_is_drawn_and_judged_on_the_page_by_who_decides_within_their_reach(brand, club, owner, helper):
    done(club, helper, "a")
    form = {"first": "2026-03-02", "last": "2026-03-02", "size": "5", "seed": "s", "community": str(club.pk)}
    page = reverse("samplings", args=[brand.slug])
    narrow = staff_of(brand, "narrow", "operator", reach=[])

    codes = [signed_in(staff).post(page, form).status_code for staff in (helper, narrow, owner)]
    row = Sampling.objects.get()
    verdicts = reverse("sampling_verdict", args=[brand.slug, row.pk])
    told = {"sample": str(row.samples.get().pk), "good": "1"}
    judged = [signed_in(staff).post(verdicts, told).status_code for staff in (helper, narrow, owner)]
    unknown = signed_in(owner).post(verdicts, {**told, "sample": "9" * 30}).status_code
    faulty = signed_in(owner).post(page, {**form, "last": "2026-03-01"}).status_code

    assert (codes, judged, unknown) == ([403, 422, 302], [403, 404, 302], 404)
    assert Sample.objects.get().verdict == "good"
    assert (faulty, Sampling.objects.count()) == (422, 1)


def test_the_lists_ask_as_many_questions_for_one_as_for_three(brand, club, owner, helper):
    client, asked = signed_in(owner), []
    for number in range(3):
        done(club, helper, f"t{number}")
        row = drawn(owner, size=3, seed=f"s{number}")
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("samplings", args=[brand.slug]))
            client.get(reverse("sampling", args=[brand.slug, row.pk]))
        asked.append(len(seen))

    assert asked[1] == asked[2]
    assert Draft.objects.count() == 0


def test_an_erased_persons_name_is_gone_from_the_reasons_too(brand, club, owner, helper):
    done(club, helper, "a")
    verdict(drawn(owner).samples.get(), owner, reason="没有联系阿青")
    member = Member.objects.create(brand=brand, bit=1, created_at=AT)

    forget_person(member, Traces((member.pk,), ("阿青",)))

    assert "阿青" not in Sample.objects.get().reason + Todo.objects.get().reason
