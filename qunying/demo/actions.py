"""Verbs of the demo: bring the simulated tea brand in by the same door as any import, and take it away again."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from qunying.audiences.actions import appoint_core
from qunying.audiences.contribution import nominated
from qunying.audiences.sets import Sets
from qunying.brands.actions import open_account, open_brand
from qunying.brands.models import Account, Brand
from qunying.communities.actions import change_community, find_community
from qunying.communities.models import Membership
from qunying.connectors.actions import remove_brand
from qunying.connectors.intake import Intake
from qunying.connectors.looking_again import look_again
from qunying.demo.office import furnish
from qunying.demo.plans import TEA, BrandPlan
from qunying.demo.profiles import PROFILES
from qunying.demo.world import Stream, simulate
from qunying.facts.projectors import drive
from qunying.kit import days

SLUG = "shancha"
SEED = 1
LOGIN = "demo"
GOALS = {"goal.dau": 450, "goal.speaking_rate": 40, "goal.active_share": 45, "goal.retention.d7": 25}
CORE_DAYS, CORE_EACH = 45, 5
"""How long before the last day how many of each community became core."""
KINDS = {
    "会员群": "members",
    "福利群": "benefits",
    "训练营": "camp",
    "门店群": "store",
    "兴趣群": "interest",
    "KOC群": "koc",
}


def ensure(*, at: dt.datetime) -> str:
    """The demo brand and its login, made if they are not there; answers what to print."""
    _login(at)
    if not Brand.objects.filter(slug=SLUG, is_demo=True).exists():
        load(at=at)
    return (Path(settings.HOME) / "login.txt").read_text()


def _login(at: dt.datetime) -> None:
    path = Path(settings.HOME) / "login.txt"
    if Account.objects.exists():
        if not path.exists():
            path.write_text("sign in with the account of this install\n")
        return
    password = secrets.token_urlsafe(12)
    open_account(LOGIN, password=password, at=at, name="山茶运营")
    path.touch(mode=0o600)
    path.write_text(f"login: {LOGIN}  password: {password}\n")


def load(*, at: dt.datetime, plan: BrandPlan = TEA) -> Brand:
    """The life of the tea brand up to yesterday."""
    brand = open_brand("山茶", at=at, slug=SLUG, is_demo=True, preferences=GOALS)
    until = at.astimezone(brand.clock.zone).date() - dt.timedelta(days=1)
    for stream in simulate(plan, seed=SEED, until=until).streams:
        _take(brand, stream, at=at)
    drive(brand)
    _appoint(brand, on=until - dt.timedelta(days=CORE_DAYS), at=at)
    furnish(brand, until=until, at=at)
    look_again(brand, at=at)
    return brand


@transaction.atomic
def _take(brand: Brand, stream: Stream, *, at: dt.datetime) -> None:
    kind = KINDS[stream.plan.kind]
    home = find_community(brand, name=stream.plan.name, at=at, platform=stream.plan.platform, kind=kind)
    Intake(brand, at=at, community=home).take(stream.entries())
    home.refresh_from_db()
    change_community(home, values=PROFILES[home.name].values(), at=at, by=brand.staff.first())


def _appoint(brand: Brand, *, on: dt.date, at: dt.datetime) -> None:
    """In each community make the first few core of those whom the rule nominates on the day."""
    bits = [
        bit
        for place in brand.communities.all()
        for bit in sorted(nominated(Sets(brand, (place.pk,)), days.number(on)))[:CORE_EACH]
    ]
    chosen = Membership.objects.select_related("brand", "community").filter(brand=brand, bit__in=bits)
    appoint_core(list(chosen.order_by("bit")), from_on=on, at=at, by=brand.staff.first())


def remove(*, at: dt.datetime) -> None:
    """Take the demo brand away with everything it brought; other brands are untouched."""
    for brand in Brand.objects.filter(slug=SLUG, is_demo=True):
        remove_brand(brand)
