"""In whatever order both sides write, they end equal and quiet, with the last word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors import actions
from qunying.connectors.actions import tag_taking
from qunying.connectors.live.wecom.tags import look_at_all
from qunying.connectors.models import TagTie
from qunying.members.models import TagWrite
from tests.connectors.live.wecom.tagged import Tagged, marks, tagged
from tests.connectors.live.wecom.world import World
from tests.lengths import LENGTHS, Tried

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings):
    with tagged(settings) as world:
        yield world


DEEDS = st.lists(
    st.sampled_from(["here on", "here off", "there on", "there off", "hear", "carry", "snapshot"]),
    min_size=3,
    max_size=9,
)
"""One of them a second. Two words there with none heard between are one to anybody who looks."""


def run(world: Tagged, deeds: list[str]) -> tuple[bool, set[str], set[str]]:
    """Whether the tag should be there in the end, and what is there on either side once all is quiet."""
    wanted, unheard = world.here() != set(), False
    for deed in deeds:
        world.wait(2)
        if deed.startswith("here"):
            wanted = deed == "here on" if world.tag(deed == "here on") else wanted
        elif deed.startswith("there"):
            if unheard:
                hear(world)
            if world.put(deed == "there on"):
                wanted, unheard = deed == "there on", True
        elif deed == "carry":
            world.carry()
        else:
            if deed == "snapshot":
                notes = wecom_look(world)
                actions.hear(world.connection, (), at=world.now, notes=notes)
                world.wait(4)
            hear(world)
            unheard = False
    world.settle(3)
    return wanted, world.here(), world.there()


def hear(world: World) -> None:
    world.corp.knock(world.post)
    world.ask()


def wecom_look(world: World) -> dict[str, bytes]:
    return dict(look_at_all(int(world.seconds * 1000), ["kefu01"]))


def anew(world: Tagged) -> None:
    """As before the first word."""
    world.tag(False)
    world.put(False)
    world.settle(2)
    world.wait(10)


@LENGTHS
def test_whoever_writes_in_whatever_order_both_sides_end_equal_with_the_last_word_and_are_quiet(
    world: Tagged, tried: Tried
) -> None:
    @tried
    @given(deeds=DEEDS)
    def check(deeds: list[str]) -> None:
        anew(world)
        wanted, here, there = run(world, deeds)
        quiet = (marks(world), TagWrite.objects.count())
        world.settle(2)

        assert (here, there) == (({"老客"},) * 2 if wanted else (set(), set()))
        assert (marks(world), TagWrite.objects.count()) == quiet

    check()


LOST = ["here on", "carry", "hear", "here off", "snapshot", "carry"]
"""Off is the last word; the look sees the tag still there."""


def test_a_look_that_sees_what_we_put_there_is_no_new_word(world):
    assert run(world, LOST) == (False, set(), set())


def test_without_the_rule_of_the_echo_a_look_brings_back_what_was_taken_off(world, monkeypatch):
    """The broken twin: whatever a look sees is taken for a new word."""

    def take(tie: TagTie, homes: list[int], person: object) -> None:
        tie.is_on = not bool(person.holders.get(tie.bond.number))  # type: ignore[attr-defined]  # a Tagged
        TagTie.objects.filter(pk=tie.pk).update(is_on=tie.is_on, sending=None, seen_at=None)
        tie.sending, tie.seen_at = None, None
        whole(tie, homes, person)

    whole: Callable[..., None] = tag_taking._take
    monkeypatch.setattr(tag_taking, "_take", take)

    wanted, here, there = run(world, LOST)

    assert (wanted, here, there) != (False, set(), set())
