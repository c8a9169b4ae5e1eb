"""Readings that follow live facts day by day equal those read from the whole history at once."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from qunying.audiences import columns
from qunying.audiences.actions import appoint_core
from qunying.audiences.contribution import nominated
from qunying.audiences.models import StageSpan
from qunying.audiences.sets import Sets
from qunying.brands.models import Brand
from qunying.communities.actions import change_community, cover, take_in
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.communities.models import Membership
from qunying.facts import log
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.kit import days
from qunying.members.actions import mark_staff, merge
from qunying.members.models import Member
from qunying.metrics import catching_up
from qunying.metrics.catching_up import catch_up
from qunying.metrics.models import Reading
from qunying.metrics.readings import bring_up_to_date
from tests.core.worlds import MEMBERS, NOW, Deed, Life, World, lives
from tests.lengths import LENGTHS, Tried

pytestmark = pytest.mark.django_db
_number = itertools.count(1)
UPHEAVALS = ("nothing", "nothing", "merge", "staff", "silence", "core", "test")


def written(world: World) -> tuple[list[str], list[str]]:
    readings = Reading.objects.filter(brand=world.brand).values_list(
        "community", "metric", "day", "value", "numerator", "denominator", "restated_on"
    )
    spans = StageSpan.objects.filter(membership__brand=world.brand).values_list(
        "membership", "stage", "from_day", "until_day", "rule", "inputs"
    )
    return sorted(map(repr, readings)), sorted(map(repr, spans))


def at_once(world: World) -> tuple[list[str], list[str]]:
    """What a process that remembers nothing writes; taken back."""
    with transaction.atomic():
        columns._kept.clear()
        bring_up_to_date(world.brand, at=NOW)
        found = written(world)
        transaction.set_rollback(True)
    return found


def take(world: World, deeds: list[Deed]) -> None:
    log.record_many(world.brand, [world.row(deed) for deed in deeds])
    drive(world.brand)
    for place, community in enumerate(world.communities):
        own = [world.brand.clock.day(deed.at) for deed in deeds if deed.community == place]
        if own:
            cover(community, first=min(own), last=max(own), has_speech=True)


def upset(world: World, what: str, number: int) -> None:
    """Something that changes other days than those of the facts that come."""
    people = [Member.objects.get(pk=world.members[(number + step) % MEMBERS]) for step in (0, 1)]
    place = world.communities[number % len(world.communities)]
    place.refresh_from_db()
    day = days.date((place.covered_from or 20_000) + number % 9)
    if what == "merge" and not any(person.merged_into_id for person in people):
        merge(people[0], member=people[1], evidence="same phone", at=NOW)
    elif what == "staff":
        mark_staff(people[0], from_on=day, until_on=day + dt.timedelta(days=3))
    elif what == "silence":
        change_community(place, values={"silent_days": 3 + number % 5}, at=NOW, by=None)
    elif what == "test":
        change_community(place, values={"is_test": not place.is_test}, at=NOW, by=None)
    elif what == "core":
        bits = sorted(nominated(Sets(world.brand, (place.pk,)), days.number(day)))[:1]
        some = Membership.objects.filter(community=place, bit__in=bits)
        appoint_core(list(some), from_on=day, at=NOW, by=None)


@LENGTHS
def test_readings_brought_on_in_pieces_equal_those_read_at_once(tried: Tried) -> None:
    @tried
    @given(life=lives(), data=st.data())
    def holds(life: Life, data: st.DataObject) -> None:
        world = World(life, f"k{next(_number)}")
        catching_up._grounds.clear()
        deeds = list(life.deeds)
        if data.draw(st.booleans()):  # what comes late comes in any order
            deeds = data.draw(st.permutations(deeds))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(deeds)), min_size=2, max_size=4)))

        for start, end in itertools.pairwise([0, *cuts, len(deeds)]):
            take(world, deeds[start:end])
            upset(world, data.draw(st.sampled_from(UPHEAVALS)), data.draw(st.integers(0, 30)))
            catch_up(world.brand, at=NOW)

            assert written(world) == at_once(world)

    holds()


def test_a_message_of_today_is_read_without_the_past_and_readings_of_others_are_not_trusted() -> None:
    start = days.utc_ms(NOW) - 40 * days.DAY_MS
    talk = [Deed(number, SENT, 0, number % 5, start + number * days.DAY_MS) for number in range(1, 38)]
    world = World(Life("Asia/Shanghai", tuple(talk)), "today")
    catching_up._grounds.clear()
    take(world, talk[:30])

    first = catch_up(world.brand, at=NOW)
    take(world, talk[30:31])
    second = catch_up(world.brand, at=NOW)
    again = catch_up(world.brand, at=NOW)
    Reading.objects.filter(brand=world.brand, metric="dau").delete()
    bring_up_to_date(world.brand, at=NOW)  # somebody else wrote
    whole = catch_up(world.brand, at=NOW)

    a_day = Reading.objects.filter(brand=world.brand, day=world.brand.clock.day(talk[30].at)).count()
    assert Fact.objects.filter(brand=world.brand.pk).count() == 31
    assert (first, second, again, whole) == (30 * a_day, a_day, 0, 31 * a_day)
    assert written(world) == at_once(world)


def test_a_message_taken_back_the_day_after_is_gone_from_the_day_on_which_it_was_said() -> None:
    start = days.utc_ms(NOW) - 40 * days.DAY_MS
    said = [Deed(1, SENT, 0, 1, start), Deed(2, SENT, 0, 2, start)]
    back = Deed(3, RECALLED, 0, 1, start + days.DAY_MS, about=1)
    world = World(Life("Asia/Shanghai", (*said, back)), "back")
    catching_up._grounds.clear()
    take(world, said)
    catch_up(world.brand, at=NOW)

    take(world, [back])
    catch_up(world.brand, at=NOW)

    day = world.brand.clock.day(start)
    spoke = Reading.objects.get(brand=world.brand, community=None, metric="speakers", day=day)
    assert spoke.value == 1
    assert written(world) == at_once(world)


def test_taking_in_who_is_there_already_costs_nobody_a_reload_of_the_columns() -> None:
    start = days.utc_ms(NOW) - 40 * days.DAY_MS
    world = World(Life("Asia/Shanghai", (Deed(1, SENT, 0, 1, start),)), "still")
    before = Brand.objects.get(pk=world.brand.pk).columns

    take_in(world.communities[0], members=[world.members[1]])
    same = Brand.objects.get(pk=world.brand.pk).columns
    take_in(world.communities[0], members=[world.members[1], world.members[2]])

    assert same == before
    assert Brand.objects.get(pk=world.brand.pk).columns != before
