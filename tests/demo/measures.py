"""Plain recounts over a simulated stream, written without looking at how it is simulated."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise
from statistics import fmean, median

from qunying.connectors.incoming import Act
from qunying.demo.world import Stream

ZONE = dt.timezone(dt.timedelta(hours=8))
MOVES = {"join", "leave", "remove"}


def day_of(act: Act) -> dt.date:
    return dt.datetime.fromtimestamp(act.at / 1000, ZONE).date()


class Recount:
    """One community's stream, with the questions the tests ask of it. Days are dates in Asia/Shanghai."""

    def __init__(self, stream: Stream) -> None:
        self.acts = stream.acts
        self.days = [day_of(act) for act in stream.acts]
        self.crew = {person.ref for person in stream.people if person.is_staff or person.is_bot}
        self.staff = {person.ref for person in stream.people if person.is_staff}
        self.listed = {person.ref for person in stream.people if person.is_listed} - self.crew

    def between(self, first: dt.date, last: dt.date) -> list[Act]:
        return [act for act, day in zip(self.acts, self.days, strict=True) if first <= day <= last]

    def deeds(self, first: dt.date, last: dt.date) -> list[Act]:
        return [
            act for act in self.between(first, last) if act.kind not in MOVES and act.actor not in self.crew
        ]

    def daily_actives(self, first: dt.date, last: dt.date) -> list[int]:
        seen: dict[dt.date, set[str]] = defaultdict(set)
        for act in self.deeds(first, last):
            seen[day_of(act)].add(act.actor)
        return [len(seen[first + dt.timedelta(days=n)]) for n in range((last - first).days + 1)]

    def joined(self, first: dt.date, last: dt.date) -> dict[str, dt.date]:
        days: dict[str, dt.date] = {}
        for act, day in zip(self.acts, self.days, strict=True):
            if act.kind == "join" and act.actor not in self.listed:
                days.setdefault(act.actor, day)
        return {member: day for member, day in days.items() if first <= day <= last}

    def count(self, kinds: set[str], first: dt.date, last: dt.date) -> int:
        return sum(act.kind in kinds for act in self.between(first, last))

    def week_retention(self, first: dt.date, last: dt.date) -> float:
        cohort = self.joined(first, last)
        active = {(act.actor, day_of(act)) for act in self.deeds(first, last + dt.timedelta(days=7))}
        kept = sum((member, day + dt.timedelta(days=7)) in active for member, day in cohort.items())
        return kept / len(cohort)

    def present(self, day: dt.date) -> set[str]:
        there = set(self.listed)
        for act, on in zip(self.acts, self.days, strict=True):
            if on <= day and act.kind == "join":
                there.add(act.actor)
            elif on <= day and act.kind in {"leave", "remove"}:
                there.discard(act.actor)
        return there

    def silent_share(self, day: dt.date) -> float:
        there = self.present(day)
        said = {a.actor for a in self.deeds(day - dt.timedelta(days=13), day) if a.kind == "message"}
        new = set(self.joined(day - dt.timedelta(days=7), day))
        return len(there - said - new) / len(there)

    def questions(self, first: dt.date, last: dt.date) -> list[Act]:
        return [act for act in self.deeds(first, last) if act.text.endswith("？")]

    def answers(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for act in self.acts:
            if act.kind == "message" and act.actor in self.staff and act.target:
                found.setdefault(act.target, act.at)
        return found

    def unanswered_share(self, first: dt.date, last: dt.date) -> float:
        answers, asked = self.answers(), self.questions(first, last)
        return sum(question.id not in answers for question in asked) / len(asked)

    def response_minutes(self, first: dt.date, last: dt.date) -> float:
        answers = self.answers()
        return median((answers[q.id] - q.at) / 60_000 for q in self.questions(first, last) if q.id in answers)

    def top_share(self, first: dt.date, last: dt.date, *, top: int = 3) -> float:
        said = Counter(act.actor for act in self.deeds(first, last) if act.kind == "message")
        return sum(count for _, count in said.most_common(top)) / said.total()

    def commonest_form(self, first: dt.date, last: dt.date) -> float:
        forms = Counter((act.kind, act.form) for act in self.deeds(first, last))
        return max(forms.values()) / forms.total()

    def told_by_staff(self, first: dt.date, last: dt.date) -> list[str]:
        """What staff say to everybody."""
        return [
            act.text
            for act in self.between(first, last)
            if act.actor in self.staff and act.kind == "message" and not act.target and act.text
        ]

    def ignored(self, first: dt.date, last: dt.date) -> float:
        """The share of what staff say to everybody to which nobody else responds."""
        answered = {act.target for act in self.acts if act.target and act.actor not in self.staff}
        told = [
            act.id in answered
            for act in self.between(first, last)
            if act.actor in self.staff and act.kind == "message" and not act.target
        ]
        return told.count(False) / len(told)

    def items(self, first: dt.date, last: dt.date) -> list[dt.date]:
        replies = Counter(act.target for act in self.acts if act.kind == "message" and act.target)
        return [
            day_of(act)
            for act in self.between(first, last)
            if act.actor in self.staff and act.kind == "message" and replies[act.id] >= 5
        ]

    def longest_without(self, days: list[dt.date], first: dt.date, last: dt.date) -> int:
        marks = [first, *sorted(days), last]
        return max((later - earlier).days for earlier, later in pairwise(marks))

    def early_leave_share(self, source: str, first: dt.date, last: dt.date) -> float:
        gone: dict[str, int] = {}
        for act in self.acts:
            if act.kind in {"leave", "remove"}:
                gone.setdefault(act.actor, act.at)
        joins = [act for act in self.between(first, last) if act.kind == "join" and act.source == source]
        return fmean(gone.get(act.actor, act.at * 2) - act.at <= 2 * 86_400_000 for act in joins)
