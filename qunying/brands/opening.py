"""First days of an install and of a colleague: several verbs of brands in one transaction."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import connection, transaction
from django.utils.text import slugify

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Account, Brand, Staff
from qunying.kit.errors import NotAllowed, Refused


@transaction.atomic
def open_install(
    *, brand: str, zone: str, login: str, password: str, at: dt.datetime
) -> tuple[Account, Brand]:
    """The install's first account, owner of every brand that the command line made, and of a new one of this name
    (none for ""). Refused once there is any account."""
    if (
        connection.vendor == "postgresql"
    ):  # two first visitors at once: the second must see the first's account
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(0)")
    if Account.objects.exists():
        raise Refused("brands.already_opened")
    waiting = list(Brand.objects.order_by("pk"))
    account = open_account(login, password=password, at=at)
    for found in waiting:
        appoint(found, account=account, role="owner", at=at, by=None)
    return account, open_brand(brand, at=at, zone=zone, slug=_slug(brand)) if brand else waiting[0]


@transaction.atomic
def found_brand(account: Account, *, name: str, zone: str, at: dt.datetime) -> Brand:
    """A further brand, owned by the account that founds it: the install's first, or an owner of another brand."""
    if not may_found(account):
        raise NotAllowed("brands.may_not", permission="brand.edit")
    brand = open_brand(name, at=at, zone=zone, slug=_slug(name))
    appoint(brand, account=account, role="owner", at=at, by=None)
    return brand


def may_found(account: Account) -> bool:
    first = Account.objects.filter(is_active=True).order_by("pk").first()
    return account == first or Staff.objects.filter(account=account, role="owner", is_active=True).exists()


def _slug(name: str) -> str:
    """The name in Latin letters, or one that nobody has: a new brand must never turn out to be another's."""
    wanted = slugify(name)[:40]
    taken = not wanted or Brand.objects.filter(slug=wanted).exists()
    return f"b{secrets.token_hex(4)}" if taken else wanted


@transaction.atomic
def hire(
    brand: Brand, *, login: str, name: str, role: str, reach: list[int] | None, at: dt.datetime, by: Staff
) -> tuple[Staff, str]:
    """Appoint the person with this login. Answers the staff row and the password to hand over, "" for an account
    that is known here already: one of this brand, or of another brand whose staff `by` manages too."""
    account = Account.objects.filter(login=login).first()
    if account is not None and not _knows(by, account):
        raise Refused("brands.login_taken", login=login)
    password = ""
    if account is None:
        password = secrets.token_urlsafe(12)
        account = open_account(login, password=password, at=at, name=name)
    return appoint(brand, account=account, role=role, at=at, by=by, reach=reach), password


def _knows(by: Staff, account: Account) -> bool:
    mine = [row.brand_id for row in Staff.objects.filter(account=by.account_id) if row.may("staff.edit")]
    return Staff.objects.filter(account=account, brand__in=mine).exists()
