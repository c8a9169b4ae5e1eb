"""The simulator's entrance: a plan, a seed and a last day make a brand's story, the same on every machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from msgspec import structs

from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.demo import chatter, people, responses, staff
from qunying.demo.columns import EMOJI, FORMS, KINDS, MESSAGE, NONE, NOTICE, SHARE, Ints, chance, rows
from qunying.demo.faults import Planted, plant
from qunying.demo.life import Life, stays, temperaments
from qunying.demo.plans import BrandPlan, CommunityPlan, Fault, Platform

STAYS, TALK, STAFF, REGRETS, PEOPLE, EXTRAS, FAULTS, RESPONSES = range(1, 9)
CREWS: Final = 1_000  # beyond any number of communities
PLATFORMS: Final = tuple(people.PASSPORTS)
CREW_IDS: Final = 10  # numbers kept for the bot and staff
LATE: Final = 20_000  # numbers given to people who come through a fault
FIRST_MESSAGE: Final = {
    "telegram": 1_000,
    "qq": 7_100_000_000,
    "wecom": 5_300_000_000_000,
    "wechat": 6_800_000_000_000,
}


@dataclass(frozen=True)
class Stream:
    """One community's story: everybody who was ever there, in order of appearance, and all acts by time."""

    plan: CommunityPlan
    chat: Chat
    people: tuple[Person, ...]
    acts: tuple[Act, ...]

    def entries(self) -> Iterator[Entry]:
        """The chat, those listed on the first day, then acts by time, newcomers just before their joining."""
        yield self.chat
        waiting = {person.ref: person for person in self.people if not person.is_listed}
        yield from (person for person in self.people if person.is_listed)
        for act in self.acts:
            newcomer = waiting.pop(act.actor, None)
            if newcomer is not None:
                yield newcomer
            yield act


@dataclass(frozen=True)
class Story:
    """A simulated brand up to the end of `until`, with the faults that were planted in it."""

    plan: BrandPlan
    until: dt.date
    streams: tuple[Stream, ...]
    planted: tuple[Planted, ...]


def simulate(plan: BrandPlan, *, seed: int, until: dt.date) -> Story:
    """The brand's life up to midnight after `until`; the same plan, seed and day give the same story."""
    known: dict[Platform, list[Person]] = {}
    streams: list[Stream] = []
    planted: list[Planted] = []
    for number, community in enumerate(plan.communities):
        life = healthy_life(community, seed=seed, number=number, until=until)
        base = life.cast
        faults = [fault for fault in plan.faults if fault.community == community.name]
        marks: list[tuple[Fault, Ints]] = []
        for place, fault in enumerate(faults):
            life, touched = plant(chance(seed, number, FAULTS, place), life, fault)
            marks.append((fault, touched))
        cast = people_of(life, base, known.setdefault(community.platform, []), seed=seed, number=number)
        refs = [person.ref for person in cast]
        planted += [
            Planted.of(fault, until, [refs[place] for place in touched.tolist()]) for fault, touched in marks
        ]
        streams.append(written(life, cast, number))
    return Story(plan, until, tuple(streams), tuple(planted))


def healthy_life(plan: CommunityPlan, *, seed: int, number: int, until: dt.date) -> Life:
    """One community without any fault."""
    rng = chance(seed, number, STAYS)
    spells = stays(rng, plan)
    crew = 1 + plan.staff
    size = int(spells.who.max()) + 1 if len(spells.who) else 0
    level, chattiness = temperaments(rng, crew + size)
    level[:crew] = 0.0
    nothing = np.zeros(0, dtype=np.int64)
    life = Life(
        plan=plan,
        first=until - dt.timedelta(days=plan.days - 1),
        days=plan.days,
        spells=spells._replace(who=spells.who + crew),
        level=level,
        chattiness=chattiness,
        acts=rows(0, nothing, nothing),
        items=nothing,
    )
    life = replace(life, acts=chatter.talk(chance(seed, number, TALK), life))
    rng = chance(seed, number, STAFF)
    for deed in (staff.moves, staff.posts, staff.weekly_items, staff.answers):
        life = deed(rng, life)
    life = responses.to_posts(chance(seed, number, RESPONSES), life)
    return replace(life, acts=chatter.regrets(chance(seed, number, REGRETS), life))


def people_of(life: Life, base: int, known: list[Person], *, seed: int, number: int) -> list[Person]:
    """The cast as people: crew, then members, of whom some are known from the platform's earlier communities.

    `known` grows by the new people. Who came only through a fault stands behind the first `base`.
    """
    plan = life.plan
    rng = chance(seed, number, PEOPLE)
    crew = people.crew(
        chance(seed, CREWS, PLATFORMS.index(plan.platform)), plan.platform, len(people.STAFF_NAMES)
    )[: life.first_member]
    listed = life.came() < 0
    size = base - life.first_member
    met = min(int(size * plan.overlap), len(known))
    places = rng.permutation(size)[:met].tolist()
    again = rng.permutation(len(known))[:met].tolist()
    new = people.members(rng, plan.platform, listed[life.first_member : base], taken=CREW_IDS + len(known))
    late = people.members(chance(seed, number, EXTRAS), plan.platform, listed[base:], taken=LATE + len(known))
    strangers = set(range(size)) - set(places)
    cast = [*crew, *new, *late]
    for place, person in zip(places, again, strict=True):
        here = life.first_member + place
        cast[here] = structs.replace(known[person], is_listed=bool(listed[here]))
    known += [new[place] for place in sorted(strangers)]
    return cast


def written(life: Life, cast: list[Person], number: int) -> Stream:
    """The columns as the entries a connector would hand over."""
    plan = life.plan
    came = life.came()
    order = np.argsort(came, kind="stable").tolist()
    chat = Chat(key=f"{plan.platform}-{number + 1}", name=plan.name, platform=plan.platform)
    appeared = tuple(cast[place] for place in order if came[place] < life.ends)
    return Stream(plan, chat, appeared, tuple(entered(life, [person.ref for person in cast], number)))


def entered(life: Life, refs: list[str], number: int) -> Iterator[Act]:
    """Each row as an act, by time; `refs` names the cast."""
    acts = life.acts
    names = [*refs, ""]
    sources = [*(name for name, _ in life.plan.sources), ""]
    faces = [*EMOJI, ""]
    ids = message_ids(life, number)
    id_of = {NONE: "", **dict(zip(acts.uid.tolist(), ids, strict=True))}
    columns = (
        acts.kind,
        acts.at + life.begins,
        acts.who,
        acts.form,
        acts.target,
        acts.other,
        acts.emoji,
        acts.source,
    )
    listed = (column.tolist() for column in columns)
    for own, text, kind, at, who, form, to, other, face, way in zip(
        ids, acts.text.tolist(), *listed, strict=True
    ):
        yield Act(
            KINDS[kind],
            at,
            names[who],
            own,
            text,
            FORMS[form],
            id_of[to],
            names[other],
            faces[face],
            1,
            sources[way],
        )


def message_ids(life: Life, number: int) -> list[str]:
    """The platform's id of every message, rising with time; "" for acts that are not messages."""
    acts = life.acts
    start = FIRST_MESSAGE[life.plan.platform] + number * 1_000_000_000
    numbered = np.isin(acts.kind, (MESSAGE, NOTICE, SHARE))
    gaps = 1 + (acts.uid * 7919 + acts.at // 1000) % 13
    values = start + np.cumsum(gaps)
    return [str(value) if has else "" for value, has in zip(values.tolist(), numbered.tolist(), strict=True)]
