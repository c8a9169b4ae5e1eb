"""Reads a brand's communities into what detectors look at: one pass over the log, a month at a time."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from qunying.audiences.columns import FAR, Columns, columns, local, real_communities
from qunying.brands.models import Brand
from qunying.brands.rows import table
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.communities.models import Community, JoinSource, Message
from qunying.diagnosis.place import (
    FOREVER,
    MEMBER,
    NOBODY,
    STAFF,
    Acts,
    Place,
    Post,
    Posts,
    Stays,
    Texts,
)
from qunying.facts import log
from qunying.facts.kinds import by_number
from qunying.kit.days import DAY_MS, HOUR_MS

Ints = NDArray[np.int64]
MONTH = 31
TAKEN = ("community", "member", "other", "kind", "happened_at", "day", "subject", "marks", "likeness")
ASSERTED = 1


def places(brand: Brand, *, today: int) -> list[Place]:
    """The brand's communities that count and are covered, each up to min(today, covered to)."""
    covered = [
        row for row in real_communities(brand) if row.covered_from is not None and row.covered_from <= today
    ]
    if not covered:
        return []
    names = dict(JoinSource.objects.filter(brand=brand).values_list("pk", "name"))
    reader = _Reader(brand, columns(brand))
    facts = reader.by_community(min(row.covered_from or 0 for row in covered), today)
    return [reader.place(row, facts.get(row.pk), names, today) for row in covered]


class _Reader:
    """What is worked out once per brand: who each member is, and who is left out when."""

    def __init__(self, brand: Brand, held: Columns) -> None:
        self.brand, self.held = brand, held
        self.order = np.argsort(held.member_of_bit, kind="stable")
        self.known = held.member_of_bit[self.order]
        self.left_out = np.zeros(len(held.member_of_bit), dtype=np.bool_)
        self.left_out[np.array(held.left_out.to_array(), dtype=np.int64)] = True

    def by_community(self, first: int, last: int) -> dict[int, Ints]:
        """Community → facts as columns [TAKEN, fact]; recalled messages left out."""
        gone = log.recalled(self.brand, RECALLED)
        kinds = ", ".join(
            str(kind.number) for kind in by_number().values() if kind.observable and kind.number != RECALLED
        )
        fields = ", ".join(f"coalesce({name}, 0)" for name in TAKEN)
        parts: dict[int, list[Ints]] = defaultdict(list)
        for start in range(first, last + 1, MONTH):
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {fields} FROM {log.TABLE} "
                    f"WHERE brand = %s AND day BETWEEN %s AND %s AND kind IN ({kinds})",
                    [self.brand.pk, start, min(start + MONTH - 1, last)],
                )
                rows = table(cursor.fetchall(), len(TAKEN))
            rows = rows[~((rows[:, 3] == SENT) & np.isin(rows[:, 6], gone))]
            for community in np.unique(rows[:, 0]).tolist():
                parts[community].append(rows[rows[:, 0] == community].T)
        return {community: np.concatenate(some, axis=1) for community, some in parts.items()}

    def persons(self, members: Ints) -> Ints:
        """Member bit of the root of each member id, -1 for none."""
        if not len(self.known):
            return np.full(len(members), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.known, members), len(self.known) - 1)
        return np.where(self.known[at] == members, self.held.root[self.order[at]], -1)

    def place(self, community: Community, facts: Ints | None, names: dict[int, str], today: int) -> Place:
        held = self.held
        own = (held.community == community.pk) & (held.canon == np.arange(len(held.canon)))
        bits = np.flatnonzero(own)
        seat = np.full(len(held.member_of_bit) + 1, -1, dtype=np.int64)  # the last one answers for -1
        seat[held.person[bits]] = np.arange(len(bits))
        first, last = community.covered_from or 0, min(today, community.covered_to or today)
        facts = np.zeros((len(TAKEN), 0), dtype=np.int64) if facts is None else facts
        facts = facts[:, (facts[5] >= first) & (facts[5] <= last)]
        return Place(
            community=community.pk,
            first=first,
            days=last - first + 1,
            silence=community.silence,
            sees_speech=community.sees_speech,
            bits=bits,
            acts=self._acts(facts, seat, first),
            stays=self._stays(bits, first),
            texts=self._texts(community, seat, first),
            staff_texts=self._staff_texts(community, seat, first),
            sources=names,
            selling_limit=community.promo_limit,
            left_open=tuple(name for name in ("purpose", "persona") if not community.setting(name)),
        )

    def _acts(self, facts: Ints, seat: Ints, first: int) -> Acts:
        facts = facts[:, np.argsort(facts[4], kind="stable")]
        _community, member, other, kind, at, day, subject, marks, likeness = facts
        person = self.persons(member)
        return Acts(
            who=seat[person],
            by=self._by(person, day),
            at=at,
            day=day - first,
            hour=local(self.brand, at) % DAY_MS // HOUR_MS,
            kind=kind,
            other=seat[self.persons(other)],
            marks=marks,
            likeness=np.where(kind == SENT, likeness, 0),
            subject=subject,
        )

    def _by(self, person: Ints, day: Ints) -> Ints:
        by = np.where((person < 0) | self.left_out[person], NOBODY, MEMBER)
        for staff, since, until in self.held.staff_spans:
            by[(person == staff) & (day >= since) & (day <= until)] = STAFF
        return by

    def _stays(self, bits: Ints, first: int) -> Stays:
        """Stays of members who never were staff, bots or tests."""
        stays, held = self.held.stays, self.held
        seat = np.full(len(held.community) + 1, -1, dtype=np.int64)
        seat[bits] = np.arange(len(bits))
        person = held.person[stays.bit] if len(stays.bit) else stays.bit
        staff = [span[0] for span in held.staff_spans]
        keep = (seat[stays.bit] >= 0) & ~self.left_out[person] & ~np.isin(person, staff)
        joined, left = stays.joined[keep], stays.left[keep]
        return Stays(
            who=seat[stays.bit[keep]],
            joined=np.where(joined == -FAR, -FOREVER, joined - first),
            left=np.where(left == FAR, FOREVER, left - first),
            is_join_told=stays.basis[keep] == ASSERTED,
            is_leave_told=stays.is_left_asserted[keep],
            source=stays.source[keep],
        )

    def _texts(self, community: Community, seat: Ints, first: int) -> Texts:
        clock = self.brand.clock

        def read(low: int, high: int) -> list[tuple[int, int, int, str]]:
            return [
                (day - first, clock.hour(at), who, text)
                for day, at, who, _subject, text in self._kept(
                    community, seat, first + low, first + high, MEMBER
                )
            ]

        return read

    def _staff_texts(self, community: Community, seat: Ints, first: int) -> Posts:
        def read(low: int, high: int) -> list[Post]:
            return [
                Post(day - first, who, subject, text)
                for day, _at, who, subject, text in self._kept(
                    community, seat, first + low, first + high, STAFF
                )
            ]

        return read

    def _kept(
        self, community: Community, seat: Ints, low: int, high: int, side: int
    ) -> list[tuple[int, int, int, int, str]]:
        """(day, moment, author's place, message, text) of the texts kept that members, or staff, wrote."""
        rows = list(
            Message.objects.filter(brand=self.brand.pk, community=community.pk, day__range=(low, high))
            .exclude(text="")
            .values_list("day", "sent_at", "member", "subject", "text")
        )
        person = self.persons(np.array([row[2] for row in rows], dtype=np.int64))
        by = self._by(person, np.array([row[0] for row in rows], dtype=np.int64))
        return [
            (day, at, who, subject, text)
            for (day, at, _member, subject, text), who, whose in zip(
                rows, seat[person].tolist(), by.tolist(), strict=True
            )
            if whose == side and who >= 0
        ]
