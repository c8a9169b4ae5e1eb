"""The switch 含员工、机器人与测试: off, they count nowhere; on, they count like everybody, wherever a number stands."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from qunying.brands.actions import bump_columns
from qunying.kit import days
from qunying.members.actions import mark_staff
from qunying.members.models import Member
from qunying.metrics.asking import Asker, listing
from qunying.metrics.readings import bring_up_to_date
from tests.metrics.house import House, build, iso

pytestmark = pytest.mark.django_db

PEOPLE = ("阿青", "小周", "老吴", "阿禾")
PAGES = ("", "communities/{c}/", "retention/", "activity/", "metrics/dau/", "people/?metric=dau")


@pytest.fixture
def plain() -> House:
    """A brand where nobody is marked."""
    return build("plain", people=PEOPLE, communities=2)


@pytest.fixture
def house() -> House:
    """The same people; 阿青 is a bot, 小周 a test account, 老吴 on the staff for the last ten days."""
    house = build("marked", people=PEOPLE, communities=2)
    Member.objects.filter(brand=house.brand, name="阿青").update(is_bot=True)
    Member.objects.filter(brand=house.brand, name="小周").update(is_test=True)
    mark_staff(member(house, "老吴"), from_on=days.date(house.today - 10))
    bump_columns(house.brand)
    bring_up_to_date(house.brand, at=house.now)
    return house


def member(house: House, name: str) -> Member:
    return Member.objects.get(brand=house.brand, name=name)


def cards(house: House, path: str = "", **asked: str) -> dict[str, str | None]:
    shown = house.client().get(house.url(path), {"range": "30d", **asked}).context["cards"]
    return {card.key: card.value for card in shown}


@pytest.mark.parametrize("place", [None, 0, 1])
def test_switched_on_every_card_says_what_a_brand_without_marks_says(house, plain, place):
    path = "" if place is None else f"communities/{house.communities[place].pk}/"
    same = "" if place is None else f"communities/{plain.communities[place].pk}/"

    assert cards(house, path, everybody="1") == cards(plain, same)


def test_switched_off_bots_tests_and_staff_of_the_day_are_out(house):
    shown = cards(house)

    # 阿禾, who joined both groups and never speaks; 老吴 joined one before he was hired
    assert [shown[key] for key in ("present", "joins", "dau")] == ["1", "3", "0"]
    assert cards(house, everybody="0") == shown


def test_trend_and_heavier_blocks_follow_the_switch(house, plain):
    def blocks(of: House, **asked: str) -> list[object]:
        more = of.client().get(of.url("overview/more/"), {"range": "30d", **asked}).context
        trend = of.client().get(of.url(), {"range": "30d", **asked}).context["trend"]
        parts = [more["flows"], more["lifecycle"], more["stages"], trend]
        return [[series["values"] for series in part["series"]] if part else None for part in parts] + [
            more["hours"]["values"] if more["hours"] else None,
            more["retention"]["rows"][0]["values"],
            [step["value"] for step in more["funnel"].data["steps"]],
        ]

    assert blocks(house, everybody="1") == blocks(plain)
    assert blocks(house) != blocks(plain)


@pytest.mark.parametrize("tab", ["stickiness", "lifecycle", "concentration", "speakers"])
def test_the_activity_page_follows_the_switch(house, plain, tab):
    def figures(of: House, **asked: str) -> object:
        page = of.client().get(of.url("activity/"), {"tab": tab, **asked}).context
        if tab == "speakers":
            return [(row.place, line.name, row.messages) for row, line in page["rows"]]
        return [(row["key"], row["value"], row["n"]) for row in page["figures"]]

    assert figures(house, everybody="1") == figures(plain)
    assert figures(house) != figures(plain)


def test_retention_and_the_metric_s_own_page_follow_the_switch(house, plain):
    def told(of: House, **asked: str) -> object:
        client = of.client()
        kept = client.get(of.url("retention/"), {"step": "day", **asked}).context
        page = client.get(of.url("metrics/dau/"), asked).context
        return (
            [(row["n"], row["active"], row["stayed"]) for row in kept["cards"]],
            [(row["n"], row["values"]) for row in kept["triangle"]["rows"]],
            page["value"],
            page["trend"]["series"][0]["values"],
            client.get(of.url("metrics/stage.active/"), asked).context["trend"]["series"][0]["values"],
        )

    assert told(house, everybody="1") == told(plain)
    assert told(house) != told(plain)


def test_every_card_switched_on_says_what_its_list_holds(house):
    client = house.client()

    for card in client.get(house.url(), {"range": "30d", "everybody": "1"}).context["cards"]:
        page = client.get(card.people_url).context
        many = page["page"].paginator.count
        assert parse_qs(urlsplit(card.people_url).query)["everybody"] == ["1"]
        if card.n is not None:
            assert card.value == f"{many / card.n * 100:.1f}%"
        elif card.key != "net":
            assert card.value == f"{many:,}"


def test_a_volunteer_hired_lately_keeps_her_history_before(house):
    asker = Asker(house.brand, house.communities, at=house.now)
    hired = house.today - 10
    hers = member(house, "老吴").pk

    def spoke(day: int) -> bool:
        question = asker.question(day, day)
        return hers in [line.member for line in listing(question, asker.ask("dau", day, day))]

    everything = Asker(house.brand, house.communities, at=house.now, with_everybody=True)
    on = [
        day
        for day in range(house.today - 20, house.today)
        if hers
        in [line.member for line in listing(everything.question(day, day), everything.ask("dau", day, day))]
    ]

    assert [day for day in on if spoke(day)] == [day for day in on if day < hired]
    assert 0 < len([day for day in on if day < hired]) < len(on)


@pytest.mark.parametrize("path", PAGES)
def test_the_state_of_the_switch_is_printed_and_goes_along(house, path):
    client, path = house.client(), house.url(path.format(c=house.communities[0].pk))
    told = {}
    for state in ("", "everybody=1"):
        page = client.get(path + ("&" if "?" in path else "?") + state).content.decode()
        told[state] = re.findall(r'aria-current="true">([^<]*员工、机器人与测试)</a>', page)
        links = [
            url
            for url in re.findall(r'href="([^"]+)"', page)
            if re.search(r"(people|retention|activity)/", url)
        ]
        assert links
        if state:
            assert [url for url in links if "everybody=1" not in url] == []

    assert told == {"": ["不含员工、机器人与测试"], "everybody=1": ["含员工、机器人与测试"]}


def test_people_saved_or_exported_switched_on_are_those_of_the_list(house):
    client = house.client()
    end = house.today - 1
    of = f"metric=dau&from={iso(end)}&to={iso(end)}&everybody=1"
    listed = client.get(house.url(f"people/?{of}")).context["page"].paginator.count

    answer = client.post(house.url("people/export/"), {"of": of, "form": "csv", "reason": "回访"})
    saved = client.post(house.url("people/saved/"), {"of": of, "name": "所有人"}, follow=True)

    assert len(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()) - 1 == listed
    assert saved.context["saved"].size == listed
    assert "含员工、机器人与测试" in saved.content.decode()
