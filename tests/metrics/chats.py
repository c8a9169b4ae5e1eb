"""Small brands written down line by line: who said what, when, in answer to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from qunying.brands.actions import bump_columns, open_brand
from qunying.brands.models import Brand
from qunying.brands.rows import Value
from qunying.communities.actions import cover, find_community, keep_texts, take_in
from qunying.communities.fact_kinds import JOINED, RECALLED, SENT
from qunying.communities.models import Community
from qunying.connectors.texts import likeness
from qunying.facts import log
from qunying.facts.keys import Keys, subject
from qunying.facts.marks import QUESTION, VALID
from qunying.facts.projectors import drive
from qunying.kit import days
from qunying.members.actions import Account, meet
from qunying.members.actions.people import mark_staff
from qunying.members.models import Member
from qunying.metrics.asking import Asker

NOW = dt.datetime(2026, 3, 25, 4, tzinfo=dt.UTC)
START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
"""A Monday; brands here keep UTC, so that times read as they are written."""


@dataclass(frozen=True)
class Line:
    """One message: minutes after START, who, and whom it replies to; `recalled` takes it back at once."""

    minute: float
    who: str
    text: str = "好的"
    to: str = ""
    place: int = 0
    recalled: bool = False

    @property
    def asks(self) -> bool:
        return self.text.endswith("？")


class Chat:
    """A brand with communities c0, c1 … that has taken the lines in; `joins` are (minute, who, place)."""

    def __init__(
        self,
        lines: Sequence[Line],
        *,
        staff: Sequence[str] = (),
        bots: Sequence[str] = (),
        covered: int = 14,
        name: str = "tea",
        places: int = 1,
        joins: Sequence[tuple[float, str, int]] = (),
    ) -> None:
        self.brand: Brand = open_brand(name, at=NOW, zone="UTC", slug=name)
        self.communities: list[Community] = [
            find_community(self.brand, name=f"{name} c{place}", at=NOW) for place in range(places)
        ]
        self.first = days.number(START.date())
        self.last = self.first + covered - 1
        self._people(lines, joins, staff, bots)
        self._take(lines, joins)
        for row in self.communities:
            cover(row, first=self.first, last=self.last, has_speech=True)
            row.refresh_from_db()
        self.brand.refresh_from_db()
        drive(self.brand)

    def _people(
        self,
        lines: Sequence[Line],
        joins: Sequence[tuple[float, str, int]],
        staff: Sequence[str],
        bots: Sequence[str],
    ) -> None:
        here = [(line.who, line.place) for line in lines] + [(who, place) for _at, who, place in joins]
        names = sorted(
            {*(who for who, _place in here), *(line.to for line in lines if line.to), *staff, *bots}
        )
        accounts = {name: Account("test", "", name, name=name) for name in names}
        homes = meet(self.brand, list(accounts.values()), batch=None, at=NOW)
        self.member = {name: homes[account.key] for name, account in accounts.items()}
        self.name_of = {pk: name for name, pk in self.member.items()}
        for place, row in enumerate(self.communities):
            take_in(row, members=[self.member[name] for name in names if (name, place) in here])
        for name in staff:
            mark_staff(Member.objects.get(pk=self.member[name]), from_on=START.date())
        Member.objects.filter(pk__in=[self.member[name] for name in bots]).update(is_bot=True)
        bump_columns(self.brand)

    def _take(self, lines: Sequence[Line], joins: Sequence[tuple[float, str, int]]) -> None:
        self.keys = Keys(self.brand.key)
        rows = [self._row(f"join {at}", JOINED, at, who, "", place, 0, "") for at, who, place in joins]
        for number, line in enumerate(lines):
            bits = VALID | (QUESTION if line.asks else 0)
            rows.append(
                self._row(f"m{number}", SENT, line.minute, line.who, line.to, line.place, bits, line.text)
            )
            if line.recalled:
                row = self._row(f"m{number}", RECALLED, line.minute, line.who, "", line.place, 0, "")
                rows.append((*row[:13], self.keys(f"gone m{number}"), *row[14:]))
        log.record_many(self.brand, rows)
        keep_texts(list(zip(*(self._text(number, line) for number, line in enumerate(lines)), strict=True)))

    def _row(
        self, key: str, kind: int, minute: float, who: str, to: str, place: int, bits: int, text: str
    ) -> log.Row:
        at = self.at(minute)
        other = self.member[to] if to else None
        number = self.keys(key)
        return (
            self.brand.pk, self.communities[place].pk, None, self.member[who], other, kind, at, at // days.DAY_MS,
            subject(number), len(text), bits, likeness(text), at // days.DAY_MS, number, None, None, None,
        )  # fmt: skip

    def _text(self, number: int, line: Line) -> tuple[Value, ...]:
        at, key = self.at(line.minute), self.keys(f"m{number}")
        return (
            self.brand.pk, self.communities[line.place].pk, self.member[line.who], at, at // days.DAY_MS,
            at // days.DAY_MS, key, subject(key), "text", line.text, 0, at, None,
        )  # fmt: skip

    def at(self, minute: float) -> int:
        """Milliseconds of a line's minute."""
        return days.utc_ms(START) + int(minute * 60_000)

    @property
    def asker(self) -> Asker:
        return Asker(self.brand, self.communities, at=NOW)
