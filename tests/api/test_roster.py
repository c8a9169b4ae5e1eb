"""The duty roster for programs: the same turns and gaps as on the page, within the data scope of the token."""

from __future__ import annotations

import pytest
from django.test import Client

from qunying.brands.actions import issue_token
from qunying.brands.models import Staff
from qunying.communities.actions.duty import cover
from tests.communities.world import AT, MONDAY, a_brand, a_colleague, a_community, a_shift

pytestmark = pytest.mark.django_db
DAYS = f"from={MONDAY}&to={MONDAY}"


def asked(staff: Staff, query: str = DAYS, scopes: tuple[str, ...] = ("roster.read",)):
    token = issue_token(staff, name="值班", scopes=list(scopes), at=AT)
    headers = {"Authorization": f"Bearer {token}"}
    return Client().get(f"/api/v1/brands/tea/roster?{query}", headers=headers)


def test_turns_and_gaps_are_told_with_their_moments_in_the_brands_zone():
    brand, owner = a_brand()
    community, other = a_community(brand), a_colleague(brand, "阿青")
    night = a_shift(owner, community, hours="22:00-06:00")
    day = a_shift(owner, None, hours="09:00-12:00")
    cover(night, on=MONDAY, staff=other, at=AT, by=owner)
    cover(day, on=MONDAY, staff=None, at=AT, by=owner)

    me = {"id": owner.pk, "name": "掌柜"}
    assert asked(owner).json() == {
        "zone": "Asia/Shanghai",
        "turns": [
            {
                "shift": day.pk,
                "community": None,
                "on": "2026-03-02",
                "starts_at": "2026-03-02T09:00:00+08:00",
                "ends_at": "2026-03-02T12:00:00+08:00",
                "staff": None,
                "planned": me,
            },
            {
                "shift": night.pk,
                "community": community.pk,
                "on": "2026-03-02",
                "starts_at": "2026-03-02T22:00:00+08:00",
                "ends_at": "2026-03-03T06:00:00+08:00",
                "staff": {"id": other.pk, "name": "阿青"},
                "planned": me,
            },
        ],
        "gaps": [{"community": None, "on": "2026-03-02", "hours": "09:00–12:00"}],
    }


def test_a_token_reads_the_roster_of_its_communities_only_and_only_if_it_may():
    brand, owner = a_brand()
    mine, other = a_community(brand), a_community(brand, "另一个群")
    for place in (mine, other, None):
        a_shift(owner, place)
    narrow = a_colleague(brand, "志愿者", "volunteer", reach=[mine.pk])

    told = asked(narrow).json()["turns"]
    chosen = asked(owner, f"{DAYS}&community={other.pk}").json()["turns"]

    assert [turn["community"] for turn in told] == [mine.pk, None]
    assert [turn["community"] for turn in chosen] == [other.pk, None]
    assert asked(narrow, f"{DAYS}&community={other.pk}").status_code == 404
    assert asked(owner, scopes=("numbers.read",)).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "from=x",
        "from=2026-03-02&to=2026-03-01",
        "from=2026-01-01&to=2026-12-31",
        "from=0001-01-01",
        "from=9999-12-25",
    ],
)
def test_days_that_make_no_sense_are_refused(query):
    _brand, owner = a_brand()

    assert asked(owner, query).status_code == 422
