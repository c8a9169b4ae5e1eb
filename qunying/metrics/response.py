"""答疑: how soon questions are answered (kpi.md §3.10), by staff and by anyone, slow and unanswered ones included.

A question is a counted member's message that asks something. Its answer by staff is the first message of a staff
member in the same community that replies to the asker, within 24 hours; in a community where no staff member was ever
seen to reply to anybody, because its source keeps no replies, the first message of any staff member. Its answer by
anyone is the first message of another person who is no bot or test, within 24 hours. Recalled messages neither ask nor
answer. A question asked less than 24 hours before the end of what we know is undecided: it counts in `questions` and,
as one that still waits, in the survival median, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
from django.db import connection
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from qunying.audiences.sets import Sets
from qunying.brands.rows import table
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.facts import log
from qunying.facts.marks import QUESTION
from qunying.facts.models import Fact
from qunying.kit import days
from qunying.kit.refusals import Text
from qunying.metrics.kinds import Answer, Listed, Metric, Question, Unit

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
By = Literal["staff", "anyone"]

MINUTE_MS = 60_000
PATIENCE_MS = days.DAY_MS
QUICK_MS = 15 * MINUTE_MS
NEVER = 2**62
NO_STAFF = _("还没有把任何人标为员工，无法区分员工回复")


@dataclass(frozen=True)
class Waits:
    """The period's questions, oldest first, as columns: `staff` and `anyone` are milliseconds until the answer (NEVER:
    none within 24 hours), `watched` how long we could watch for one."""

    fact: Ints
    member: Ints
    at: Ints
    staff: Ints
    anyone: Ints
    watched: Ints

    @property
    def decided(self) -> Mask:
        ripe: Mask = self.watched >= PATIENCE_MS
        return ripe


_held: WeakKeyDictionary[Sets, dict[tuple[int, int, int, int], Waits]] = WeakKeyDictionary()


def waits(q: Question) -> Waits:
    """The waits of the period's questions; read once for all metrics that ask the same sets about the same days."""
    mine = _held.setdefault(q.sets, {})
    key = (q.first, q.last, q.as_of, q.today)
    if key not in mine:
        mine[key] = _read(q)
    return mine[key]


def knows_staff(q: Question) -> bool:
    """Whether anybody is marked as staff on any of the days or the two after."""
    return any(start <= q.last + 2 and end >= q.first for _bit, start, end in q.sets.columns.staff_spans)


def default_by(q: Question) -> By:
    """Whose answers a card shows: staff's, or anyone's while the brand has marked no staff."""
    return "staff" if knows_staff(q) else "anyone"


# -- reading ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Speech:
    """Messages in order of community, time and number. `person` and `to`, the one replied to, are member bits, -1
    unknown."""

    id: Ints
    community: Ints
    member: Ints
    at: Ints
    marks: Ints
    person: Ints
    to: Ints
    is_staff: Mask
    is_out: Mask

    def following(self, rows: Ints, which: Mask) -> Ints:
        """For each row the place of the next of `which` behind it in the same community; len where there is none."""
        places = np.append(np.flatnonzero(which), len(self.id))
        found = places[np.searchsorted(places[:-1], rows, side="right")]
        same = np.append(self.community, -1)[found] == self.community[rows]
        return np.where(same, found, len(self.id))


def _read(q: Question) -> Waits:
    said = _speech(q)
    clock = q.brand.clock
    start, end = clock.start(q.first), clock.start(q.last + 1)
    horizon = clock.start(q.as_of + 1) if q.as_of < q.today else int(said.at.max(initial=0)) + 1
    asks = (said.marks & QUESTION > 0) & (said.at >= start) & (said.at < end)
    if not q.sets.with_everybody:
        asks &= ~said.is_out & ~said.is_staff
    rows = np.flatnonzero(asks)
    rows = rows[np.lexsort((said.id[rows], said.at[rows]))]
    return Waits(
        fact=said.id[rows],
        member=said.member[rows],
        at=said.at[rows],
        staff=_by_staff(said, rows, _replying(q)),
        anyone=_by_anyone(said, rows),
        watched=np.clip(horizon - said.at[rows], 0, PATIENCE_MS),
    )


def _speech(q: Question) -> Speech:
    """Every message of the days and of the day after, in the question's communities, recalled ones left out."""
    places = ", ".join(str(row.pk) for row in q.communities)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, community, member, coalesce(other, 0), happened_at, day, marks, coalesce(subject, 0) "
            f"FROM {log.TABLE} WHERE brand = %s AND day BETWEEN %s AND %s AND kind = {SENT} "
            f"AND community IN ({places}) AND member IS NOT NULL",
            [q.brand.pk, q.first, q.last + 2],
        )
        told = table(cursor.fetchall(), 8)
    told = told[~np.isin(told[:, 7], log.recalled(q.brand, RECALLED))]
    number, community, member, other, at, day, marks = told[
        np.lexsort((told[:, 0], told[:, 4], told[:, 1]))
    ].T[:7]
    person, to = q.sets.person_of_members(member), q.sets.person_of_members(other)
    staff = np.zeros(len(number), dtype=np.bool_)
    for bit, start, end in q.sets.columns.staff_spans:
        staff |= (person == bit) & (day >= start) & (day <= end)
    out = np.isin(person, np.array(q.sets.columns.left_out.to_array(), dtype=np.int64))
    return Speech(number, community, member, at, marks, person, to, staff & ~out, out)


def _by_staff(said: Speech, rows: Ints, replying: Ints) -> Ints:
    """Milliseconds to the first staff reply to the asker; outside of `replying` communities to their first message."""
    many = len(said.id)
    spoken = _waited(said, rows, said.following(rows, said.is_staff))
    replies = np.flatnonzero(said.is_staff & (said.to >= 0))
    pairs = np.concatenate(
        [_pair(said.community, said.to)[replies], _pair(said.community, said.person)[rows]]
    )
    _known, code = np.unique(pairs, return_inverse=True)
    given, wanted = code[: len(replies)], code[len(replies) :]
    order = np.argsort(given * many + replies)
    at = np.searchsorted((given * many + replies)[order], wanted * many + rows, side="right")
    fits = np.append(given[order], -1)[at] == wanted
    replied = _waited(said, rows, np.where(fits, np.append(replies[order], many)[at], many))
    return np.where(np.isin(said.community[rows], replying), replied, spoken)


def _replying(q: Question) -> Ints:
    """Communities in which a staff member was ever seen to reply to somebody."""
    held = q.sets.columns
    staff = held.member_of_bit[np.isin(held.root, [bit for bit, _start, _end in held.staff_spans])].tolist()
    replies = Fact.objects.filter(
        brand=q.brand.pk, day__in=log.days_of(q.brand), member__in=staff, kind=SENT
    ).exclude(other=None)
    return np.array(list(replies.values_list("community", flat=True).distinct()), dtype=np.int64)


def _pair(community: Ints, person: Ints) -> Ints:
    return community * 2**32 + person + 1


def _by_anyone(said: Speech, rows: Ints) -> Ints:
    """Milliseconds to the next message of another person who is no bot: the asker's own ones are stepped over."""
    people = ~said.is_out
    found = said.following(rows, people)
    person, community = np.append(said.person, -2), np.append(said.community, -1)
    own = (person[found] == said.person[rows]) & (community[found] == said.community[rows])
    while own.any():
        found[own] = said.following(found[own], people)
        own &= (person[found] == said.person[rows]) & (community[found] == said.community[rows])
    return _waited(said, rows, found)


def _waited(said: Speech, rows: Ints, answers: Ints) -> Ints:
    wait = np.append(said.at, NEVER)[answers] - said.at[rows]
    return np.where(wait <= PATIENCE_MS, wait, NEVER)


# -- answers ----------------------------------------------------------------------------------------------------


def questions(q: Question) -> Answer:
    """All questions of the period; beside them, as the base, how many are decided."""
    held = waits(q)
    everyone = np.ones(len(held.at), dtype=np.bool_)
    return Answer(len(held.at), len(held.at), int(held.decided.sum()), listing=_listing(held, everyone))


def median(by: By) -> Callable[[Question], Answer]:
    """Minutes until half of the answered questions had their answer; base: the decided questions."""
    return _timed(by, lambda minutes: float(np.median(minutes)))


def ninetieth(by: By) -> Callable[[Question], Answer]:
    """The smallest wait in minutes that nine tenths of the answered questions did not exceed."""
    return _timed(by, lambda minutes: float(np.percentile(minutes, 90, method="inverted_cdf")))


def within(by: By) -> Callable[[Question], Answer]:
    """Of the decided questions, the share answered within 15 minutes."""
    return _share(by, lambda wait: wait <= QUICK_MS)


def unanswered(by: By) -> Callable[[Question], Answer]:
    """Of the decided questions, the share without an answer."""
    return _share(by, lambda wait: wait == NEVER)


def survival(by: By) -> Callable[[Question], Answer]:
    """The Kaplan–Meier median wait in minutes over all questions, those still waiting included as censored; blank where
    fewer than half are expected to be answered within 24 hours. Numerator: answered questions, base: all."""

    def ask(q: Question) -> Answer:
        if by == "staff" and not knows_staff(q):
            return Answer.not_computed(NO_STAFF)
        held = waits(q)
        wait = _wait(held, by)
        answered = wait < NEVER
        middle = kaplan_meier(np.where(answered, wait, held.watched), answered)
        state: Literal["ok", "blank"] = "blank" if middle is None else "ok"
        value = None if middle is None else middle / MINUTE_MS
        return Answer(value, int(answered.sum()), len(wait), state, listing=_listing(held, answered))

    return ask


def kaplan_meier(waited: Ints, happened: Mask) -> int | None:
    """The first time by which the estimated share still waiting is at most one half; None if it never is.

    Someone censored at the very time of an answer still waited at it.
    """
    times, place = np.unique(waited[happened], return_inverse=True)
    if not len(times):
        return None
    answered = np.bincount(place, minlength=len(times))
    waiting = len(waited) - np.searchsorted(np.sort(waited), times, side="left")
    left = np.cumprod(1 - answered / waiting)
    reached = np.flatnonzero(left <= 0.5 + 1e-12)
    return int(times[reached[0]]) if len(reached) else None


def _wait(held: Waits, by: By) -> Ints:
    return held.staff if by == "staff" else held.anyone


def _timed(by: By, of: Callable[[NDArray[np.float64]], float]) -> Callable[[Question], Answer]:
    def ask(q: Question) -> Answer:
        if by == "staff" and not knows_staff(q):
            return Answer.not_computed(NO_STAFF)
        held = waits(q)
        answered = held.decided & (_wait(held, by) < NEVER)
        listing, base = _listing(held, answered), int(held.decided.sum())
        if not answered.any():
            return Answer(None, 0, base, "blank", listing=listing)
        return Answer(of(_wait(held, by)[answered] / MINUTE_MS), int(answered.sum()), base, listing=listing)

    return ask


def _share(by: By, fits: Callable[[Ints], Mask]) -> Callable[[Question], Answer]:
    def ask(q: Question) -> Answer:
        if by == "staff" and not knows_staff(q):
            return Answer.not_computed(NO_STAFF)
        held = waits(q)
        which = held.decided & fits(_wait(held, by))
        ratio = Answer.ratio(int(which.sum()), int(held.decided.sum()))
        return Answer(
            ratio.value, ratio.numerator, ratio.denominator, ratio.state, listing=_listing(held, which)
        )

    return ask


def _listing(held: Waits, which: Mask) -> Callable[[], list[Listed]]:
    """One line per question: who asked, when, by which fact."""

    def lines() -> list[Listed]:
        rows = zip(
            held.member[which].tolist(), held.at[which].tolist(), held.fact[which].tolist(), strict=True
        )
        return [Listed(member, at, fact) for member, at, fact in rows]

    return lines


_STAFF_RULE = _(
    "员工回复指提问后 24 小时内，员工在同一社群回复提问者的第一条消息；来源不记录回复关系的社群，取员工的第一条消息。"
)
_ANYONE_RULE = _("回复指提问后 24 小时内，同一社群其他人（不含机器人）的第一条消息。")


class _Joined:
    """Two lazy sentences, one after the other when shown."""

    def __init__(self, *sentences: object) -> None:
        self.sentences = sentences

    def __str__(self) -> str:
        return "".join(str(sentence) for sentence in self.sentences)


LABELS: dict[By, tuple[Text, ...]] = {
    "staff": (
        _("员工首次响应时长（中位）"),
        _("员工首次响应时长（90分位）"),
        _("员工15分钟内响应率"),
        _("员工未响应率"),
        _("员工首次响应时长（含未响应估计）"),
    ),
    "anyone": (
        _("首次回复时长（中位）"),
        _("首次回复时长（90分位）"),
        _("15分钟内回复率"),
        _("无人回复率"),
        _("首次回复时长（含未回复估计）"),
    ),
}
YOUNG = _("距数据截止不足 24 小时的提问不计入。")
Ask = Callable[[Question], Answer]
PARTS: tuple[tuple[str, Unit, Callable[[By], Ask], Text, Text, Literal["up", "down"]], ...] = (
    ("median", "minutes", median, _("已回复的提问中，等待时长的中位数；撤回的消息不计。"), YOUNG, "down"),
    ("p90", "minutes", ninetieth, _("已回复的提问中，九成的等待不超过该时长。"), YOUNG, "down"),
    ("within15", "share", within, _("15 分钟内得到回复的提问 ÷ 满 24 小时的提问。"), YOUNG, "up"),
    ("unanswered", "share", unanswered, _("24 小时内没有得到回复的提问 ÷ 满 24 小时的提问。"), YOUNG, "down"),
    (
        "survival",
        "minutes",
        survival,
        _(
            "用 Kaplan–Meier 方法估计的等待中位时长，把尚未回复的提问按已等待的时间计入；不足一半会得到回复时留空。"
        ),
        "",
        "down",
    ),
)


def _metrics(by: By) -> tuple[Metric, ...]:
    rule = _STAFF_RULE if by == "staff" else _ANYONE_RULE
    return tuple(
        Metric(
            f"response.{by}.{key}",
            label,
            unit,
            "period",
            ask(by),
            _Joined(formula, rule, tail),
            needs="speech",
            good=good,
            topic="response",
        )
        for label, (key, unit, ask, formula, tail, good) in zip(LABELS[by], PARTS, strict=True)
    )


METRICS = (
    Metric(
        "questions",
        _("提问数"),
        "times",
        "period",
        questions,
        _("期间群成员发出的提问条数；撤回的不计，员工与机器人的不计。"),
        needs="speech",
        good="",
        topic="response",
    ),
    *_metrics("staff"),
    *_metrics("anyone"),
)
