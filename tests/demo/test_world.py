"""A simulated brand keeps the promises a connector's stream must keep, and is the same wherever it is made."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.connectors.incoming import Act, Chat, Person
from qunying.demo.faults import FAULTS, with_fault
from qunying.demo.people import UNUSUAL
from qunying.demo.plans import TEA, BrandPlan, crowd_plan, small_plan
from qunying.demo.world import Story, Stream, simulate
from tests.demo.measures import ZONE, day_of

UNTIL = dt.date(2026, 3, 8)
SEEDS = st.integers(0, 2**32 - 1)
NAMES = st.sampled_from((None, *(kind.name for kind in FAULTS)))


def one_community(seed: int, name: str | None = None) -> BrandPlan:
    """A small brand cut to one community, with or without a fault in it."""
    plan = small_plan(seed)
    if name is None:
        return replace(plan, communities=plan.communities[:1])
    plan = with_fault(plan, name, seed)
    return replace(plan, communities=tuple(c for c in plan.communities if c.name == plan.faults[0].community))


def lived(seed: int, name: str | None) -> Stream:
    return simulate(one_community(seed, name), seed=seed, until=UNTIL).streams[0]


@pytest.fixture(scope="module")
def tea() -> Story:
    return simulate(TEA, seed=1, until=UNTIL)


def test_the_same_plan_seed_and_day_give_the_same_story():
    plan = with_fault(small_plan(4), "crisis.broke", 4)

    assert simulate(plan, seed=4, until=UNTIL) == simulate(plan, seed=4, until=UNTIL)


def test_another_seed_gives_another_story():
    plan = small_plan(4)

    first, second = (simulate(plan, seed=seed, until=UNTIL).streams[0] for seed in (4, 5))

    assert first.acts != second.acts
    assert {p.value for p in first.people}.isdisjoint(p.value for p in second.people if not p.is_staff)


def test_another_process_with_another_hash_seed_tells_the_same_story():
    program = (
        "import datetime as dt, hashlib\n"
        "from qunying.demo.plans import small_plan\n"
        "from qunying.demo.world import simulate\n"
        "story = simulate(small_plan(4), seed=4, until=dt.date(2026, 3, 8))\n"
        "print(hashlib.blake2b(repr(story).encode()).hexdigest())\n"
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(digests) == 1


@settings(max_examples=10)
@given(seed=SEEDS, name=NAMES)
def test_acts_stand_in_order_of_time_within_the_days_of_the_plan(seed: int, name: str | None):
    stream = lived(seed, name)

    first = UNTIL - dt.timedelta(days=stream.plan.days - 1)
    assert all(earlier.at <= later.at for earlier, later in pairwise(stream.acts))
    assert first <= day_of(stream.acts[0])
    assert day_of(stream.acts[-1]) <= UNTIL


@settings(max_examples=10)
@given(seed=SEEDS, name=NAMES)
def test_everybody_is_introduced_before_the_first_act_that_names_them(seed: int, name: str | None):
    stream = lived(seed, name)

    known = {""}
    strangers = []
    for entry in stream.entries():
        if isinstance(entry, Person):
            known.add(entry.ref)
        elif isinstance(entry, Act):
            strangers += [ref for ref in (entry.actor, entry.other) if ref not in known]
    assert strangers == []


@settings(max_examples=10)
@given(seed=SEEDS, name=NAMES)
def test_nobody_acts_before_joining_or_after_leaving_unless_they_came_back(seed: int, name: str | None):
    stream = lived(seed, name)

    there = {person.ref for person in stream.people if person.is_listed}
    ghosts = []
    for act in stream.acts:
        if act.kind == "join":
            ghosts += [act] if act.actor in there else []
            there.add(act.actor)
        elif act.actor not in there:
            ghosts.append(act)
        elif act.kind in {"leave", "remove"}:
            there.discard(act.actor)
    assert ghosts == []


@settings(max_examples=10)
@given(seed=SEEDS, name=NAMES)
def test_what_an_act_is_about_was_said_before_by_whom_it_says(seed: int, name: str | None):
    stream = lived(seed, name)

    author: dict[str, str] = {}
    wrong = []
    for act in stream.acts:
        if act.target and act.kind in {"message", "reaction", "unreaction"}:
            wrong += [act] if author.get(act.target) != act.other or act.other == act.actor else []
        elif act.target and act.kind == "recall":
            wrong += [act] if author.get(act.target) != act.actor else []
        elif act.target:
            wrong += [act] if act.target not in author else []
        if act.id:
            author[act.id] = act.actor
    assert wrong == []


@settings(max_examples=10)
@given(seed=SEEDS, name=NAMES)
def test_every_message_has_an_id_of_its_own(seed: int, name: str | None):
    stream = lived(seed, name)

    said = [act.id for act in stream.acts if act.kind in {"message", "notice", "share"}]

    assert "" not in said
    assert len(set(said)) == len(said)
    assert {act.id for act in stream.acts if act.kind not in {"message", "notice", "share"}} <= {""}


def test_a_stream_begins_with_its_chat_and_holds_all_its_people_and_acts(tea: Story):
    for stream in tea.streams:
        entries = list(stream.entries())

        assert entries[0] == Chat(key=stream.chat.key, name=stream.plan.name, platform=stream.plan.platform)
        assert sum(isinstance(entry, Chat) for entry in entries) == 1
        assert {e.ref for e in entries if isinstance(e, Person)} == {person.ref for person in stream.people}
        assert tuple(entry for entry in entries if isinstance(entry, Act)) == stream.acts


def test_the_tea_brand_has_six_communities_eight_thousand_people_and_four_hundred_thousand_acts(tea: Story):
    people = {(p.scheme, p.scope, p.value) for stream in tea.streams for p in stream.people}

    assert len(tea.streams) == 6
    assert {stream.plan.platform for stream in tea.streams} == {"wecom", "qq", "wechat", "telegram"}
    assert 7_600 <= len(people) <= 8_600
    assert 370_000 <= sum(len(stream.acts) for stream in tea.streams) <= 450_000


def test_some_people_are_in_several_communities_of_one_platform_and_keep_their_name(tea: Story):
    member, benefits, _, store, *_ = (
        {p.ref: p for p in stream.people if not p.is_staff and not p.is_bot} for stream in tea.streams
    )

    both = member.keys() & benefits.keys()
    assert 100 <= len(both) <= 400
    assert [member[ref].name for ref in both] == [benefits[ref].name for ref in both]
    assert len(store.keys() & (member.keys() | benefits.keys())) >= 100


def test_every_community_has_one_bot_and_its_staff_and_staff_are_the_same_people_on_one_platform(tea: Story):
    bots = [[p.ref for p in stream.people if p.is_bot] for stream in tea.streams]
    staff = [{p.ref for p in stream.people if p.is_staff} for stream in tea.streams]

    assert [len(found) for found in bots] == [1] * 6
    assert [len(found) for found in staff] == [stream.plan.staff for stream in tea.streams]
    assert staff[0] == staff[1] == staff[3]


def test_names_repeat_some_are_odd_and_none_is_made_to_attack(tea: Story):
    names = [person.name for person in tea.streams[0].people]

    assert set(UNUSUAL) <= set(names)
    assert [name for name in names if re.search(r"script|onerror|DROP|\{\{", name)] == []
    assert len(set(names)) < len(names)


def test_members_do_everything_a_chat_can_show(tea: Story):
    acts = tea.streams[0].acts

    assert {act.kind for act in acts} == {
        "message", "reaction", "unreaction", "join", "leave", "remove", "recall", "pin", "share", "notice",
    }  # fmt: skip
    assert {act.form for act in acts} == {
        "text", "image", "sticker", "link", "audio", "video", "card", "red_packet", "poll",
    }  # fmt: skip


def test_joins_say_where_from_and_only_invited_and_pulled_in_people_have_somebody_behind_them(tea: Story):
    stream = tea.streams[0]
    staff = {person.ref for person in stream.people if person.is_staff}
    joins = [act for act in stream.acts if act.kind == "join"]

    assert {act.source for act in joins} == {source for source, _ in stream.plan.sources}
    assert {act.source for act in joins if act.other in staff} == {"群主拉入"}
    assert {act.source for act in joins if act.other and act.other not in staff} == {"成员邀请"}


def test_the_talk_has_evenings_lunch_and_few_talkers(tea: Story):
    stream = tea.streams[0]
    crew = {person.ref for person in stream.people if person.is_staff or person.is_bot}
    hours = [0] * 24
    said: dict[str, int] = {}
    for act in stream.acts:
        if act.kind == "message" and act.actor not in crew:
            hours[dt.datetime.fromtimestamp(act.at / 1000, ZONE).hour] += 1
            said[act.actor] = said.get(act.actor, 0) + 1
    counts = sorted(said.values(), reverse=True)

    assert max(hours) in {hours[20], hours[21]}
    assert min(hours[12], hours[13]) > max(hours[10], hours[15])
    assert max(hours[2:5]) < max(hours) / 20
    assert sum(counts[: len(counts) // 10]) > sum(counts) / 2


def test_texts_are_varied_and_have_between_one_and_sixty_characters(tea: Story):
    texts = [act.text for stream in tea.streams for act in stream.acts if act.text]

    assert min(map(len, texts)) == 1
    assert 50 <= max(map(len, texts)) <= 60
    assert len(set(texts)) > 12_000


def test_a_crowd_has_at_least_the_members_asked_for():
    story = simulate(crowd_plan(20_000), seed=1, until=UNTIL)

    listed = {p.ref for stream in story.streams for p in stream.people if p.is_listed and not p.is_staff}

    assert 20_000 <= len(listed) <= 20_400
