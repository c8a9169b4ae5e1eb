"""What a connector writes down for itself."""

from __future__ import annotations

import pytest

from qunying.connectors import actions
from qunying.connectors.live.connector import Asked, Payload
from qunying.connectors.models import Note
from tests.connectors.live.world import AT, open_brand, telegram

pytestmark = pytest.mark.django_db


def test_notes_are_kept_with_the_answer_that_brought_them_and_read_in_order_by_the_beginning_of_their_names():
    bot = telegram(*open_brand())
    notes = {"due:2": b"b", "due:1": b"a", "due:3": b"c", "seen:1": b"x"}
    actions.take_asked(bot, Asked((Payload("1", b"{}"),), "7", notes), at=AT)
    first = actions.notes_of(bot, "due:", 2)
    actions.take_asked(bot, Asked(position="8", notes={"due:1": b"", "due:2": b"B"}), at=AT)

    assert list(first.items()) == [("due:1", b"a"), ("due:2", b"b")]
    assert actions.notes_of(bot, "", 9) == {"due:2": b"B", "due:3": b"c", "seen:1": b"x"}
    assert bot.inbound.count() == 1


def test_notes_are_sealed_and_each_connection_has_its_own():
    brand, chief = open_brand()
    one, other = (telegram(brand, chief, token=f"{number}:a-secret-of-the-bot") for number in (1, 2))
    actions.hear(one, [], at=AT, notes={"k": b"who was there"})

    assert b"who" not in bytes(Note.objects.get().body)
    assert (actions.notes_of(one, "k", 1), actions.notes_of(other, "k", 1)) == ({"k": b"who was there"}, {})
