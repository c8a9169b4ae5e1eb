"""The pages of numbers: what they show equals the metrics, what they link to lists it."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qunying.audiences.models import Audience
from qunying.brands.models import AuditEntry
from qunying.kit import catalog, days
from qunying.metrics.asking import Asker, listing
from qunying.metrics.periods import period_of
from qunying.metrics.wording import said
from tests.metrics.house import HOSTILE, House, build, iso

pytestmark = pytest.mark.django_db

PAGES = ("", "communities/", "retention/", "activity/", "metrics/", "metrics/dau/", "members/", "audiences/")


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周", "老吴", "阿禾"), communities=2)


def text_of(answer) -> str:
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", body)


def cards(answer) -> dict[str, str | None]:
    return {card.key: card.value for card in answer.context["cards"]}


def test_the_first_cards_are_present_joins_leaves_and_net(house):
    answer = house.client().get(house.url(), {"range": "30d"})

    assert list(cards(answer))[:4] == ["present", "joins", "leaves", "net"]
    assert [str(card.label) for card in answer.context["cards"]][:4] == ["群人数", "新增入群", "退群", "净增"]
    assert list(cards(answer).values())[:4] == ["4", "6", "0", "6"]


def test_a_goal_of_the_settings_is_measured_on_the_cards(house):
    client = house.client()
    form = client.get(house.url("settings/")).context["form"]
    was = {name: field.initial for name, field in form.fields.items()}
    client.post(house.url("settings/"), {**was, "name": "茶", "goal.dau": 8, "goal.speaking_rate": 200})

    def goals(**more: object) -> dict[str, tuple[str, int]]:
        shown = client.get(house.url(), {"range": "30d", **more}).context["cards"]
        return {card.key: (card.goal, card.goal_share) for card in shown if card.goal}

    active = int(cards(client.get(house.url(), {"range": "30d"}))["dau"] or 0)
    speaking = float((cards(client.get(house.url(), {"range": "30d"}))["speaking_rate"] or "").rstrip("%"))
    everywhere, in_one = goals(), goals(c=house.communities[0].pk)
    assert everywhere == {"dau": ("8", active * 100 // 8), "speaking_rate": ("200.0%", int(speaking / 2))}
    assert set(in_one) == {"speaking_rate"}  # a number of people is the whole brand's


@pytest.mark.parametrize("key", ["yesterday", "7d", "30d", "month"])
@pytest.mark.parametrize("place", [None, 0])
def test_every_card_says_what_its_list_holds(house, key, place):
    client = house.client()
    node = {"c": house.communities[place].pk} if place is not None else {}
    shown = client.get(house.url(), {"range": key, **node}).context["cards"]

    for card in shown:
        if card.value is None:
            continue
        page = client.get(card.people_url).context
        numerator = page["page"].paginator.count
        if card.key == "net":
            asked = page["found"].answer
            assert card.value == f"{(asked.numerator or 0) - (asked.denominator or 0):,}"
        elif card.n is not None:
            assert card.value == f"{numerator / card.n * 100:.1f}%"
        else:
            assert card.value == f"{numerator:,}"


def test_a_part_of_the_tree_that_has_no_readings_counts_everybody_once(house):
    client = house.client("operator", reach=[row.pk for row in house.communities])
    whole = house.client()

    limited, all_of_it = client.get(house.url()), whole.get(house.url())

    assert cards(limited) == cards(all_of_it)
    assert json.dumps(limited.context["trend"]["series"]) == json.dumps(all_of_it.context["trend"]["series"])


def test_a_period_is_kept_in_the_address_and_ends_with_the_last_whole_day(house):
    client = house.client()
    end = house.today - 1

    named = client.get(house.url(), {"range": "7d"}).context["period"]
    chosen = client.get(house.url(), {"range": "custom", "from": iso(end - 3), "to": iso(end - 2)}).context[
        "period"
    ]

    assert (named.first, named.last) == (end - 6, end)
    assert (chosen.first, chosen.last) == (end - 3, end - 2)


@pytest.mark.parametrize(
    "wrong", [{"from": "x", "range": "custom"}, {"from": "2026-03-02", "to": "2026-03-01"}]
)
def test_a_date_that_is_none_is_refused_in_words(house, wrong):
    answer = house.client().get(house.url(), wrong)

    assert answer.status_code == 422
    assert "日期" in text_of(answer)


def test_a_brand_without_data_is_shown_the_way_in():
    empty = build("empty", people=(), communities=0)

    answer = empty.client().get(empty.url())

    assert "导入数据，五分钟看清社群" in text_of(answer)


@pytest.mark.parametrize("variant", ["exact", "rolling", "bracket"])
@pytest.mark.parametrize("by", ["join", "message"])
def test_each_square_of_the_triangle_lists_its_people(house, variant, by):
    client = house.client()
    given = {"step": "day", "variant": variant, "by": by}
    shown = client.get(house.url("retention/"), given).context["triangle"]
    squares = [
        (row["n"], share, href)
        for row in shown["rows"]
        for share, href in zip(row["values"], row["hrefs"], strict=True)
        if href
    ]

    lists = [client.get(href).context["page"].paginator.count for _n, _share, href in squares]

    assert lists == [round(share * n) for n, share, _href in squares]
    assert lists


def test_each_square_of_the_week_lists_its_acts(house):
    client = house.client()
    more = client.get(house.url("overview/more/"), {"range": "7d"})
    grid = more.context["hours"]
    squares = [
        (value, href)
        for values, hrefs in zip(grid["values"], grid["hrefs"], strict=True)
        for value, href in zip(values, hrefs, strict=True)
        if href
    ]

    assert [client.get(href).context["page"].paginator.count for _value, href in squares] == [
        v for v, _h in squares
    ]
    assert sum(value for value, _href in squares) > 0


def test_every_bar_of_days_active_lists_its_people(house):
    client = house.client()
    shown = client.get(house.url("activity/")).context["histogram"]
    bars = list(zip(shown["series"][0]["values"], shown["hrefs"], strict=True))

    assert [client.get(href).context["page"].paginator.count for _value, href in bars] == [
        v for v, _h in bars
    ]


def test_lifecycle_bars_hold_the_identity(house):
    shown = house.client().get(house.url("activity/"), {"tab": "lifecycle", "step": "day"}).context["bars"]
    first, returning, resurrecting, dormant = (series["values"] for series in shown["series"])
    active = [sum(parts) for parts in zip(first, returning, resurrecting, strict=True)]

    for at in range(1, len(active)):
        assert active[at] == active[at - 1] + dormant[at] + first[at] + resurrecting[at]


def test_the_people_behind_every_metric_are_as_many_as_its_numerator(house):
    client, end = house.client(), house.today - 1
    asker = Asker(house.brand, house.communities, at=house.now)

    for entry in catalog.collect("metrics"):
        answer = asker.ask(entry.key, end - 8, end - 8)
        page = client.get(
            house.url("people/"), {"metric": entry.key, "from": iso(end - 8), "to": iso(end - 8)}
        )
        question = asker.question(end - 8, end - 8)
        wanted = len(listing(question, answer)) if answer.state == "ok" else 0
        assert (entry.key, page.context["page"].paginator.count) == (entry.key, wanted)
        assert page.context["value"] == said(answer.value, entry.unit)


def test_the_people_behind_a_number_become_an_audience_of_that_size(house):
    client, end = house.client(), house.today - 1
    of = f"metric=dau&from={iso(end)}&to={iso(end)}"
    people = client.get(house.url(f"people/?{of}")).context["page"].paginator.count

    client.post(house.url("people/saved/"), {"of": of, "name": "昨日活跃"})

    saved = Audience.objects.get(brand=house.brand)
    assert (saved.name, saved.size, saved.origin, saved.rule["metric"]) == (
        "昨日活跃",
        people,
        "metric",
        "dau",
    )


@pytest.mark.parametrize(
    "cell",
    [
        "metric=hours&cell={weekday}:20",
        "metric=sticky&cell=20",
        "metric=streak&cell=3",
        "metric=quiet",
        "metric=retention&cell=join:day:{joined}:1",
        "metric=retention&cell=join:day:{joined}:1:rolling",
    ],
)
def test_any_square_of_a_chart_can_be_saved(house, cell):
    client, end = house.client(), house.today - 1
    weekday = days.date(end).weekday()
    of = cell.format(weekday=weekday, joined=iso(end - 19)) + f"&from={iso(end - 19)}&to={iso(end)}"
    people = client.get(house.url(f"people/?{of}")).context["heads"]

    client.post(house.url("people/saved/"), {"of": of, "name": "一格"})

    assert Audience.objects.get(name="一格").size == people > 0


@pytest.mark.parametrize(
    "cell",
    [
        "metric=hours&cell=7:1",
        "metric=hours&cell=x",
        "metric=retention&cell=join:year:2026-01-01:1",
        "metric=retention&cell=join:day:2026-01-01:1:sometimes",
        "metric=sticky&cell=99",
        "metric=funnel&cell=funnel.joined",
    ],
)
def test_a_square_that_is_none_is_refused(house, cell):
    assert house.client().get(house.url(f"people/?{cell}")).status_code == 422


def test_the_top_of_the_speakers_names_ties_and_counts_the_silent(house):
    page = house.client().get(house.url(f"communities/{house.communities[0].pk}/"), {"range": "30d"}).context

    assert [(row.place, line.name, row.messages) for row, line in page["top"]] == [
        (1, "阿青", 20),
        (2, "小周", 10),
        (3, "老吴", 7),
    ]
    assert page["silent"] == 1


def test_an_export_of_the_people_behind_a_number_is_logged(house):
    end = house.today - 1
    of = f"metric=dau&from={iso(end)}&to={iso(end)}"

    answer = house.client().post(house.url("people/export/"), {"of": of, "form": "csv", "reason": "回访"})

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    entry = AuditEntry.objects.filter(brand=house.brand, deed="members.exported").get()
    after = entry.after or {}
    assert after["people"] == len(lines) - 1
    assert after["metric"] == "dau"


def test_sources_add_up_to_the_joins(house):
    place = house.communities[0]
    page = house.client().get(house.url(f"communities/{place.pk}/"), {"range": "30d"}).context

    assert {source.name: source.joins for source in page["sources"]} == {"扫码入群": 2, "成员邀请": 2}
    assert sum(source.joins for source in page["sources"]) == int(str(cards_of(page)["joins"]))


def cards_of(context) -> dict[str, str | None]:
    return {card.key: card.value for card in context["cards"]}


def test_hostile_names_stay_text():
    house = build(people=(*HOSTILE, "末位"))
    client = house.client()
    end = house.today - 1

    for path in (f"people/?metric=messages&from={iso(end - 6)}&to={iso(end)}", "activity/?tab=speakers"):
        page = client.get(house.url(path)).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", page)
        assert "<bdi>{{7*7}}</bdi>" in page


@pytest.mark.parametrize("path", ["communities/", "members/", "audiences/", "activity/?tab=speakers"])
def test_a_list_asks_the_database_equally_often_for_few_and_many(path):
    few, many = (
        build("few", people=("甲", "乙")),
        build("many", people=tuple("甲乙丙丁戊己庚"), communities=3),
    )
    counts = []
    for house in (few, many):
        client = house.client()
        client.get(house.url(path))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(house.url(path))
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(("path", "most"), [("", 8), ("members/", 8), ("communities/", 8), ("audiences/", 8)])
def test_a_page_keeps_within_its_queries(house, path, most):
    client = house.client()
    client.get(house.url(path))

    with CaptureQueriesContext(connection) as asked:
        client.get(house.url(path))

    assert len(asked) <= most


def test_joins_and_leaves_by_day_add_up_to_the_cards(house):
    client = house.client()
    shown = client.get(house.url("overview/more/"), {"range": "30d"}).context["flows"]["series"]
    said = cards(client.get(house.url(), {"range": "30d"}))

    came, went = (sum(value or 0 for value in series["values"]) for series in shown)
    assert (f"{came:g}", f"{-went:g}", f"{came + went:g}") == (said["joins"], said["leaves"], said["net"])


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_a_style_or_a_script_of_its_own(house, path):
    page = house.client().get(house.url(path)).content.decode()

    assert re.findall(r"<[^>]+\sstyle=|<style|\son\w+=", page) == []
    assert [
        tag
        for tag in re.findall(r"<script[^>]*>", page)
        if "src=" not in tag and "application/json" not in tag
    ] == []


@pytest.mark.parametrize("path", ["communities/{c}/", "?c={c}", "members/?c={c}", "people/?metric=dau&c={c}"])
def test_a_community_of_another_brand_or_out_of_reach_is_not_found(house, path):
    other = build("other")
    strange = path.format(c=other.communities[0].pk)
    far = path.format(c=house.communities[1].pk)

    assert house.client().get(house.url(strange)).status_code == 404
    assert house.client("operator", reach=[house.communities[0].pk]).get(house.url(far)).status_code == 404


def test_who_may_not_see_people_gets_numbers_without_links(house):
    answer = house.client("founder").get(house.url())

    assert {card.people_url for card in answer.context["cards"]} == {""}
    assert "hrefs" not in answer.context["trend"]
    assert house.client("founder").get(house.url("people/?metric=dau")).status_code == 403


def test_an_address_of_people_restores_the_question(house):
    url = house.client().get(house.url(), {"range": "7d"}).context["cards"][1].people_url
    asked = parse_qs(urlsplit(url).query)
    end = house.today - 1

    assert asked == {"metric": ["joins"], "from": [iso(end - 6)], "to": [iso(end)]}


def test_a_running_day_is_drawn_unfinished_and_left_out_of_the_cards(house):
    from django.http import QueryDict

    from qunying.communities.models import Community
    from qunying.communities.scope import Scope

    Community.objects.filter(brand=house.brand).update(covered_to=house.today)
    rows = tuple(Community.objects.filter(brand=house.brand))
    scope = Scope(house.staff(), rows, None, house.today, 0)

    period = period_of(QueryDict("range=7d"), scope)
    chart = house.client().get(house.url(), {"range": "7d"}).context["trend"]

    assert period.last == house.today - 1
    assert (chart["partial"], chart["x"][-1]) == (True, iso(house.today)[5:])
