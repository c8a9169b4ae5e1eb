"""值班表 as it is read: the week as a table of days and places, and the same as a sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qunying.brands.models import Brand
from qunying.communities.duty import DAY, Gap, Turn, gaps, in_force, reading, turns, weekdays
from qunying.communities.models import Community, Shift
from qunying.kit.sheets import csv_lines


@dataclass(frozen=True)
class Line:
    """A turn as it stands in the table; `is_now` while somebody is on duty by it, `is_rest` what is left of a night
    that began before the week."""

    turn: Turn
    is_now: bool
    is_rest: bool


@dataclass(frozen=True)
class Cell:
    """One place on one day; `place` is None for the whole brand."""

    place: Community | None
    lines: list[Line]
    gaps: list[Gap]


@dataclass(frozen=True)
class Day:
    on: dt.date
    weekday: str
    is_today: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Span:
    """Everything that a roster says of some days: turns that somebody holds or gave up, those of the night into the
    first of these days, gaps, and the shifts behind them."""

    shifts: list[Shift]
    turns: list[Turn]
    nights: list[Turn]
    gaps: list[Gap]


def span(shifts: QuerySet[Shift], *, first: dt.date, last: dt.date, at: dt.datetime) -> Span:
    """What these shifts come to from the first to the last day; a turn stands on the day on which it begins."""
    told = turns(shifts, first=first - DAY, last=last, at=at)
    rows = standing(shifts, first=first - DAY, last=last)
    missing = gaps(told, rows, first=first, last=last)
    held = [turn for turn in told if not turn.is_left]
    midnight = dt.datetime.combine(first, dt.time())
    nights = [turn for turn in held if turn.on < first and turn.end > midnight]
    return Span(rows, [turn for turn in held if turn.on >= first], nights, missing)


def standing(shifts: QuerySet[Shift], *, first: dt.date, last: dt.date) -> list[Shift]:
    """Those in force on one of these days, of the whole brand first, then by community."""
    found = list(in_force(shifts, first=first, last=last).select_related("community", "staff__account"))
    return sorted(found, key=lambda row: (*_order(row.community), row.starts, row.ends, row.pk))


def _order(place: Community | None) -> tuple[bool, str, int]:
    return (place is not None, place.name if place else "", place.pk if place else 0)


def week(brand: Brand, told: Span, *, monday: dt.date, at: dt.datetime) -> list[Day]:
    """Seven days, each with a cell for every place that has shifts in them."""
    now, names = reading(brand, at), weekdays()
    places = list(dict.fromkeys(row.community for row in told.shifts))
    dates = [monday + count * DAY for count in range(7)]
    return [
        Day(on, names[on.weekday()], on == now.date(), [_cell(place, on, told, now) for place in places])
        for on in dates
    ]


def _cell(place: Community | None, on: dt.date, told: Span, now: dt.datetime) -> Cell:
    nights = [turn for turn in told.nights if turn.on + DAY == on]
    mine = [turn for turn in (*nights, *told.turns) if turn.on == on or turn in nights]
    lines = [Line(turn, turn.holds_at(now), turn.on < on) for turn in mine if turn.shift.community == place]
    missing = [gap for gap in told.gaps if gap.on == on and gap.community == place]
    return Cell(place, lines, missing)


def sheet(told: Span) -> Iterator[bytes]:
    """Turns and gaps as CSV, by their start."""
    head = (_("日期"), _("开始"), _("结束"), _("社群"), _("值班人"), _("说明"))
    rows = [*map(_of_turn, told.turns), *map(_of_gap, told.gaps)]
    return csv_lines(head, sorted(rows))


def _of_turn(turn: Turn) -> tuple[str, ...]:
    own = turn.shift.staff.name
    note = ""
    if turn.cover:
        note = (
            _("顶班，原为{name}").format(name=own) if turn.staff else _("缺勤，原为{name}").format(name=own)
        )
    return (
        turn.on.isoformat(),
        *hours(turn.shift).split("–"),
        place_name(turn.shift.community),
        turn.staff.name if turn.staff else "",
        note,
    )


def _of_gap(gap: Gap) -> tuple[str, ...]:
    return (gap.on.isoformat(), *gap.hours.split("–"), place_name(gap.community), "", _("无人值班"))


def hours(shift: Shift) -> str:
    """From when until when, saying so where that is the next day."""
    end = f"{shift.ends:%H:%M}"
    if shift.crosses_midnight:
        end = _("次日 {time}").format(time=end)
    return f"{shift.starts:%H:%M}–{end}"


def place_name(place: Community | None) -> str:
    return place.name if place else _("整个品牌")
