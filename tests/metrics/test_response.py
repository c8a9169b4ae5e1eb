"""Response times: an example worked by hand, and a plain recount of generated chats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from qunying.metrics.asking import listing
from qunying.metrics.response import METRICS, kaplan_meier
from tests.lengths import LENGTHS
from tests.metrics.chats import Chat, Line

pytestmark = pytest.mark.django_db

HOUR, DAY = 60, 1440
CHAT = (
    Line(0, "ann", "几点开门？"),
    Line(2, "ann", "有人知道吗？"),  # her own next words answer nothing
    Line(5, "bob", "十点"),
    Line(10, "sue", "大家早"),  # staff, but to nobody
    Line(30, "sue", "十点，欢迎", to="ann"),  # the reply counts, not the greeting before it
    Line(3 * HOUR, "bob", "能寄到外地吗？"),
    Line(3 * HOUR + 1, "bot", "自动回复：请稍候"),  # does not stop the clock
    Line(4 * HOUR, "sue", "今天有新品"),  # nor this one
    Line(5 * HOUR, "sue", "可以", to="bob"),
    Line(6 * HOUR, "cat", "撤回的提问？", recalled=True),
    Line(DAY, "cat", "会员日是哪天？"),  # nobody answers within 24 hours
    Line(2 * DAY + 1, "sue", "月底"),
    Line(3 * DAY - 60, "ann", "还有茶饼吗？"),  # an hour before the end of what we know
    Line(3 * DAY - 50, "bob", "有"),
)


@pytest.fixture
def chat() -> Chat:
    return Chat(CHAT, staff=["sue"], bots=["bot"], covered=3)


Told = tuple[float | None, int | None, int | None, str]


def answers(chat: Chat) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for entry in METRICS:
        answer = chat.asker.ask(entry.key, chat.first, chat.last)
        found[entry.key] = (answer.value, answer.numerator, answer.denominator, answer.state)
    return found


def test_the_example_worked_by_hand(chat):
    # Decided: ann 0:00 (staff 30, anyone 5), ann 0:02 (28, 3), bob 3:00 (120, 60), cat 24:00 (none, none).
    # Undecided: ann 71:00 (staff none yet after 60 minutes, anyone 10).
    found = answers(chat)

    assert found == {
        "questions": (5, 5, 4, "ok"),
        "response.staff.median": (30.0, 3, 4, "ok"),
        "response.staff.p90": (120.0, 3, 4, "ok"),
        "response.staff.within15": (0.0, 0, 4, "ok"),
        "response.staff.unanswered": (0.25, 1, 4, "ok"),
        # at risk 5, 4, then 2 after the one still waiting at 60: 4/5 · 3/4 = 0.6, · 1/2 = 0.3
        "response.staff.survival": (120.0, 3, 5, "ok"),
        "response.anyone.median": (5.0, 3, 4, "ok"),
        "response.anyone.p90": (60.0, 3, 4, "ok"),
        "response.anyone.within15": (0.5, 2, 4, "ok"),
        "response.anyone.unanswered": (0.25, 1, 4, "ok"),
        # 4/5 · 3/4 = 0.6 at 5, · 2/3 = 0.4 at 10
        "response.anyone.survival": (10.0, 4, 5, "ok"),
    }


def test_where_no_staff_member_ever_replied_the_first_message_of_one_counts():
    spoken = [
        Line(0, "ann", "几点开门？"),
        Line(10, "sue", "十点"),
        Line(20, "ann", "周末呢？"),
        Line(60, "bob"),
    ]
    replied = [Line(30, "sue", "欢迎", to="bob", place=1)]
    chat = Chat([*spoken, *replied], staff=["sue"], covered=3, places=2)

    found = answers(chat)

    assert found["response.staff.median"] == (10.0, 1, 2, "ok")
    assert found["response.staff.unanswered"] == (0.5, 1, 2, "ok")


def test_every_list_is_as_long_as_its_numerator(chat):
    question = chat.asker.question(chat.first, chat.last)

    lengths = {entry.key: len(listing(question, chat.asker.put(entry, question))) for entry in METRICS}

    assert lengths == {key: numerator for key, (_v, numerator, _d, _s) in answers(chat).items()}


def test_the_list_names_who_asked_and_when(chat):
    question = chat.asker.question(chat.first, chat.last)

    lines = listing(question, chat.asker.ask("response.staff.unanswered", chat.first, chat.last))

    assert [(chat.name_of[line.member], line.at) for line in lines] == [("cat", chat.at(DAY))]


def test_without_staff_their_answers_are_not_computed():
    chat = Chat([Line(0, "ann", "在吗？"), Line(1, "bob")], covered=3)

    states = {key: state for key, (_v, _n, _d, state) in answers(chat).items() if key.startswith("response")}

    assert set(states.values()) == {"ok", "not_computed"}
    assert [key for key, state in states.items() if state == "ok"] == [
        f"response.anyone.{part}" for part in ("median", "p90", "within15", "unanswered", "survival")
    ]


def test_no_question_is_blank():
    found = answers(Chat([Line(0, "ann"), Line(1, "bob")], covered=3))

    assert found["questions"] == (0, 0, 0, "ok")
    assert found["response.anyone.median"] == (None, 0, 0, "blank")
    assert found["response.anyone.unanswered"] == (None, 0, 0, "blank")


def test_the_survival_median_is_blank_when_most_still_wait():
    assert kaplan_meier(np.array([10, 20, 30]), np.array([True, False, False])) is None
    assert kaplan_meier(np.array([10, 20, 30]), np.array([True, True, False])) == 20
    assert kaplan_meier(np.array([], dtype=np.int64), np.array([], dtype=np.bool_)) is None


# -- generated chats ------------------------------------------------------------------------------------------------

PEOPLE = ("ann", "bob", "cat", "sue", "sam", "bot")
STAFF, BOTS = ("sue", "sam"), ("bot",)
MINUTES = st.sampled_from([0, 0, 1, 14, 15, 16, 719, 1439, 1440, 1441, 2879, 2880, 2881, 4319])


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    """Messages thick around the edges: the same moment, 15 minutes and 24 hours apart, midnight, the end."""
    raw = draw(
        st.lists(
            st.tuples(
                MINUTES,
                st.sampled_from(PEOPLE),
                st.booleans(),
                st.sampled_from(("", *PEOPLE)),
                st.integers(0, 1),
                st.sampled_from([False] * 7 + [True]),
            ),
            max_size=24,
        )
    )
    return [
        Line(minute, who, "好吗？" if asks else "好的", to=to, place=place, recalled=gone)
        for minute, who, asks, to, place, gone in raw
    ]


@dataclass(frozen=True)
class Plain:
    """The waits of one question in minutes, None for none within 24 hours; and how long one could watch."""

    staff: float | None
    anyone: float | None
    watched: float


def recount(said: list[Line], *, days: int) -> list[Plain]:
    """The rule of response.py, read off the list line by line."""
    found = []
    for number, line in enumerate(said):
        if line.recalled or not line.asks or line.who in STAFF or line.who in BOTS:
            continue
        later = [
            other
            for at, other in enumerate(said)
            if other.place == line.place and not other.recalled and (other.minute, at) > (line.minute, number)
        ]
        near = [
            other
            for other in sorted(later, key=lambda other: other.minute)
            if other.minute - line.minute <= DAY
        ]
        replies = [other for other in near if other.who in STAFF and other.to == line.who]
        knows = any(other.who in STAFF and other.to and other.place == line.place for other in said)
        by_staff = replies if knows else [other for other in near if other.who in STAFF]
        by_anyone = [other for other in near if other.who not in BOTS and other.who != line.who]
        staff, anyone = (rows[0].minute - line.minute if rows else None for rows in (by_staff, by_anyone))
        found.append(Plain(staff, anyone, watched=min(DAY, days * DAY - line.minute)))
    return found


@LENGTHS
def test_waits_equal_a_plain_recount(tried):
    @tried
    @given(said=lines())
    @example(said=[Line(0, "ann", "好吗？"), Line(0, "ann", "好的"), Line(0, "sue", "好的")])
    def holds(said):
        with transaction.atomic():
            chat = Chat(said, staff=STAFF, bots=BOTS, covered=4, places=2)
            plain = recount(said, days=4)
            decided = [wait for wait in plain if wait.watched >= DAY]
            found = answers(chat)
            transaction.set_rollback(True)

        expected: dict[str, Told] = {"questions": (len(plain), len(plain), len(decided), "ok")}
        for by in ("staff", "anyone"):
            done = sorted(wait for row in decided if (wait := getattr(row, by)) is not None)
            state = "ok" if done else "blank"
            quick, silent = sum(wait <= 15 for wait in done), len(decided) - len(done)
            share_state = "ok" if decided else "blank"
            middle = float(np.median(done)) if done else None
            ninth = float(done[-(-9 * len(done) // 10) - 1]) if done else None
            expected[f"response.{by}.median"] = (middle, len(done), len(decided), state)
            expected[f"response.{by}.p90"] = (ninth, len(done), len(decided), state)
            expected[f"response.{by}.within15"] = (
                quick / len(decided) if decided else None, quick, len(decided), share_state,
            )  # fmt: skip
            expected[f"response.{by}.unanswered"] = (
                silent / len(decided) if decided else None, silent, len(decided), share_state,
            )  # fmt: skip
            answered = sum(getattr(row, by) is not None for row in plain)
            middle = slow_survival([(getattr(row, by), row.watched) for row in plain])
            expected[f"response.{by}.survival"] = (
                middle,
                answered,
                len(plain),
                "blank" if middle is None else "ok",
            )
        assert found == expected

    holds()


def slow_survival(rows: list[tuple[float | None, float]]) -> float | None:
    """Kaplan–Meier by its definition, one answer time after the other."""
    left = 1.0
    for time in sorted({wait for wait, _watched in rows if wait is not None}):
        risk = sum((watched if wait is None else wait) >= time for wait, watched in rows)
        answered = sum(wait == time for wait, _watched in rows)
        left *= 1 - answered / risk
        if left <= 0.5 + 1e-12:
            return float(time)
    return None
