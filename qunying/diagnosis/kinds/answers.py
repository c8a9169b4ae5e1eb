"""Questions of members that staff leave open or answer late, and communities nobody looks after."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext_lazy as _

from qunying.diagnosis import chance
from qunying.diagnosis.chance import LEVEL
from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, back_below, days_since, graded
from qunying.diagnosis.place import Floats, Ints, Mask, Place

DAY_MINUTES = 24 * 60
TARGET = 15
"""Minutes to a first answer, domain.md §3."""
WEEK, MONTH = 7, 28
BAD_DAYS = 4
"""Questions of one day share its staff, so one bad day is no evidence whatever its number of questions."""
FEW = 30


def _shares(place: Place, hit: Mask, counted: Mask) -> tuple[Floats, Floats, Floats, Floats]:
    """(hits, tries) of the seven days up to yesterday, whose questions have had their day, and of the four
    weeks before."""
    day = place.questions.day
    hits, tries = place.daily(day[hit & counted]), place.daily(day[counted])
    late = [chance.week_and_before(np.append(0.0, series[:-1])) for series in (hits, tries)]
    return late[0][0], late[1][0], late[0][1], late[1][1]


def questions_unanswered(place: Place) -> list[Trace]:
    """Far more of a week's questions than usual had no answer within a day."""
    if not len(place.questions.at):
        return []
    is_open = place.waits > DAY_MINUTES
    hits, tries, before_hits, before = _shares(place, is_open, np.ones(len(is_open), dtype=np.bool_))
    share, usual = chance.ratio(hits, tries), chance.ratio(before_hits, before)
    alarm = (tries >= FEW) & (before >= FEW) & (share - usual >= 0.25) & (share >= 0.4)
    alarm &= chance.shares(hits, tries, before_hits, before) >= LEVEL
    bad = (
        chance.ratio(place.daily(place.questions.day[is_open]), place.daily(place.questions.day))
        > (share + usual) / 2
    )
    alarm &= chance.rolling(np.append(False, bad[:-1]).astype(np.float64), WEEK) >= BAD_DAYS

    def people(opened: int, day: int) -> Ints:
        return _askers(place, is_open, opened, day)

    def evidence(day: int) -> Evidence:
        return {
            "now": round(float(share[day]), 3),
            "usual": round(float(usual[day]), 3),
            "questions": int(tries[day]),
            "open": int(hits[day]),
            "days": WEEK,
        }

    return [
        Trace(
            alarm,
            back_below(share, usual, 1.0, extra=0.12),
            evidence,
            people,
            graded(share, bad=0.6, worse=0.85),
            Line(share, usual, True),
        )
    ]


def _askers(place: Place, hit: Mask, opened: int, day: int) -> Ints:
    asked = place.questions
    return np.unique(asked.who[hit & (asked.day >= opened - WEEK) & (asked.day < day)])


def answers_slowed(place: Place) -> list[Trace]:
    """Of a week's answered questions far more than usual waited longer than an hour and three times the usual
    wait."""
    waits = place.waits
    answered = waits <= DAY_MINUTES
    if not answered.any():
        return []
    day = place.questions.day
    median = _medians(day, waits, answered, place.days)
    past = np.concatenate([np.full(WEEK, np.nan), median])[: place.days]
    middle, _spread = chance.usual(past, past=MONTH, gap=1)
    bar = np.fmax(4 * TARGET, 3 * middle)
    alarm = np.zeros(place.days, dtype=np.bool_)
    for now in np.flatnonzero((median >= bar) & np.isfinite(middle)).tolist():
        alarm[now] = _is_late(day, waits, answered, now, bar[now])

    def people(opened: int, last: int) -> Ints:
        return _askers(place, answered & (waits > bar[opened]), opened, last)

    def evidence(now: int) -> Evidence:
        count = int((answered & (day >= now - WEEK) & (day < now)).sum())
        return {
            "now": round(float(median[now]), 1),
            "usual": round(float(middle[now]), 1),
            "questions": count,
            "days": WEEK,
            "target": TARGET,
        }

    heals = back_below(median, middle, 1.5, extra=TARGET / 3)
    return [Trace(alarm, heals, evidence, people, graded(median / bar, bad=2, worse=4), Line(median, middle))]


def _medians(day: Ints, waits: Floats, answered: Mask, days: int) -> Floats:
    """The median wait of the answered questions of the seven days up to yesterday."""
    edges = np.searchsorted(day[answered], np.arange(days + 1))
    known = waits[answered]
    found = np.full(days, np.nan)
    for now in range(1, days):
        some = known[edges[max(now - WEEK, 0)] : edges[now]]
        if len(some) >= FEW // 2:
            found[now] = np.median(some)
    return found


def _is_late(day: Ints, waits: Floats, answered: Mask, now: int, bar: float) -> bool:
    """Whether significantly more questions of the week than of the month before waited beyond the bar."""
    week = answered & (day >= now - WEEK) & (day < now)
    month = answered & (day >= now - WEEK - MONTH) & (day < now - WEEK)
    tries, before = week.sum(), month.sum()
    hits, past = (waits[week] > bar).sum(), (waits[month] > bar).sum()
    odd = chance.shares(*(np.array([value], dtype=np.float64) for value in (hits, tries, past, before)))
    by_day = [waits[answered & (day == one)] for one in range(now - WEEK, now)]
    bad_days = sum(len(some) > 0 and float(np.median(some)) > bar for some in by_day)
    return bool(tries >= FEW and before >= FEW and odd[0] >= LEVEL and bad_days >= BAD_DAYS)


def staff_absent(place: Place) -> list[Trace]:
    """No staff member did anything for so many days that it cannot be chance, going by how often they used to
    be there."""
    days = np.unique(place.staff_acts.day)
    if not len(days):
        return []
    seen = place.daily(days) > 0
    since = days_since(seen)
    rate = (chance.rolling(seen.astype(np.float64), MONTH) + 0.5) / (MONTH + 1)
    rate = rate[np.maximum(np.arange(place.days) - since, 0)]
    needed = np.maximum(3, np.ceil(np.log(1e-6) / np.log(np.clip(1 - rate, 1e-9, 0.999))))
    alarm = (since < MONTH * 2) & (since >= needed) & (place.present >= FEW)
    alarm &= np.arange(place.days) - since >= MONTH // 2

    def people(opened: int, _day: int) -> Ints:
        acts = place.staff_acts
        return np.unique(acts.who[(acts.day >= opened - 2 * MONTH) & (acts.day <= opened)])

    def evidence(day: int) -> Evidence:
        return {
            "days": int(since[day]),
            "usual": round(float(rate[day]), 3),
            "present": int(place.present[day]),
        }

    def heals(_opened: int) -> Mask:
        return np.equal(since, 0)

    level = graded(since.astype(np.float64), bad=7, worse=14)
    return [Trace(alarm, heals, evidence, people, level, Line(place.daily(place.staff_acts.day)))]


def items_missing(place: Place) -> list[Trace]:
    """Staff were there and posted nothing for a week that asks members to take part."""
    marked = place.item_days
    if not len(marked):
        return []
    seen = place.daily(marked) > 0
    since = days_since(seen)
    usual = chance.rolling(seen.astype(np.float64), MONTH)
    past = usual[np.maximum(np.arange(place.days) - since, 0)]
    alarm = (
        (since > WEEK)
        & (since < 2 * MONTH)
        & (past >= 3)
        & (place.present >= FEW)
        & (np.arange(place.days) >= MONTH)
    )
    alarm &= days_since(place.daily(np.unique(place.staff_acts.day)) > 0) <= 2

    def people(_opened: int, day: int) -> Ints:
        found = place.active_between(max(0, day - MONTH - WEEK), day)
        return found[place.present_on(day)[found]]

    def evidence(day: int) -> Evidence:
        return {"days": int(since[day]), "usual": round(float(past[day] / MONTH * WEEK), 1)}

    def heals(_opened: int) -> Mask:
        return np.equal(since, 0)

    return [
        Trace(
            alarm,
            heals,
            evidence,
            people,
            graded(since.astype(np.float64), bad=14, worse=21),
            Line(since.astype(np.float64)),
        )
    ]


DETECTORS = (
    Detector(
        "staff.absent",
        _("社群无人管理"),
        _("已有 {days} 天没有任何员工在群里发言或操作，往常 {usual:.0%} 的日子有人在。"),
        "interactions",
        20,
        staff_absent,
        ("duty.roster", "items.weekly"),
        ("questions.unanswered", "answers.slowed", "items.missing", "activity.fell"),
    ),
    Detector(
        "questions.unanswered",
        _("提问无人回复"),
        _(
            "近 {days} 天的 {questions} 个提问中有 {open} 个一天内没有员工回复，"
            "占 {now:.0%}，往常为 {usual:.0%}。"
        ),
        "messages",
        40,
        questions_unanswered,
        ("answers.sweep", "duty.roster"),
        ("answers.slowed",),
        reads_text=True,
    ),
    Detector(
        "answers.slowed",
        _("回复变慢"),
        _(
            "近 {days} 天的 {questions} 个已回复提问，等待时间中位数为 {now} 分钟，"
            "往常为 {usual} 分钟，目标为 {target} 分钟。"
        ),
        "messages",
        40,
        answers_slowed,
        ("duty.roster", "answers.sweep"),
        reads_text=True,
    ),
    Detector(
        "items.missing",
        _("缺少互动话题"),
        _("已有 {days} 天没有发起话题、投票或竞猜，往常每周约 {usual} 次。"),
        "interactions",
        28,
        items_missing,
        ("items.weekly", "forms.mix"),
    ),
)
