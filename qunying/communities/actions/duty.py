"""Verbs of the duty roster: plan a shift, change or end it, let somebody else take it on one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.duty import reaches
from qunying.communities.models import Community, Cover, Shift
from qunying.kit import days
from qunying.kit.errors import Invalid, Missing, NotAllowed, Refused

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """What a shift is; see Shift."""

    community: Community | None
    staff: Staff
    weekdays: tuple[int, ...]
    starts: dt.time
    ends: dt.time
    from_on: dt.date
    until_on: dt.date | None = None


@transaction.atomic
def add_shift(brand: Brand, *, plan: Plan, at: dt.datetime, by: Staff) -> Shift:
    """The shift of this plan, made if there is none alike."""
    _check(plan, brand, by)
    lock(brand)
    row, new = Shift.objects.get_or_create(brand=brand, **_columns(plan), defaults={"created_at": at})
    if new:
        log(brand, by=by, deed="shift.added", about=f"shift:{row.pk}", at=at, after=told(row))
    return row


@transaction.atomic
def change_shift(shift: Shift, *, plan: Plan, at: dt.datetime, by: Staff) -> Shift:
    """The shift as planned from today on: what was held before stays as it was, under the old shift. Changes of single
    days go along."""
    _check(plan, shift.brand, by)
    row, today = _held(shift, at, by)
    before = told(row)
    if row.from_on < today:
        fresh = replace(plan, from_on=max(plan.from_on, today))
        _check(fresh, shift.brand, by)
        if plan.from_on <= today and told(Shift(**_columns(replace(plan, from_on=row.from_on)))) == before:
            return row
        Shift.objects.filter(pk=row.pk).update(until_on=today - DAY)
        new = Shift.objects.create(brand=shift.brand, created_at=at, **_columns(fresh))
        Cover.objects.filter(shift=row, on__gte=today).update(shift=new)
    else:
        Shift.objects.filter(pk=row.pk).update(**_columns(plan))
        new = Shift.objects.get(pk=row.pk)
    if told(new) != before:
        log(
            shift.brand,
            by=by,
            deed="shift.changed",
            about=f"shift:{new.pk}",
            at=at,
            before=before,
            after=told(new),
        )
    return new


@transaction.atomic
def remove_shift(shift: Shift, *, at: dt.datetime, by: Staff) -> None:
    """Nobody holds it from today on; what was held before stays."""
    row, today = _held(shift, at, by)
    log(shift.brand, by=by, deed="shift.removed", about=f"shift:{row.pk}", at=at, before=told(row))
    if row.from_on < today:
        Shift.objects.filter(pk=row.pk).update(until_on=today - DAY)
        Cover.objects.filter(shift=row, on__gte=today).delete()
    else:
        row.delete()


@transaction.atomic
def cover(shift: Shift, *, on: dt.date, staff: Staff | None, at: dt.datetime, by: Staff) -> None:
    """That day the shift is held by this colleague, or by nobody; by its own one puts things back."""
    _may(shift.community_id, by)
    if not shift.begins_on(on):
        raise Missing("communities.no_shift")
    if staff is not None and staff.pk == shift.staff_id:
        return restore(shift, on=on, at=at, by=by)
    if staff is not None:
        _check_staff(staff, shift.brand, shift.community_id)
    lock(shift.brand)
    before = Cover.objects.filter(shift=shift, on=on).select_related("staff__account").first()
    if before is not None and before.staff == staff:
        return None
    Cover.objects.update_or_create(
        brand=shift.brand,
        shift=shift,
        on=on,
        defaults={"staff": staff},
        create_defaults={"staff": staff, "created_at": at},
    )
    was = before.staff if before is not None else shift.staff
    _log_day(shift, "shift.covered", on, was, staff, at, by)
    return None


@transaction.atomic
def restore(shift: Shift, *, on: dt.date, at: dt.datetime, by: Staff) -> None:
    """That day its own one holds it again; a second time changes nothing."""
    _may(shift.community_id, by)
    lock(shift.brand)
    row = Cover.objects.filter(shift=shift, on=on).select_related("staff__account").first()
    if row is not None:
        row.delete()
        _log_day(shift, "shift.restored", on, row.staff, shift.staff, at, by)


def _log_day(
    shift: Shift, deed: str, on: dt.date, was: Staff | None, now: Staff | None, at: dt.datetime, by: Staff
) -> None:
    before, after = ({"on": on.isoformat(), "on_duty": who.name if who else None} for who in (was, now))
    log(shift.brand, by=by, deed=deed, about=f"shift:{shift.pk}", at=at, before=before, after=after)


def told(row: Shift) -> dict[str, object]:
    """What the log keeps of a shift."""
    return {
        "community": row.community.name if row.community else None,
        "on_duty": row.staff.name,
        "weekdays": row.weekdays,
        "hours": row.hours,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat() if row.until_on else None,
    }


def _columns(plan: Plan) -> dict[str, object]:
    return {
        **{name: getattr(plan, name) for name in Plan.__annotations__},
        "weekdays": sorted(set(plan.weekdays)),
    }


def _held(shift: Shift, at: dt.datetime, by: Staff) -> tuple[Shift, dt.date]:
    """The shift as it stands and the brand's today, for nobody else to change meanwhile; one that is over stays."""
    _may(shift.community_id, by)
    lock(shift.brand)
    row = Shift.objects.select_related("community", "staff__account").filter(pk=shift.pk).first()
    today = days.date(shift.brand.today(at))
    if row is None:
        raise Missing("communities.no_shift")
    if row.until_on is not None and row.until_on < today:
        raise Refused("communities.shift_over")
    return row, today


def _check(plan: Plan, brand: Brand, by: Staff) -> None:
    community = plan.community.pk if plan.community else None
    _may(community, by)
    if plan.community is not None and plan.community.brand_id != brand.pk:
        raise Missing("communities.not_found")
    if not plan.weekdays or not set(plan.weekdays) <= set(range(7)):
        raise Invalid("communities.no_weekday")
    if plan.until_on is not None and plan.until_on < plan.from_on:
        raise Invalid("communities.days_reversed")
    _check_staff(plan.staff, brand, community)


def _check_staff(staff: Staff, brand: Brand, community: int | None) -> None:
    if staff.brand_id != brand.pk or not staff.is_active:
        raise Missing("brands.not_found")
    if not reaches(staff, community):
        raise Invalid("communities.out_of_reach", name=staff.name)


def _may(community: int | None, by: Staff) -> None:
    if not reaches(by, community):
        raise NotAllowed("brands.may_not", permission="roster.edit")
