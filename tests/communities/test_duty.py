"""Who is on duty, by the brand's clock: counted again minute by minute, and as people leave, swap and plan anew."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.brands.actions import dismiss
from qunying.brands.log import entries, lines
from qunying.brands.models import Staff
from qunying.communities.actions.duty import Plan, add_shift, change_shift, cover, remove_shift, restore
from qunying.communities.duty import DAY, gaps, on_duty, seen_by, turns
from qunying.communities.models import Cover, Shift
from qunying.kit.errors import Invalid, Missing, NotAllowed, Refused
from tests.communities.world import AT, MONDAY, a_brand, a_colleague, a_community, a_shift

pytestmark = pytest.mark.django_db
NIGHTS = (
    ("Asia/Shanghai", dt.date(2026, 3, 1)),
    ("America/New_York", dt.date(2026, 3, 8)),  # 02:00 becomes 03:00
    ("America/New_York", dt.date(2026, 11, 1)),  # 02:00 becomes 01:00
    ("Australia/Lord_Howe", dt.date(2026, 4, 5)),  # half an hour back
)
"""Sundays, so that the end of a week lies within, three of them with a change of clocks."""
MINUTE = dt.timedelta(minutes=1)
EDGES = st.sampled_from(["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "12:00", "23:30"])


@st.composite
def rosters(draw):
    """Some shifts as (who, weekdays, from, to), and the changes of single days as (shift, day, who or nobody)."""
    week = st.sets(st.integers(0, 6), min_size=1).map(sorted)
    shifts = draw(st.lists(st.tuples(st.integers(0, 1), week, EDGES, EDGES), min_size=1, max_size=3))
    at = st.integers(0, len(shifts) - 1)
    changes = st.tuples(at, st.integers(-1, 1), st.sampled_from([None, 0, 1]))
    return shifts, draw(st.lists(changes, max_size=2, unique_by=lambda change: change[:2]))


def recounted(shifts, changes, sunday, zone):
    """Every minute from Saturday to Monday → who is on duty: each shift is walked minute by minute by the clock."""
    held: dict[dt.datetime, set[int]] = {}
    for place, (who, week, start, end) in enumerate(shifts):
        for step in range(-3, 4):
            on = sunday + step * DAY
            told = {sunday + days * DAY: other for at, days, other in changes if at == place}
            holder = told.get(on, who)
            if on.weekday() not in week or holder is None:
                continue
            reading = dt.datetime.combine(on, dt.time.fromisoformat(start))
            while True:
                held.setdefault(reading, set()).add(holder)
                reading += MINUTE
                if reading.time() == dt.time.fromisoformat(end):
                    break
    first = dt.datetime.combine(sunday - DAY, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
    moments = (first + count * MINUTE for count in range(3 * 24 * 60))
    return {at: held.get(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), set()) for at in moments}


@settings(max_examples=40)
@given(rosters(), st.sampled_from(NIGHTS))
def test_who_is_on_duty_equals_a_recount_minute_by_minute(roster, night):
    (shifts, changes), (zone, sunday) = roster, night
    with transaction.atomic():
        brand, owner = a_brand(zone)
        staff = [a_colleague(brand, name) for name in ("阿青", "小周")]
        community = a_community(brand)
        made = [
            a_shift(
                owner,
                [community, None][place % 2],
                staff=staff[who],
                hours=f"{start}-{end}",
                weekdays=tuple(week),
                from_on=dt.date(2026, 1, 1),
            )
            for place, (who, week, start, end) in enumerate(shifts)
        ]
        for place, days, who in changes:
            if made[place].begins_on(sunday + days * DAY):
                other = None if who is None else staff[who]
                cover(made[place], on=sunday + days * DAY, staff=other, at=AT, by=owner)
        if len({row.pk for row in made}) == len(made):  # a shift alike another is the same shift
            counted = recounted(shifts, changes, sunday, zone)
            turning = [at for at in counted if counted[at] != counted.get(at - MINUTE)]
            asked = {*turning, *(at - MINUTE for at in turning if at - MINUTE in counted)}
            found = {at: {staff.index(row) for row in on_duty(community, at=at)} for at in asked}
            assert found == {at: counted[at] for at in asked}
        transaction.set_rollback(True)


def names(community, at=AT):
    return [row.name for row in on_duty(community, at=at)]


def test_a_shift_of_the_whole_brand_is_on_duty_for_every_community_and_nobody_is_named_twice():
    brand, owner = a_brand()
    first, second = a_community(brand), a_community(brand, "另一个群")
    a_shift(owner, None)
    a_shift(owner, first)
    a_shift(owner, first, staff=a_colleague(brand, "阿青", reach=[first.pk]))

    assert (names(first), names(second)) == (["掌柜", "阿青"], ["掌柜"])


def test_a_night_on_which_the_clock_moves_keeps_its_hours_and_a_shift_of_a_whole_day_has_no_hole():
    brand, owner = a_brand("America/New_York")
    community = a_community(brand)
    a_shift(owner, community, hours="08:00-08:00", weekdays=(6,), from_on=dt.date(2026, 1, 1))

    hours = [dt.datetime(2026, 3, 8, 12, tzinfo=dt.UTC) + dt.timedelta(hours=at) for at in range(-1, 26)]
    assert [bool(names(community, at)) for at in hours] == [False, *[True] * 24, False, False]


def test_who_left_or_lost_the_community_is_on_duty_no_longer_and_what_was_stays():
    brand, owner = a_brand()
    community = a_community(brand)
    a_shift(owner, community, staff=a_colleague(brand, "阿青"))
    a_shift(owner, community, staff=a_colleague(brand, "小周"))

    dismiss(a_colleague(brand, "阿青"), at=AT, by=owner)
    a_colleague(brand, "小周", reach=[])

    told = turns(Shift.objects.all(), first=MONDAY, last=MONDAY + 3 * DAY, at=AT)
    assert names(community) == []
    assert [turn.staff.name for turn in told if turn.staff] == ["阿青", "小周"] * 2
    a_colleague(brand, "阿青")
    assert names(community) == ["阿青"]


def test_one_day_is_swapped_given_up_and_put_back_and_each_is_logged_once():
    brand, owner = a_brand()
    community, other = a_community(brand), a_colleague(brand, "阿青")
    shift, today = a_shift(owner, community), MONDAY + 2 * DAY

    shown = []
    for staff in (other, other, None, owner):
        cover(shift, on=today, staff=staff, at=AT, by=owner)
        shown.append(names(community))
    restore(shift, on=today, at=AT, by=owner)

    assert shown == [["阿青"], ["阿青"], [], ["掌柜"]]
    assert names(community, AT + DAY) == ["掌柜"]
    logged = [line for line in lines(brand, entries(brand, {"who": "掌柜"})) if "班" in line.deed]
    assert [(line.deed, line.changes[-1][1:]) for line in logged[:3]] == [
        ("取消换班", ("—", "掌柜")),
        ("换班", ("阿青", "—")),
        ("换班", ("掌柜", "阿青")),
    ]


def test_a_changed_or_removed_shift_leaves_what_was_held_as_it_was():
    brand, owner = a_brand()
    community, other = a_community(brand), a_colleague(brand, "阿青")
    shift = a_shift(owner, community)
    cover(shift, on=MONDAY + 4 * DAY, staff=None, at=AT, by=owner)
    plan = Plan(community, other, (2, 3, 4), dt.time(9), dt.time(12), MONDAY)

    same = change_shift(shift, plan=plan, at=AT, by=owner)
    again = change_shift(same, plan=plan, at=AT, by=owner)

    told = turns(Shift.objects.all(), first=MONDAY, last=MONDAY + 6 * DAY, at=AT)
    held = [(turn.on.day, turn.shift.hours, turn.staff.name if turn.staff else None) for turn in told]
    before = [(day, "09:00–18:00", "掌柜") for day in (2, 3)]
    assert held == [*before, (4, "09:00–12:00", "阿青"), (5, "09:00–12:00", "阿青"), (6, "09:00–12:00", None)]
    assert again == same
    remove_shift(again, at=AT, by=owner)
    left = turns(Shift.objects.all(), first=MONDAY, last=MONDAY + 6 * DAY, at=AT)
    assert [turn.on.day for turn in left] == [2, 3]
    with pytest.raises(Refused, match="shift_over"):
        remove_shift(shift, at=AT, by=owner)


def test_planning_twice_is_planning_once_and_what_makes_no_sense_is_refused():
    brand, owner = a_brand()
    community, narrow = a_community(brand), a_colleague(brand, "阿青", reach=[])
    again = a_shift(owner, community)
    plan = Plan(community, owner, (0,), dt.time(9), dt.time(18), MONDAY)

    assert a_shift(owner, community) == again
    for by, bad, error in (
        (owner, {"weekdays": ()}, Invalid),
        (owner, {"until_on": MONDAY - DAY}, Invalid),
        (owner, {"staff": narrow}, Invalid),
        (narrow, {"staff": owner}, NotAllowed),
        (narrow, {"community": None}, NotAllowed),
    ):
        with pytest.raises(error):
            add_shift(brand, plan=Plan(**{**plan.__dict__, **bad}), at=AT, by=by)
    with pytest.raises(Missing):
        cover(a_shift(owner, community, weekdays=(0,)), on=MONDAY + DAY, staff=None, at=AT, by=owner)
    assert (Shift.objects.count(), Cover.objects.count()) == (2, 0)


def test_hours_of_the_plan_in_which_nobody_is_there_are_gaps():
    brand, owner = a_brand()
    first, second = a_community(brand), a_community(brand, "另一个群")
    shift = a_shift(owner, first, hours="22:00-02:00", weekdays=(0, 1, 2, 3, 4))
    a_shift(owner, second, hours="09:00-18:00", until_on=MONDAY + DAY)
    a_shift(owner, None, hours="12:00-23:00", weekdays=(5,))
    cover(shift, on=MONDAY + 2 * DAY, staff=None, at=AT, by=owner)

    last = MONDAY + 6 * DAY
    told = turns(Shift.objects.all(), first=MONDAY - DAY, last=last, at=AT)
    rows = Shift.objects.select_related("community").order_by("pk")
    found = [
        (gap.community.name if gap.community else "", gap.on.day, gap.hours)
        for gap in gaps(told, rows, first=MONDAY, last=last)
    ]

    of_first = [
        (4, "22:00–24:00"),
        (5, "00:00–02:00"),
        (7, "23:00–24:00"),
        (8, "00:00–02:00"),
        (8, "22:00–24:00"),
    ]
    of_brand = [(day, "12:00–23:00") for day in (2, 3, 4, 5, 6, 8)]
    assert found == [
        *(("茶友群", *row) for row in of_first),
        *(("", *row) for row in of_brand),
    ]


def test_everybody_sees_the_shifts_of_their_communities_and_of_the_brand():
    brand, owner = a_brand()
    first, second = a_community(brand), a_community(brand, "另一个群")
    for place in (first, second, None):
        a_shift(owner, place)

    narrow = Staff(brand=brand, reach=[second.pk], role="volunteer")
    assert [row.community for row in seen_by(narrow).order_by("pk")] == [second, None]
    assert seen_by(owner).count() == 3
