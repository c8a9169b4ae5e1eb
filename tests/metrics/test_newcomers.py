"""The newcomers' funnel: each step against a plain recount, blank while unripe, every number with its list."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.audiences.models import Audience
from qunying.audiences.projectors import restate
from qunying.brands.actions import bump_columns
from qunying.communities.fact_kinds import JOINED, LEFT, SENT
from qunying.communities.models import Community
from qunying.facts import log
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.kit import days
from qunying.members.actions import merge
from qunying.members.actions.people import mark_staff
from qunying.members.models import Member
from qunying.metrics.asking import Asker, listing
from qunying.metrics.charts import Told, funnel
from qunying.metrics.newcomers import STEPS, join_days, walk
from qunying.metrics.reports import export, scopes
from tests.core.worlds import HOUR, NOW, ZONES, Deed, Life, World, local_day
from tests.lengths import LENGTHS
from tests.metrics.chats import NOW as LATELY
from tests.metrics.chats import Chat, Line
from tests.metrics.house import House, build
from tests.metrics.reports_world import owner_of

pytestmark = pytest.mark.django_db
LATER = LATELY + dt.timedelta(days=120)
NUMBER = itertools.count(1)
DAY = days.DAY_MS
STAFF, BOT, MERGED, ROOT = 3, 4, 1, 0
REACH = (0, 7, 14, 30)


@st.composite
def newcomers(draw: st.DrawFn) -> Life:
    """Five people who join two communities around a midnight, talk at the edges of every window, leave and come back;
    or who talk without ever having joined."""
    zone = draw(st.sampled_from(ZONES))
    edge = dt.datetime(2025, 3, 28, 0, 0, tzinfo=ZoneInfo(zone))
    start = days.utc_ms(edge.astimezone(dt.UTC))
    near = st.sampled_from([-HOUR, -1, 0, 1, HOUR, 12 * HOUR])
    later = st.sampled_from([0, 1, 6, 7, 8, 9, 13, 14, 15, 29, 30, 31])
    act = st.tuples(st.sampled_from([SENT] * 5 + [LEFT, JOINED]), later, near)
    raw: list[tuple[int, int, int, int]] = []
    for member, community in itertools.product(range(5), range(2)):
        if not draw(st.sampled_from([True, True, False])):
            continue
        came = start + draw(st.integers(0, 3)) * DAY + draw(near)
        acts = [
            (kind, came + shift * DAY + offset) for kind, shift, offset in draw(st.lists(act, max_size=6))
        ]
        if draw(st.sampled_from([True, True, True, False])):
            raw += [(came, JOINED, community, member)]
            raw += [(at, kind, community, member) for kind, at in acts if at > came]
        else:
            raw += [(at, SENT, community, member) for _kind, at in acts]
    deeds = [
        Deed(number, kind, place, who, at) for number, (at, kind, place, who) in enumerate(sorted(raw), 1)
    ]
    return Life(zone, tuple(deeds))


@dataclass
class Plain:
    """What there is to know of the newcomers of some communities, counted from the deeds."""

    life: Life
    cover: dict[int, int]
    out: dict[int, tuple[int, int]]
    same: dict[int, int]

    def person(self, member: int) -> int:
        return self.same.get(member, member)

    def counts(self, person: int, day: int) -> bool:
        start, end = self.out.get(person, (1, 0))
        return not start <= day <= end

    def stays(self, member: int, place: int) -> list[tuple[int, int, bool]]:
        """(first day, day of leaving, told of) of each stay; back within 24 hours is the same stay."""
        mine = [d for d in self.life.deeds if (d.member, d.community) == (member, place)]
        moves = [(d.at, d.kind) for d in mine if d.kind != SENT]
        found: list[list[int | None]] = []
        for at, kind in moves:
            if kind == LEFT and found[-1][1] is None:
                found[-1][1] = at
            elif kind == JOINED and found and found[-1][1] is not None and at - found[-1][1] <= DAY:
                found[-1][1] = None
            elif kind == JOINED and (not found or found[-1][1] is not None):
                found.append([at, None])
        if mine and not moves:
            return [(local_day(self.life, mine[0].at), self.cover[place] + 1, False)]
        day = lambda at: local_day(self.life, at)  # noqa: E731
        return [
            (day(came or 0), self.cover[place] + 1 if left is None else day(left), True)
            for came, left in found
        ]

    def steps(self, places: list[int], first: int, last: int) -> list[tuple[set[int], set[int]]]:
        """Per step who took it and of whom it is decided."""
        stays: dict[int, list[tuple[int, int, bool, int]]] = defaultdict(list)
        spoke: dict[int, set[int]] = defaultdict(set)
        for member, place in itertools.product(range(5), places):
            person = self.person(member)
            stays[person] += [(*stay, self.cover[place]) for stay in self.stays(member, place)]
        for deed in self.life.deeds:
            day = local_day(self.life, deed.at)
            if deed.kind == SENT and deed.community in places and self.counts(self.person(deed.member), day):
                spoke[self.person(deed.member)].add(day)
        found: list[tuple[set[int], set[int]]] = [(set(), set()) for _step in REACH]
        for person, mine in stays.items():
            born = min((came for came, *_rest in mine), default=0)
            told = any(is_told for came, _left, is_told, _cover in mine if came == born)
            if not told or not first <= born <= last or not self.counts(person, born):
                continue
            known = min(cover for came, *_rest, cover in mine if came == born)
            once = min((day for day in spoke[person] if born <= day <= born + 7), default=None)
            twice = once is not None and any(once < day <= once + 7 for day in spoke[person])
            due = born + 30
            there = self.counts(person, due) and any(came <= due < left for came, left, *_rest in mine)
            for at, (took, reach) in enumerate(
                zip((True, once is not None, twice, twice and there), REACH, strict=True)
            ):
                if born + reach <= known:
                    found[at][1].add(person)
                    if took:
                        found[at][0].add(person)
        return found


def lived(life: Life, short: int, hired: tuple[int, int], *, merged: bool) -> tuple[World, Plain]:
    """The life in the database: 3 is on the staff for some days, 4 a bot, 1 may be the same person as 0."""
    world = World(life, f"new{next(NUMBER)}")
    log.record_many(world.brand, [world.row(deed) for deed in life.deeds])
    drive(world.brand)
    start = min(local_day(life, deed.at) for deed in life.deeds)
    cover = {}
    for place, community in enumerate(world.communities):
        told = [local_day(life, deed.at) for deed in life.deeds if deed.community == place]
        cover[place] = max([*told, start + 6]) + (40 if place == 0 else short)
        community.covered_from, community.covered_to = start, cover[place]
        community.save()
    people = {place: Member.objects.get(pk=world.members[place]) for place in range(5)}
    since, until = (start + shift for shift in hired)
    mark_staff(people[STAFF], from_on=days.date(since), until_on=days.date(until))
    Member.objects.filter(pk=people[BOT].pk).update(is_bot=True)
    bump_columns(world.brand)
    if merged:
        merge(people[ROOT], member=people[MERGED], evidence="same phone", at=NOW)
        restate(world.brand, set(Fact.objects.filter(brand=world.brand.pk).values_list("day", flat=True)))
    out = {STAFF: (since, until), BOT: (0, 10**6)}
    return world, Plain(life, cover, out, {MERGED: ROOT} if merged else {})


@LENGTHS
def test_every_step_equals_a_plain_recount_and_lists_its_people(tried):
    @tried
    @given(
        life=newcomers().filter(lambda life: bool(life.deeds)),
        short=st.sampled_from([0, 1, 8, 40]),
        hired=st.sampled_from([(2, 8), (20, 40)]),
        merged=st.booleans(),
        everybody=st.booleans(),
        span=st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted),
    )
    def holds(life, short, hired, merged, everybody, span):
        world, plain = lived(life, short, hired, merged=merged)
        plain.out = {} if everybody else plain.out
        first, last = (min(local_day(life, deed.at) for deed in life.deeds) + shift for shift in span)
        place_of = {pk: f"m{place}" for place, pk in enumerate(world.members)}

        for places in ([0, 1], [0], [1]):
            rows = [world.communities[place] for place in places]
            asker = Asker(world.brand, rows, at=NOW, with_everybody=everybody)
            expected = plain.steps(places, first, last)
            for step, reach, (took, decided) in zip(STEPS, REACH, expected, strict=True):
                answer = asker.ask(step.key, first, last)
                if answer.state == "not_computed":
                    assert not any(told for _took, told in expected)
                    continue
                if last + reach > max(plain.cover[place] for place in places):
                    assert answer.state == "unripe"
                    continue
                question = asker.question(first, last, ahead=asker.as_of)
                names = sorted(place_of[line.member] for line in listing(question, answer))
                assert (step.key, names) == (step.key, sorted(f"m{person}" for person in took))
                assert answer.numerator == len(took)
                if reach:
                    assert (answer.denominator, answer.state) == (len(decided), "ok" if decided else "blank")
            if asker.communities and question.knows_joins:
                steps = walk(question)
                assert all(later.bits <= step.bits for step, later in itertools.pairwise(steps))
                assert all(len(step.before) == len(step.bits) + len(step.lost) for step in steps)

    holds()


DAYS = 1440
KEYS = [step.key for step in STEPS]


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周", "老吴", "阿禾"), communities=2)


def club(joins: list[tuple[int, str, int]], said: Sequence[tuple[float, str]], covered: int) -> Chat:
    """A chat whose joins and messages are given in days after its start."""
    lines = [Line(day * DAYS + 600, who) for day, who in said]
    came = [(day * DAYS + at, who, place) for at, (day, who, place) in enumerate(joins)]
    return Chat(lines, joins=came, covered=covered)


def end_early(chat: Chat, covered: int) -> None:
    """Its second community is known for so many days only."""
    Community.objects.filter(pk=chat.communities[1].pk).update(covered_to=chat.first + covered - 1)
    chat.communities[1].refresh_from_db()
    bump_columns(chat.brand)


def told(chat: Chat, first: int, last: int) -> list[tuple[int | None, int | None, str]]:
    asker = Asker(chat.brand, chat.communities, at=LATER)
    answers = [asker.ask(key, chat.first + first, chat.first + last) for key in KEYS]
    return [(answer.numerator, answer.denominator, answer.state) for answer in answers]


def test_the_windows_end_with_the_seventh_day_the_seventh_after_the_first_word_and_the_thirtieth():
    people = ("on time", "late", "again late", "same day twice", "silent")
    said: list[tuple[float, str]]
    said = [(7, "on time"), (14, "on time"), (8, "late"), (9, "late"), (0, "again late"), (8, "again late")]
    said += [(3, "same day twice"), (3.01, "same day twice")]
    chat = club([(0, who, 0) for who in people], said, 40)

    assert told(chat, 0, 0) == [(5, None, "ok"), (3, 5, "ok"), (1, 5, "ok"), (1, 5, "ok")]


def test_a_step_is_blank_until_its_window_has_ended_and_nobody_joined_is_blank_too():
    chat = club([(0, "ann", 0)], [(0, "ann"), (1, "ann")], 15)

    assert told(chat, 0, 0) == [(1, None, "ok"), (1, 1, "ok"), (1, 1, "ok"), (None, None, "unripe")]
    assert told(chat, 0, 1)[2] == (None, None, "unripe")
    assert told(chat, 0, 7)[1] == (1, 1, "ok")
    assert told(chat, 1, 7) == [(0, None, "ok"), (0, 0, "blank"), *[(None, None, "unripe")] * 2]


def test_who_is_hired_by_the_thirtieth_day_is_no_member_who_stayed():
    both = ("ann", "bob")
    chat = club([(0, who, 0) for who in both], [(day, who) for day in (1, 2) for who in both], 40)
    mark_staff(Member.objects.get(pk=chat.member["bob"]), from_on=days.date(chat.first + 20))
    bump_columns(chat.brand)

    assert told(chat, 0, 0) == [(2, None, "ok"), (2, 2, "ok"), (2, 2, "ok"), (1, 2, "ok")]


def test_no_step_but_the_first_is_computed_where_nobody_sees_who_speaks():
    chat = club([(0, "ann", 0)], [(0, "ann")], 40)
    chat.communities[0].sees_speech = False

    assert [state for *_parts, state in told(chat, 0, 0)] == ["ok", *["not_computed"] * 3]


def steps_of(funnel: Told) -> list[dict[str, Any]]:
    assert funnel.data is not None
    return cast(list[dict[str, Any]], funnel.data["steps"])


@pytest.mark.parametrize("path", ["overview/more/", "overview/more/?c={c}", "retention/", "retention/?c={c}"])
def test_every_number_of_the_funnel_opens_its_list(house, path):
    client = house.client()
    page = client.get(house.url(path.format(c=house.communities[0].pk)))
    steps = steps_of(page.context["funnel"])
    links = [(step["value"], step["href"]) for step in steps if step["value"] is not None]
    links += [(step["lost"], step["lost_href"]) for step in steps if step.get("lost") is not None]

    lists = [client.get(href).context["page"].paginator.count for _many, href in links]

    assert lists == [many for many, _href in links]
    assert [step["value"] for step in steps] == [
        4,
        3,
        3,
        None,
    ]  # all joined 20 days ago; the last never speaks
    assert (steps[1]["lost"], steps[1]["of"], steps[1]["before"]) == (1, 4, 4)


def test_who_stopped_at_a_step_becomes_an_audience(house):
    client = house.client()
    href = steps_of(client.get(house.url("retention/")).context["funnel"])[1]["lost_href"]

    client.post(house.url("people/saved/"), {"of": href.partition("?")[2], "name": "还没说过话"})

    saved = Audience.objects.get(brand=house.brand)
    assert (saved.name, saved.size, saved.rule["cell"]) == ("还没说过话", 1, "funnel.spoke")


def test_without_leave_to_see_people_there_are_numbers_and_no_links(house):
    steps = steps_of(house.client("founder").get(house.url("retention/")).context["funnel"])

    assert [step["value"] for step in steps] == [4, 3, 3, None]
    assert not any("href" in step or "lost_href" in step for step in steps)


def test_a_narrow_staff_member_sees_the_newcomers_of_his_communities_alone(house):
    mine = house.client("operator", reach=[house.communities[1].pk])

    steps = steps_of(mine.get(house.url("retention/")).context["funnel"])

    assert [step["value"] for step in steps] == [2, 1, 1, None]


def test_a_period_too_young_for_the_funnel_shows_the_latest_month_that_is_not_and_says_so():
    chat = club([(day, f"p{day}", 0) for day in range(60)], [(0, "p0"), (1, "p0")], 60)
    about = scopes.about(owner_of(chat.brand), node=None, first=chat.first, last=chat.first + 9, at=LATER)
    young = scopes.about(
        owner_of(chat.brand), node=None, first=chat.first + 50, last=chat.first + 59, at=LATER
    )
    spans = []

    for one in (about, young):
        told_of = funnel(one.asker, one.scope, one.range.period)
        spans.append((str(told_of.note), [step["value"] for step in steps_of(told_of)]))

    assert spans == [
        ("2026-03-02 – 2026-03-11 首次入群的人", [10, 1, 1, 1]),
        ("2026-03-02 – 2026-03-31 首次入群的人；之后入群的未到期，不计", [30, 1, 1, 1]),
    ]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ((40, 49), (40, 49)),  # due on the last complete day
        ((40, 50), (20, 49)),  # a day too young: a month up to the last that is due
        ((50, 79), (20, 49)),
        ((5, 79), (5, 49)),
    ],
)
def test_days_that_are_not_all_due_are_filled_up_to_the_latest_month_that_is(asked, shown):
    chat = club([(day, f"p{day}", 0) for day in range(79)], [], 80)
    asker = Asker(chat.brand, chat.communities, at=LATER)

    found = join_days(asker, *(chat.first + day for day in asked))

    assert found == tuple(chat.first + day for day in shown)


def test_days_of_whom_nobody_can_be_decided_yet_give_way_to_later_ones():
    """Only ann's community is known to the end, and she came late."""
    chat = Chat([], joins=[(20 * DAYS, "ann", 0), (0, "bob", 1)], covered=40, places=2)
    end_early(chat, 10)
    asker = Asker(chat.brand, chat.communities, at=LATER)

    assert join_days(asker, chat.first, chat.last) == (chat.first, chat.first + 25)


def test_a_step_that_can_be_decided_for_nobody_yet_is_blank_not_none_of_none():
    chat = Chat([Line(0, "bob", place=1)], joins=[(0, "bob", 1)], covered=60, places=2)
    end_early(chat, 10)
    about = scopes.about(owner_of(chat.brand), node=None, first=chat.first, last=chat.first, at=LATER)

    steps = steps_of(funnel(about.asker, about.scope, about.range.period))

    assert [(step["value"], step.get("of"), "reason" in step) for step in steps] == [
        (1, None, False),
        (1, 1, False),
        (None, None, True),
        (None, None, True),
    ]
    assert export.as_bytes(about, "html").decode().count('<td colspan="4">— ') == 2


def test_a_report_holds_the_funnel_as_a_block_on_the_page_in_its_file_and_as_numbers():
    chat = club([(day, f"p{day}", 0) for day in range(9)], [(0, "p0"), (1, "p0")], 45)
    about = scopes.about(owner_of(chat.brand), node=None, first=chat.first, last=chat.first + 9, at=LATER)

    page, numbers = export.as_bytes(about, "html").decode(), json.loads(export.as_bytes(about, "json"))

    (drawing,) = numbers["blocks"]["newcomers"]["drawings"]
    steps = [(step["value"], step.get("before")) for step in drawing["data"]["steps"]]
    assert steps == [(9, None), (1, 9), (1, 1), (1, 1)]
    assert "11.1% <small>1/9</small>" in page
    assert "新人漏斗" in page
