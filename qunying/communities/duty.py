"""值班表: who is on duty where and when, and where nobody is. All hours are what the brand's clock reads, so a shift
from 22 to 6 lasts from 22 to 6 on the night the clocks change too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community, Cover, Shift
from qunying.communities.scope import Scope
from qunying.kit.errors import Missing

DAY = dt.timedelta(days=1)
MINUTES = 24 * 60


def weekdays() -> list[str]:
    """The days of the week, Monday first."""
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def weekday_names(chosen: object) -> str:
    """Days of the week by name; all of them as every day."""
    places = [at for at in chosen if isinstance(at, int)] if isinstance(chosen, list) else []
    return _("周一至周日") if len(places) == 7 else "、".join(weekdays()[at] for at in places)


@dataclass(frozen=True)
class Turn:
    """One shift on one day: who holds it (None: nobody) and from when until when, as the brand's clock reads.
    `cover` is the change of that day, `is_left` says that who should hold it is no longer with the brand or the
    community."""

    shift: Shift
    on: dt.date
    start: dt.datetime
    end: dt.datetime
    staff: Staff | None
    cover: Cover | None
    is_left: bool

    def holds_at(self, reading: dt.datetime) -> bool:
        return self.staff is not None and self.start <= reading < self.end


@dataclass(frozen=True)
class Gap:
    """Minutes of one day, `end` excluded, in which a place has nobody though some shift of that day's plan has these
    hours; `community` is None for the whole brand."""

    community: Community | None
    on: dt.date
    start: int
    end: int

    @property
    def hours(self) -> str:
        return "–".join(f"{at // 60:02d}:{at % 60:02d}" for at in (self.start, self.end))


def seen_by(staff: Staff) -> QuerySet[Shift]:
    """The shifts that concern the staff member's communities; those of the whole brand concern everybody."""
    rows = Shift.objects.filter(brand=staff.brand)
    return rows if staff.reach is None else rows.filter(Q(community=None) | Q(community__in=staff.reach))


def seen_in(scope: Scope) -> QuerySet[Shift]:
    """The same; with a community or what is above it chosen, those there and of the whole brand."""
    rows = seen_by(scope.staff)
    if scope.node is None:
        return rows
    below = [scope.node.pk, *(row.pk for row in scope.communities)]
    return rows.filter(Q(community=None) | Q(community__in=below))


def editable_by(staff: Staff) -> QuerySet[Shift]:
    """Those the staff member may change: of the whole brand only with the whole brand in reach."""
    rows = Shift.objects.filter(brand=staff.brand)
    return rows if staff.reach is None else rows.filter(community__in=staff.reach)


def one_shift(staff: Staff, pk: int) -> Shift:
    """The shift if the staff member may change it; Missing otherwise."""
    found = editable_by(staff).select_related("brand", "community", "staff__account").filter(pk=pk).first()
    if found is None:
        raise Missing("communities.no_shift")
    return found


def colleagues_for(staff: Staff) -> list[Staff]:
    """Active colleagues who share a community with the staff member, by name."""
    rows = Staff.objects.filter(brand=staff.brand, is_active=True).select_related("account", "brand")
    mine = None if staff.reach is None else set(staff.reach)
    shared = [row for row in rows if mine is None or row.reach is None or mine & set(row.reach)]
    return sorted(shared, key=lambda row: (row.name, row.pk))


def reading(brand: Brand, at: dt.datetime) -> dt.datetime:
    """What the brand's clock shows at that moment."""
    return at.astimezone(brand.clock.zone).replace(tzinfo=None)


def turns(shifts: QuerySet[Shift], *, first: dt.date, last: dt.date, at: dt.datetime) -> list[Turn]:
    """Every turn that begins on these days, by its start. Who left holds none from then on; who no longer reaches the
    community holds none that is not over `at` that moment."""
    rows = in_force(shifts, first=first, last=last)
    found = list(rows.select_related("brand", "community", "staff__account"))
    changes = Cover.objects.filter(shift__in=[row.pk for row in found], on__range=(first, last))
    covers = {(row.shift_id, row.on): row for row in changes.select_related("staff__account")}
    dates = [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]
    made = [
        _turn(row, on, covers.get((row.pk, on)), at) for row in found for on in dates if row.begins_on(on)
    ]
    return sorted(made, key=lambda turn: (turn.start, turn.end, turn.shift.pk))


def _turn(shift: Shift, on: dt.date, cover: Cover | None, at: dt.datetime) -> Turn:
    start = dt.datetime.combine(on, shift.starts)
    end = dt.datetime.combine(on + DAY if shift.crosses_midnight else on, shift.ends)
    meant = cover.staff if cover else shift.staff
    is_left = meant is not None and not _serves(meant, shift, start, end, at)
    return Turn(shift, on, start, end, None if is_left else meant, cover, is_left)


def _serves(staff: Staff, shift: Shift, start: dt.datetime, end: dt.datetime, at: dt.datetime) -> bool:
    if staff.left_at is not None and reading(shift.brand, staff.left_at) < end:
        return False
    return end <= reading(shift.brand, at) or reaches(staff, shift.community_id)


def reaches(staff: Staff, community: int | None) -> bool:
    """Whether somebody is there for the place: for the whole brand with the whole brand in reach."""
    return staff.reach is None if community is None else staff.reaches(community)


def on_duty(community: Community, *, at: dt.datetime) -> list[Staff]:
    """Who is on duty for the community at that moment, by shifts of its own or of the whole brand; nobody twice."""
    now = reading(community.brand, at)
    today = now.date()
    told = turns(serving(community), first=today - DAY, last=today, at=at)
    return list({turn.staff.pk: turn.staff for turn in told if turn.staff and turn.holds_at(now)}.values())


def serving(community: Community) -> QuerySet[Shift]:
    """The shifts that are there for a community."""
    return Shift.objects.filter(Q(community=None) | Q(community=community), brand=community.brand_id)


def has_roster(community: Community, *, at: dt.datetime) -> bool:
    """Whether anybody is meant to be there for it these days: regions and chapters have no duty of their own."""
    today = reading(community.brand, at).date()
    is_leaf = community.level == Community.Level.COMMUNITY
    return is_leaf and in_force(serving(community), first=today, last=today).exists()


def in_force(shifts: QuerySet[Shift], *, first: dt.date, last: dt.date) -> QuerySet[Shift]:
    """Those that may begin on one of these days."""
    return shifts.filter(Q(until_on=None) | Q(until_on__gte=first), from_on__lte=last)


def gaps(told: Sequence[Turn], shifts: Iterable[Shift], *, first: dt.date, last: dt.date) -> list[Gap]:
    """Where nobody is on duty in hours that some shift of the same place, in force that day, has on any weekday. `told`
    are the turns from the day before `first` on; who is there for the whole brand is there for every community."""
    held: dict[tuple[int | None, dt.date], int] = {}
    for turn in told:
        if turn.staff is not None:
            for on, mask in zip((turn.on, turn.on + DAY), _masks(turn.shift), strict=True):
                key = (turn.shift.community_id, on)
                held[key] = held.get(key, 0) | mask
    places: dict[int | None, list[Shift]] = {}
    for shift in shifts:
        places.setdefault(shift.community_id, []).append(shift)
    dates = [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]
    return [
        Gap(rows[0].community, on, start, end)
        for place, rows in places.items()
        for on in dates
        for start, end in _runs(_planned(rows, on) & ~(held.get((place, on), 0) | held.get((None, on), 0)))
    ]


def _planned(shifts: Iterable[Shift], on: dt.date) -> int:
    """The minutes of the day that some shift in force has, whatever its weekdays."""
    mask = 0
    for shift in shifts:
        same, following = _masks(shift)
        mask |= same if shift.is_valid_on(on) else 0
        mask |= following if shift.is_valid_on(on - DAY) else 0
    return mask


def _masks(shift: Shift) -> tuple[int, int]:
    """The minutes of a shift as bits: of the day on which it begins, and of the next."""
    start, end = (at.hour * 60 + at.minute for at in (shift.starts, shift.ends))
    if not shift.crosses_midnight:
        return (1 << end) - (1 << start), 0
    return (1 << MINUTES) - (1 << start), (1 << end) - 1


def _runs(mask: int) -> Iterator[tuple[int, int]]:
    """The runs of set bits, as (first, past the last)."""
    while mask:
        start = (mask & -mask).bit_length() - 1
        length = ((mask >> start) + 1 & ~(mask >> start)).bit_length() - 1
        yield start, start + length
        mask &= ~((1 << (start + length)) - 1)
