"""A brand with two communities and colleagues to put on duty."""

from __future__ import annotations

import datetime as dt

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.actions.duty import Plan, add_shift
from qunying.communities.models import Community, Shift

AT = dt.datetime(2026, 3, 4, 2, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Shanghai
MONDAY = dt.date(2026, 3, 2)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


def a_brand(zone: str = "Asia/Shanghai") -> tuple[Brand, Staff]:
    """The brand and its owner, who reaches everything."""
    brand = open_brand("茶", at=AT, slug="tea", zone=zone)
    return brand, a_colleague(brand, "掌柜", "owner")


def a_colleague(brand: Brand, name: str, role: str = "moderator", reach: list[int] | None = None) -> Staff:
    """Somebody with this name; asked again the same one, with the role and reach given last."""
    staff = Staff.objects.filter(brand=brand, account__name=name).first()
    login = f"{brand.slug}-{Staff.objects.count()}"
    account = staff.account if staff else open_account(login, password="tea leaves", at=AT, name=name)
    return appoint(brand, account=account, role=role, at=AT, by=None, reach=reach)


def a_community(brand: Brand, name: str = "茶友群") -> Community:
    return find_community(brand, name=name, at=AT)


def a_shift(
    by: Staff,
    community: Community | None,
    *,
    staff: Staff | None = None,
    hours: str = "09:00-18:00",
    weekdays: tuple[int, ...] = EVERY_DAY,
    from_on: dt.date = MONDAY,
    until_on: dt.date | None = None,
) -> Shift:
    """By default the asker's own, every day from nine to six, since Monday."""
    starts, ends = (dt.time.fromisoformat(part) for part in hours.split("-"))
    plan = Plan(community, staff or by, weekdays, starts, ends, from_on, until_on)
    return add_shift(by.brand, plan=plan, at=AT, by=by)
