"""Whoever changes a tag is written down, one person at a time, and only where something changed."""

from __future__ import annotations

import pytest

from qunying.members.actions import erase, put_back, tag_many, untag_many
from qunying.members.models import TagWrite
from tests.connectors.live.world import open_brand
from tests.members.world import AT, people

pytestmark = pytest.mark.django_db


def written() -> list[tuple[str, int, bool, str]]:
    rows = TagWrite.objects.order_by("pk").select_related("tag", "by__account")
    return [(row.tag.name, row.member_id, row.is_on, row.by.name if row.by else row.origin) for row in rows]


def test_putting_on_taking_off_and_putting_back_are_written_once_each():
    brand, chief = open_brand()
    one, two = people(brand, "a", "b")
    for _time in range(2):
        tag_many(brand, name="老客", members=[one.pk, two.pk], origin="手工", at=AT, by=chief)
    gone = untag_many(brand, name="老客", members=[one.pk], at=AT, by=None, origin="connection:1")
    untag_many(brand, name="老客", members=[one.pk], at=AT, by=chief)
    put_back(brand, name="老客", taggings=gone, at=AT, by=chief)

    assert written() == [
        ("老客", one.pk, True, chief.name),
        ("老客", two.pk, True, chief.name),
        ("老客", one.pk, False, "connection:1"),
        ("老客", one.pk, True, chief.name),
    ]


def test_an_erased_person_stands_in_no_row_of_it():
    brand, chief = open_brand()
    (one,) = people(brand, "a")
    tag_many(brand, name="老客", members=[one.pk], origin="手工", at=AT, by=chief)
    erase(one, at=AT, by=chief)

    assert written() == []
