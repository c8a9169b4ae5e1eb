"""A small tea brand with a month behind it, made through the same door as any import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.test import Client

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Account, Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.connectors.incoming import Act, Chat, Person
from qunying.connectors.intake import Intake
from qunying.facts.projectors import drive
from qunying.kit import days
from qunying.members.models import Identity
from qunying.metrics.readings import bring_up_to_date

HOSTILE = ("<script>alert(1)</script>", "{{7*7}}", "\u202egnp.exe", "=HYPERLINK(1)", "@SUM(1)")
HOUR = 3_600_000


@dataclass
class House:
    """The brand, its communities in order, its owner, and the member id of each person's account."""

    brand: Brand
    communities: list[Community]
    owner: Account
    now: dt.datetime
    members: dict[str, int]

    @property
    def today(self) -> int:
        return self.brand.today(self.now)

    def url(self, path: str = "") -> str:
        return f"/b/{self.brand.slug}/{path}"

    def client(self, role: str = "owner", reach: list[int] | None = None) -> Client:
        """Signed in as somebody with this role and reach."""
        account = self.owner if role == "owner" and reach is None else self.hire(role, reach).account
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def hire(self, role: str, reach: list[int] | None = None) -> Staff:
        login = f"{self.brand.slug}-{role}-{'all' if reach is None else len(reach)}"
        account = Account.objects.filter(login=login).first() or open_account(
            login, password="tea leaves", at=self.now
        )
        return appoint(self.brand, account=account, role=role, at=self.now, by=None, reach=reach)

    def staff(self) -> Staff:
        return Staff.objects.select_related("brand", "account").get(brand=self.brand, account=self.owner)


def build(
    slug: str = "tea", *, people: Sequence[str] = ("阿青", "小周", "老吴"), communities: int = 1
) -> House:
    """Everybody joins 20 days ago; the first of them speaks every day up to yesterday, each next one a day less often;
    the last never speaks. People of odd place are in every community, the others in the first."""
    now = dt.datetime.now(dt.UTC)
    brand = open_brand(slug, at=now, slug=slug)
    owner = open_account(f"{slug}-owner", password="tea leaves", at=now, name="掌柜")
    appoint(brand, account=owner, role="owner", at=now, by=None)
    made = [
        find_community(brand, name=f"茶友群{place + 1}", at=now, platform="wecom")
        for place in range(communities)
    ]
    yesterday = brand.today(now) - 1
    for place, community in enumerate(made):
        Intake(brand, at=now, community=community).take(_entries(brand, people, place, yesterday))
    drive(brand)
    bring_up_to_date(brand, at=now)
    known = {row.value: row.member_id for row in Identity.objects.filter(brand=brand)}
    return House(brand, [Community.objects.get(pk=row.pk) for row in made], owner, now, known)


def _entries(
    brand: Brand, people: Sequence[str], place: int, yesterday: int
) -> Iterator[Chat | Person | Act]:
    yield Chat(key=f"room-{place}", name=f"茶友群{place + 1}", platform="wecom")
    mine = [(at, name) for at, name in enumerate(people) if place == 0 or at % 2]
    for at, name in mine:
        yield Person(
            ref=f"u{at}", scheme="wecom.external_userid", scope="corp", value=f"wm{at:08d}", name=name
        )
    start = brand.clock.start(yesterday - 19)
    for at, _name in mine:
        yield Act(
            "join", start + (9 + place) * HOUR + at, f"u{at}", source="扫码入群" if at % 2 else "成员邀请"
        )
    for day in range(yesterday - 19, yesterday + 1):
        for at, _name in mine:
            if at < len(people) - 1 and (day - yesterday) % (at + 1) == 0:
                moment = brand.clock.start(day) + 20 * HOUR + at
                yield Act("message", moment, f"u{at}", id=f"{place}-{day}-{at}", text="今天喝岩茶，回甘很好")


def iso(day: int) -> str:
    return days.date(day).isoformat()
