"""A planted fault changes what it says from its day on and nothing before; a healthy brand has none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.demo.faults import FAULTS, Planted, with_fault
from qunying.demo.plans import TEA, BrandPlan, Fault, small_plan
from qunying.demo.world import Stream, simulate
from tests.demo.measures import Recount, day_of

UNTIL = dt.date(2026, 11, 20)
SEEDS = (3, 17, 29)
COMPLAINTS = (
    "退款",
    "投诉",
    "太失望",
    "差评",
    "发霉",
    "要个说法",
    "假货",
    "坑人",
    "质量问题",
    "别装死",
    "个例",
)
Lives = tuple[Recount, Recount, Planted]


def back(days: int) -> dt.date:
    return UNTIL - dt.timedelta(days=days)


def after(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)


def struck(name: str, seed: int) -> BrandPlan:
    """The one community of a small brand in which the fault is planted."""
    plan = with_fault(small_plan(seed), name, seed)
    return replace(plan, communities=tuple(c for c in plan.communities if c.name == plan.faults[0].community))


def streams(name: str, seed: int) -> tuple[Stream, Stream, Planted]:
    """The community with the fault, its healthy twin, and what was planted."""
    plan = struck(name, seed)
    ill = simulate(plan, seed=seed, until=UNTIL)
    well = simulate(replace(plan, faults=()), seed=seed, until=UNTIL)
    return ill.streams[0], well.streams[0], ill.planted[0]


def lives(name: str, seed: int) -> Lives:
    ill, well, planted = streams(name, seed)
    return Recount(ill), Recount(well), planted


def week(planted: Planted) -> tuple[dt.date, dt.date]:
    return planted.opened_from, after(planted.opened_from, 6)


@settings(max_examples=15)
@given(name=st.sampled_from([kind.name for kind in FAULTS]), seed=st.integers(0, 2**32 - 1))
def test_nothing_changes_before_the_fault_begins(name: str, seed: int):
    ill, well, planted = streams(name, seed)

    before = [[act for act in stream.acts if day_of(act) < planted.starts_on] for stream in (ill, well)]
    assert before[0] == before[1]
    assert ill.acts != well.acts


@settings(max_examples=15)
@given(name=st.sampled_from([kind.name for kind in FAULTS]), seed=st.integers(0, 2**32 - 1))
def test_a_fault_names_people_of_its_community_and_has_seven_days_to_show(name: str, seed: int):
    ill, _, planted = streams(name, seed)

    assert set(planted.members) <= {person.ref for person in ill.people}
    assert after(planted.opened_from, 7) <= UNTIL
    assert planted.starts_on <= planted.opened_from


@pytest.mark.parametrize("seed", SEEDS)
def test_activity_falls_to_less_than_half(seed: int):
    ill, well, planted = lives("activity.fell", seed)

    assert fmean(ill.daily_actives(*week(planted))) < 0.45 * fmean(well.daily_actives(*week(planted)))


@pytest.mark.parametrize("seed", SEEDS)
def test_newcomers_of_a_bad_welcome_are_gone_after_a_week(seed: int):
    ill, well, planted = lives("newcomers.went_silent", seed)
    ripe = planted.starts_on, after(planted.starts_on, 13)

    assert len(ill.joined(*ripe)) >= 30
    assert ill.week_retention(*ripe) < 0.1
    assert well.week_retention(*ripe) > 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_faded_cohort_retains_far_worse_than_those_before_it(seed: int):
    ill, _, planted = lives("cohort.faded", seed)
    cohort = planted.starts_on, after(planted.starts_on, 2)
    earlier = after(planted.starts_on, -28), after(planted.starts_on, -1)

    assert ill.joined(*cohort).keys() == set(planted.members) - ill.listed
    assert len(planted.members) >= 45
    assert ill.week_retention(*cohort) < 0.12
    assert ill.week_retention(*earlier) > 0.25


@pytest.mark.parametrize("seed", SEEDS)
def test_the_silent_share_rises_by_half(seed: int):
    ill, well, planted = lives("silent_share.rose", seed)
    day = after(planted.opened_from, 5)

    assert ill.silent_share(day) > 1.4 * well.silent_share(day)


@pytest.mark.parametrize("seed", SEEDS)
def test_most_questions_stay_unanswered(seed: int):
    ill, well, planted = lives("questions.unanswered", seed)

    assert ill.unanswered_share(*week(planted)) > 0.75
    assert well.unanswered_share(*week(planted)) < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_take_hours_instead_of_minutes(seed: int):
    ill, well, planted = lives("answers.slowed", seed)

    assert ill.response_minutes(*week(planted)) > 180
    assert well.response_minutes(*week(planted)) < 15


@pytest.mark.parametrize("seed", SEEDS)
def test_three_people_hold_most_of_the_talk_while_as_many_are_active(seed: int):
    ill, well, planted = lives("talk.concentrated", seed)

    assert ill.top_share(*week(planted)) > 0.55
    assert well.top_share(*week(planted)) < 0.3
    assert len(planted.members) == 3
    assert fmean(ill.daily_actives(*week(planted))) > 0.9 * fmean(well.daily_actives(*week(planted)))


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_joins_any_more(seed: int):
    ill, well, planted = lives("joins.stopped", seed)

    assert ill.count({"join"}, planted.starts_on, UNTIL) == 0
    assert well.count({"join"}, *week(planted)) >= 15


@pytest.mark.parametrize("seed", SEEDS)
def test_many_leave_within_two_days(seed: int):
    ill, well, planted = lives("leaves.spiked", seed)
    two_days = planted.starts_on, after(planted.starts_on, 1)

    assert ill.count({"leave"}, *two_days) > 2 * well.count({"leave", "remove"}, *two_days) + 10


@pytest.mark.parametrize("seed", SEEDS)
def test_complaints_fill_one_day(seed: int):
    ill, well, planted = lives("crisis.broke", seed)

    complaints, usual = (
        sum(
            any(word in act.text for word in COMPLAINTS)
            for act in life.deeds(planted.starts_on, planted.starts_on)
        )
        for life in (ill, well)
    )

    assert complaints >= 70
    assert usual <= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_flood_is_nearly_the_same_text_from_few_accounts_within_an_hour(seed: int):
    ill, _, planted = lives("flood.came", seed)
    ads = [act for act in ill.deeds(planted.starts_on, planted.starts_on) if act.actor in planted.members]

    assert 1 <= len(planted.members) <= 3
    assert len(ads) >= 40
    assert len({act.text[:20] for act in ads}) == 1
    assert ads[-1].at - ads[0].at < 3_600_000
    assert {act.kind for act in ill.acts if act.actor in planted.members} == {"join", "message", "remove"}


@pytest.mark.parametrize("seed", SEEDS)
def test_there_is_no_topic_for_more_than_a_week(seed: int):
    ill, well, planted = lives("items.missing", seed)

    assert ill.items(planted.starts_on, UNTIL) == []
    assert ill.longest_without(ill.items(back(89), UNTIL), back(89), UNTIL) > 10
    assert well.longest_without(well.items(back(89), UNTIL), back(89), UNTIL) <= 7


@pytest.mark.parametrize("seed", SEEDS)
def test_only_text_is_left(seed: int):
    ill, well, planted = lives("forms.narrowed", seed)

    assert ill.commonest_form(*week(planted)) > 0.95
    assert well.commonest_form(*week(planted)) < 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_staff_say_few_things_again_and_again(seed: int):
    ill, well, planted = lives("posts.repeated", seed)

    told, usual = (life.told_by_staff(*week(planted)) for life in (ill, well))

    assert len(told) == len(usual)
    assert len(set(told)) <= 3
    assert len(set(usual)) > 0.8 * len(usual)


@pytest.mark.parametrize("seed", SEEDS)
def test_members_no_longer_respond_to_what_staff_say(seed: int):
    ill, well, planted = lives("posts.ignored", seed)

    # The weekly topic is answered in words all the same, hence one of about thirteen.
    assert ill.ignored(*week(planted)) > 0.75
    assert well.ignored(*week(planted)) < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_nearly_all_that_staff_say_sells(seed: int):
    ill, well, planted = lives("posts.sold", seed)

    sold, usual = (
        sum(text.startswith(("【会员专享】", "【限时】", "【福利】")) / len(told) for text in told)
        for told in (life.told_by_staff(*week(planted)) for life in (ill, well))
    )

    assert sold > 0.8
    assert usual < 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_staff_do_nothing(seed: int):
    ill, well, planted = lives("staff.absent", seed)

    done, usual = (
        sum(
            ref in life.staff
            for act in life.between(planted.starts_on, UNTIL)
            if act.kind != "reaction"  # a member's, to a post of the day before
            for ref in (act.actor, act.other)
        )
        for life in (ill, well)
    )

    assert done == 0
    assert usual > 50


@pytest.mark.parametrize("seed", SEEDS)
def test_those_of_one_source_leave_at_once(seed: int):
    ill, well, planted = lives("source.leaked", seed)
    code = struck("source.leaked", seed).communities[0].code
    days = planted.starts_on, after(planted.starts_on, 6)

    assert sum(act.kind == "join" and act.source == code for act in ill.between(*days)) >= 40
    assert ill.early_leave_share(code, *days) > 0.5
    assert well.early_leave_share(code, back(60), back(3)) < 0.35


@pytest.mark.parametrize("seed", SEEDS)
def test_a_healthy_brand_is_steady_over_ninety_days(seed: int):
    usual: list[Callable[[Recount], bool]] = [
        lambda life: (
            min(life.daily_actives(back(89), UNTIL)) > 0.5 * fmean(life.daily_actives(back(89), UNTIL))
        ),
        lambda life: 0.8 < len(life.present(UNTIL)) / len(life.present(back(90))) < 1.3,
        lambda life: life.count({"join"}, back(6), UNTIL) > 12,
        lambda life: max(life.count({"leave", "remove"}, back(n), back(n)) for n in range(90)) < 22,
        lambda life: 0.25 < life.week_retention(back(60), back(8)) < 0.5,
        lambda life: abs(life.silent_share(UNTIL) - life.silent_share(back(60))) < 0.12,
        lambda life: life.unanswered_share(back(30), back(1)) < 0.25,
        lambda life: life.response_minutes(back(30), UNTIL) < 15,
        lambda life: life.top_share(back(6), UNTIL) < 0.35,
        lambda life: life.commonest_form(back(6), UNTIL) < 0.8,
    ]

    story = simulate(small_plan(seed), seed=seed, until=UNTIL)

    assert story.planted == ()
    for stream in story.streams:
        life = Recount(stream)
        assert [rule(life) for rule in usual] == [True] * len(usual)


def test_the_tea_brand_has_three_faults_that_last_to_its_last_day():
    story = simulate(TEA, seed=1, until=UNTIL)

    assert [(planted.name, planted.community) for planted in story.planted] == [
        ("newcomers.went_silent", "山茶福利群"),
        ("questions.unanswered", "杭州湖滨门店群"),
        ("talk.concentrated", "岩茶研习社"),
    ]
    lives = {stream.plan.name: Recount(stream) for stream in story.streams}
    assert lives["山茶福利群"].week_retention(back(21), back(8)) < 0.1
    assert lives["杭州湖滨门店群"].unanswered_share(back(7), back(1)) > 0.75
    assert lives["岩茶研习社"].top_share(back(6), UNTIL) > 0.55


def test_two_faults_in_one_community_both_show():
    name = small_plan(5).communities[0].name
    plan = replace(
        small_plan(5),
        faults=(Fault("joins.stopped", name, 12, 1), Fault("staff.absent", name, 12, 1)),
    )

    life = Recount(simulate(plan, seed=5, until=UNTIL).streams[0])

    assert life.count({"join"}, back(12), UNTIL) == 0
    assert [act for act in life.between(back(12), UNTIL) if act.actor in life.staff] == []
