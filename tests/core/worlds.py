"""Generated lives of a small brand, and the same numbers counted plainly from them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.communities.actions import find_community, take_in
from qunying.communities.fact_kinds import JOINED, LEFT, REACTED, RECALLED, SENT
from qunying.communities.models import Community
from qunying.facts import log
from qunying.facts.keys import Keys, subject
from qunying.kit import days
from qunying.members.actions import Account, meet

COMMUNITIES = 3
MEMBERS = 42
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
EDGES = (
    (2025, 3, 29, 22, 0),  # the night Berlin's clocks go forward, and a month's end
    (2025, 3, 8, 23, 0),  # New York's spring
    (2025, 11, 1, 22, 0),  # New York's autumn
    (2024, 12, 31, 12, 0),  # a year's end in mid week
)
NOW = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
HOUR = 3_600_000


@dataclass(frozen=True)
class Deed:
    """One thing in a life: `about` is the number of an earlier message for reactions and recalls."""

    number: int
    kind: int
    community: int
    member: int
    at: int
    about: int = 0


@dataclass(frozen=True)
class Life:
    """A brand's zone and deeds, in the order they happened."""

    zone: str
    deeds: tuple[Deed, ...]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A few weeks around an edge of the calendar: clusters at midnights, a week and a month apart, people in several
    communities, re-joins, late joins, recalls."""
    zone = draw(st.sampled_from(ZONES))
    edge = dt.datetime(*draw(st.sampled_from(EDGES)), tzinfo=ZoneInfo(zone))
    start = days.utc_ms(edge.astimezone(dt.UTC))
    shifts = st.sampled_from([0, 1, 6, 7, 8, 29, 30, 31])
    near = st.sampled_from([-HOUR, -1, 0, 1, HOUR, 2 * HOUR, 12 * HOUR])
    places, people = st.integers(0, COMMUNITIES - 1), st.integers(0, MEMBERS - 1)
    kinds = st.sampled_from([SENT] * 6 + [REACTED, JOINED, LEFT, RECALLED])
    raw = draw(st.lists(st.tuples(kinds, places, people, shifts, near), min_size=1, max_size=60))
    when = sorted(
        (start + shift * days.DAY_MS + offset, place) for place, (*_rest, shift, offset) in enumerate(raw)
    )
    deeds: list[Deed] = []
    sent: list[Deed] = []
    for number, (at, place) in enumerate(when, start=1):
        kind, community, member = raw[place][:3]
        about = 0
        if kind in (REACTED, RECALLED):
            said = [deed for deed in sent if deed.community == community]
            if not said:
                continue
            message = said[number % len(said)]
            about = message.number
            member = message.member if kind == RECALLED else member
        deed = Deed(number, kind, community, member, at, about)
        deeds.append(deed)
        if kind == SENT:
            sent.append(deed)
    return Life(zone, tuple(deeds))


class World:
    """The brand in the database: communities and members of a life, ready to take its deeds."""

    def __init__(self, life: Life, name: str) -> None:
        self.life = life
        self.brand: Brand = open_brand(name, at=NOW, zone=life.zone, slug=name)
        self.communities: list[Community] = [
            find_community(self.brand, name=f"c{place}", at=NOW) for place in range(COMMUNITIES)
        ]
        accounts = [Account("test", "", f"m{place}", name=f"m{place}") for place in range(MEMBERS)]
        homes = meet(self.brand, accounts, batch=None, at=NOW)
        self.members = [homes[account.key] for account in accounts]
        for place, community in enumerate(self.communities):
            used = {deed.member for deed in life.deeds if deed.community == place}
            take_in(community, members=[self.members[member] for member in sorted(used)])
        self.keys = Keys(self.brand.key)

    def row(self, deed: Deed) -> log.Row:
        key = self.keys(f"deed {deed.number}")
        about = self.keys(f"deed {deed.about}") if deed.about else key
        return (
            self.brand.pk, self.communities[deed.community].pk, None, self.members[deed.member], None, deed.kind,
            deed.at, self.brand.clock.day(deed.at), subject(about), 0, 2, None, deed.at // days.DAY_MS, key, None,
            None, None,
        )  # fmt: skip


def local_day(life: Life, at: int) -> int:
    """The calendar day by the standard library, not by our clock."""
    moment = dt.datetime.fromtimestamp(at // 1000, tz=ZoneInfo(life.zone))
    return (moment.date() - dt.date(1970, 1, 1)).days


Days = dict[int, set[str]]


@dataclass
class Recount:
    """Who was active and who spoke, by day, plainly counted; per community (its number) and overall (None)."""

    active: dict[int | None, Days]
    spoke: dict[int | None, Days]
    messages: dict[int | None, dict[int, int]]
    first_spoke: dict[int | None, dict[str, int]]


def recount(life: Life, same: dict[int, int] | None = None) -> Recount:
    """Count the life by hand. `same` says which members are one person (member → root)."""
    same = same or {}
    gone = {deed.about for deed in life.deeds if deed.kind == RECALLED}
    scopes: list[int | None] = [None, *range(COMMUNITIES)]
    found = Recount(
        active={scope: defaultdict(set) for scope in scopes},
        spoke={scope: defaultdict(set) for scope in scopes},
        messages={scope: defaultdict(int) for scope in scopes},
        first_spoke={scope: {} for scope in scopes},
    )
    for deed in life.deeds:
        if deed.kind not in (SENT, REACTED) or (deed.kind == SENT and deed.number in gone):
            continue
        who, day = f"m{same.get(deed.member, deed.member)}", local_day(life, deed.at)
        for scope in (deed.community, None):
            found.active[scope][day].add(who)
            if deed.kind == SENT:
                found.spoke[scope][day].add(who)
                found.messages[scope][day] += 1
                first = found.first_spoke[scope].get(who)
                found.first_spoke[scope][who] = day if first is None else min(first, day)
    return found
