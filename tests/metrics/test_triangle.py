"""The retention triangle: exact, rolling and bracket cells, each against a plain recount; blank while unripe."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.metrics.asking import Asker
from qunying.metrics.retention import BRACKETS, triangle
from tests.metrics.chats import NOW, Chat, Line

pytestmark = pytest.mark.django_db
DAY = 1440
KNOWN = 70


def asker_of(said: list[tuple[int, str]]) -> tuple[Chat, Asker]:
    chat = Chat([Line(day * DAY + 5, who) for day, who in said], covered=KNOWN)
    return chat, Asker(chat.brand, chat.communities, at=NOW + dt.timedelta(days=200))


def end_of(start: int, step: str) -> int:
    return {"day": start, "week": start + 6, "month": days.month_end(start)}[step]


def plainly(
    said: list[tuple[int, str]], first_day: int, first: int, last: int, step: str, variant: str
) -> list[int | None]:
    """Cells of one cohort counted from the lines themselves."""
    seen: dict[str, set[int]] = {}
    for day, who in said:
        seen.setdefault(who, set()).add(first_day + day)
    cohort = {who: acts for who, acts in seen.items() if first <= min(acts) <= last}
    known = first_day + KNOWN - 1
    if variant == "bracket":
        return [
            None
            if last + high > known
            else sum(
                any(min(acts) + low <= day <= min(acts) + high for day in acts) for acts in cohort.values()
            )
            for low, high in BRACKETS
        ]
    found: list[int | None] = []
    start = first
    for _column in range(4):
        end = end_of(start, step)
        until = known if variant == "rolling" else end
        count = sum(any(start <= day <= until for day in acts) for acts in cohort.values())
        found.append(None if end > known else count)
        start = end + 1
    return found


@given(
    acts=st.lists(st.tuples(st.integers(0, KNOWN - 1), st.sampled_from("abcd")), min_size=1, max_size=25),
    step=st.sampled_from(["day", "week", "month"]),
    variant=st.sampled_from(["exact", "rolling", "bracket"]),
)
@settings(max_examples=15)
def test_every_cell_equals_a_plain_recount(acts, step, variant):
    edges = [(first + gap, "e") for first in (3,) for gap in (0, 5, 6, 8, 9, 28, 34, 35, 57, 63)]
    said = sorted({*acts, *edges[: len(acts)]})
    with transaction.atomic():
        chat, asker = asker_of(said)
        question = asker.question(chat.first, chat.first + KNOWN - 1)
        rows = triangle(question, by="message", step=step, columns=4, variant=variant)
        transaction.set_rollback(True)

    assert [[cell.active for cell in row.cells] for row in rows] == [
        plainly(said, chat.first, row.first, row.last, step, variant) for row in rows
    ]


def test_the_three_variants_of_one_cohort_stand_under_their_own_names():
    chat, asker = asker_of([(0, "ann"), (7, "ann"), (30, "ann"), (0, "bob"), (9, "bob")])
    question = asker.question(chat.first, chat.first)

    found = {
        name: [
            cell.active
            for cell in triangle(question, by="message", step="day", columns=9, variant=name)[0].cells
        ]
        for name in ("exact", "rolling", "bracket")
    }
    brackets = [
        asker.ask(f"retention.message.d{low}_{high}", chat.first, chat.first) for low, high in BRACKETS
    ]

    assert found == {
        "exact": [2, 0, 0, 0, 0, 0, 0, 1, 0],
        "rolling": [2, 2, 2, 2, 2, 2, 2, 2, 2],
        "bracket": [1, 1, 0],
    }
    assert [answer.numerator for answer in brackets] == found["bracket"]


def test_an_unknown_variant_is_refused():
    chat, asker = asker_of([(0, "ann")])

    with pytest.raises(Invalid) as refused:
        triangle(asker.question(chat.first, chat.first), by="join", step="day", columns=1, variant="often")

    assert refused.value.code == "metrics.bad_variant"
