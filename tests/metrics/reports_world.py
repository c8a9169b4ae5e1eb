"""Who reads reports in tests, and a brand small enough to count by hand."""

from __future__ import annotations

from django.test import Client

from qunying.brands.actions import appoint, open_account
from qunying.brands.models import Account, Brand, Staff
from qunying.communities.models import Community
from qunying.metrics.readings import bring_up_to_date
from tests.metrics.chats import NOW, Chat, Line

WEEK = 7 * 1440


def staff_of(brand: Brand, role: str, *, reach: list[int] | None = None) -> Staff:
    """A staff member of the role, with an account named after both."""
    login = f"{role}-{brand.slug}-{len(reach) if reach else 'all'}"
    account = Account.objects.filter(login=login).first() or open_account(login, password="x" * 12, at=NOW)
    return appoint(brand, account=account, role=role, at=NOW, by=None, reach=reach)


def owner_of(brand: Brand) -> Staff:
    return staff_of(brand, "owner")


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.account)
    return client


def three_weeks(name: str = "tea") -> Chat:
    """Three whole weeks in two communities. In the last one ann and bob tie, cat speaks elsewhere, and dora, who spoke
    every day until Thursday of the week before, says nothing."""
    dora = [Line(day * 1440 + 60 * hour, "dora", "早上好呀各位") for day in range(11) for hour in range(3)]
    others = [
        Line(2 * WEEK + day * 1440 + minute, who, "今天喝什么茶？", place=place)
        for day in range(7)
        for minute, who, place in ((600, "ann", 0), (605, "bob", 0), (700, "cat", 1))
    ]
    joins = [(0, "dora", 0), (1, "ann", 0), (WEEK + 2, "eve", 1), (2 * WEEK + 3, "cat", 1)]
    chat = Chat([*dora, *others], name=name, places=2, covered=21, joins=joins)
    bring_up_to_date(chat.brand, at=NOW)
    Community.objects.filter(pk=chat.communities[0].pk).update(silent_days=7)
    return chat
