"""The tree: what a node leaves open it takes from above, tests take all below with them, people count once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qunying.audiences.models import StageSpan
from qunying.cli.asking import places
from qunying.communities.actions import change_community, change_many, open_community
from qunying.communities.models import Community
from qunying.communities.scope import Scope
from qunying.diagnosis.watch import places as examined
from qunying.jobs.actions import run_job
from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.metrics.asking import Asker, listing, metric
from qunying.metrics.models import Reading
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build(communities=3)


def node(house: House, name: str, *, level: str = "region", **values: object) -> Community:
    values = {"name": name, "level": level, "kind": "interest", **values}
    return open_community(house.brand, values=values, at=house.now, by=house.staff())


def change(house: House, row: Community, **values: object) -> None:
    change_community(
        Community.objects.get(pk=row.pk), values=values, at=dt.datetime.now(dt.UTC), by=house.staff()
    )


def hang(house: House, above: Community, *rows: Community) -> None:
    change_many(
        house.brand,
        communities=[row.pk for row in rows],
        values={"parent": above},
        at=house.now,
        by=house.staff(),
    )


def work() -> None:
    for job in Job.objects.filter(state=Job.State.WAITING).order_by("pk"):
        run_job.call(job.pk)


def silences(house: House) -> list[int]:
    return [Community.objects.get(pk=row.pk).silence for row in house.communities]


def scope(house: House, chosen: Community | None = None) -> Scope:
    rows = tuple(Community.objects.filter(brand=house.brand).order_by("level", "name"))
    return Scope(house.staff(), rows, chosen, house.today, 0)


def test_the_own_value_wins_then_the_nearest_ancestor_then_the_kind(house):
    region = node(house, "华东", silent_days=21)
    chapter = node(house, "杭州", level="chapter", parent=region)
    first, second, third = house.communities
    hang(house, chapter, first, second)
    change(house, second, silent_days=5)

    from_the_region = silences(house)
    change(house, chapter, silent_days=9)
    from_the_chapter = silences(house)
    change(house, region, silent_days=None)
    change(house, chapter, silent_days=None)

    assert [from_the_region, from_the_chapter, silences(house)] == [[21, 5, 14], [9, 5, 14], [14, 5, 14]]
    assert third.silence == 14


def test_a_node_that_moves_takes_from_its_new_place(house):
    east, south = node(house, "华东", silent_days=21, owner="小林"), node(house, "华南", silent_days=3)
    first = house.communities[0]

    told = []
    for above in (east, south, None):
        change(house, first, parent=above)
        row = Community.objects.get(pk=first.pk)
        told.append((row.silence, row.setting("owner")))

    assert told == [(21, "小林"), (3, ""), (14, "")]


def test_stages_and_readings_follow_when_a_setting_above_changes(house):
    region = node(house, "华东")
    hang(house, region, *house.communities)
    work()

    def silent() -> tuple[int, float | None]:
        spans = StageSpan.objects.filter(membership__brand=house.brand, stage="silent")
        rows = Reading.objects.filter(brand=house.brand, community=None, metric="stage.silent")
        return spans.count(), rows.get(day=day).value

    day = house.today - 2  # whoever speaks every other day was quiet
    before = silent()
    change(house, region, silent_days=1)
    work()
    asked = Asker(house.brand, scope(house).communities, at=house.now).ask("stage.silent", day, day)

    after = silent()
    assert (before, after[0] > 0, after[1]) == ((0, 0), True, asked.value)
    assert asked.value == 1


def test_a_setting_that_moves_no_figure_counts_nothing_again(house):
    region = node(house, "华东")
    hang(house, region, *house.communities)

    change(house, region, owner="小林", purpose="品茶")

    assert Job.objects.count() == 0
    assert {Community.objects.get(pk=row.pk).setting("owner") for row in house.communities} == {"小林"}


def test_a_test_above_leaves_out_all_below_everywhere(house):
    region = node(house, "试验田")
    chapter = node(house, "试验分部", level="chapter", parent=region)
    first, second, third = house.communities
    hang(house, chapter, first, second)
    change(house, region, is_test=True)
    work()

    client = house.client()
    report = client.get(house.url("report/")).context["report"]
    kept = set(Reading.objects.filter(brand=house.brand).values_list("community_id", flat=True))
    found = {
        "scope": [row.pk for row in scope(house).communities],
        "below the test": [row.pk for row in scope(house, region).communities],
        "chosen itself": [row.pk for row in scope(house, first).communities],
        "command line": [row.pk for row in places(house.brand)],
        "command line, node": [row.pk for row in places(house.brand, "试验分部")],
        "detectors": [place.community for place in examined(house.brand, today=house.today - 1)],
        "readings": kept - {None},
        "present": Reading.objects.get(community=None, metric="present", day=house.today - 1).value,
        "report": [row.pk for row in report.about.scope.communities],
        "tagged": sum(
            branch.row.is_excluded for branch in client.get(house.url("communities/")).context["branches"]
        ),
    }

    alone = Asker(house.brand, [third], at=house.now).ask("present", house.today - 1, house.today - 1)
    assert found == {
        "scope": [third.pk],
        "below the test": [],
        "chosen itself": [first.pk],
        "command line": [third.pk],
        "command line, node": [],
        "detectors": [third.pk],
        "readings": {third.pk},
        "present": alone.value,
        "report": [third.pk],
        "tagged": 4,
    }


def test_the_form_says_what_a_setting_left_open_takes_and_from_where(house):
    region = node(house, "华东", silent_days=21, owner="小林")
    first, second = house.communities[:2]
    hang(house, region, first)

    def hints(row: Community) -> dict[str, str]:
        form = house.client().get(house.url(f"communities/{row.pk}/edit/")).context["form"]
        return {name: str(form.fields[name].help_text) for name in ("silent_days", "owner")}

    assert [hints(first), hints(second)] == [
        {
            "silent_days": "留空时继承“华东”的设置：21",
            "owner": "留空时继承“华东”的设置：小林",
        },
        {"silent_days": "留空时按类型取默认值：14 天", "owner": "留空时继承上级的设置。"},
    ]
    page = house.client().get(house.url(f"communities/{first.pk}/")).content.decode()
    assert "21 天（继承自“华东”）" in page


def test_an_edit_reads_the_tree_once_however_many_hang_below(house):
    region = node(house, "华东")
    hang(house, region, house.communities[0])

    def queries(days: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            change(house, region, silent_days=days)
        return len(seen)

    one = queries(5)
    hang(house, region, *house.communities[1:])

    assert queries(6) == one


def test_setting_many_at_once_reads_and_passes_down_the_tree_once(house):
    region = node(house, "华东", silent_days=5)

    with CaptureQueriesContext(connection) as seen:
        hang(house, region, *house.communities)

    trees = [query for query in seen if '"inherited"' in query["sql"] and query["sql"].startswith("SELECT")]
    assert len(trees) == 4  # those to change, the rules before and after, and the tree itself
    assert silences(house) == [5, 5, 5]


def test_a_person_in_two_groups_of_a_chapter_counts_once(house):
    chapter = node(house, "杭州", level="chapter")
    hang(house, chapter, *house.communities[:2])
    below = scope(house, chapter).communities
    first, last = house.today - 7, house.today - 1

    def people(rows: tuple[Community, ...], key: str) -> tuple[object, list[int]]:
        asker = Asker(house.brand, rows, at=house.now)
        question = asker.posed(metric(key), first, last)
        answer = asker.put(metric(key), question)
        return answer.value, sorted(line.member for line in listing(question, answer))

    keys = ("present", "dau", "wau", "mau", "speakers", "lifecycle.returning", "stage.active")
    found = {key: people(below, key) for key in keys}

    apart = {key: [people((row,), key)[1] for row in below] for key in keys}
    once = {key: sorted({member for part in apart[key] for member in part}) for key in keys}
    assert found == {key: (len(once[key]), once[key]) for key in keys}
    assert [len(part) for part in apart["present"]] == [3, 1]
    assert len(once["present"]) == 3


def test_every_metric_answers_at_every_node_and_names_nobody_twice(house):
    region = node(house, "华东")
    chapter = node(house, "杭州", level="chapter", parent=region)
    hang(house, chapter, *house.communities[:2])
    hang(house, region, house.communities[2])
    first, last = house.today - 7, house.today - 1

    twice = {}
    for above in (None, region, chapter):
        asker = Asker(house.brand, scope(house, above).communities, at=house.now)
        for entry in catalog.collect("metrics"):
            answer = asker.ask(entry.key, first, last)
            members = [] if answer.bits is None else list(answer.bits)
            if entry.unit == "people" and len(members) not in (0, answer.value):
                twice[entry.key] = (answer.value, members)

    assert twice == {}


def test_looking_at_a_region_leaves_the_history_of_stages_as_it_is(house):
    region = node(house, "华东")
    hang(house, region, *house.communities[:2])
    spans = StageSpan.objects.filter(membership__brand=house.brand).order_by("membership", "from_day")
    before = list(spans.values_list("membership", "stage", "from_day", "until_day"))

    page = house.client().get(house.url("overview/more/"), {"c": region.pk})

    assert page.context["stages"] is not None
    assert list(spans.values_list("membership", "stage", "from_day", "until_day")) == before


def rows_of(house: House) -> dict[str, tuple[object, ...]]:
    shown = house.client().get(house.url("communities/")).context["branches"]
    return {
        branch.row.name: (
            *(branch.present, branch.joins, branch.leaves, branch.dau, branch.speaking),
            branch.spark,
        )
        for branch in shown
    }


def test_the_list_rolls_figures_up_at_every_node_and_counts_people_once(house):
    region = node(house, "华东")
    chapter = node(house, "杭州", level="chapter", parent=region)
    hang(house, chapter, *house.communities[:2])
    hang(house, region, house.communities[2])
    day = house.today - 1

    shown = rows_of(house)

    def asked(above: Community) -> tuple[object, ...]:
        asker = Asker(house.brand, scope(house, above).communities, at=house.now)
        week = [asker.ask(name, day - 6, day).value for name in ("joins", "leaves")]
        last = [asker.ask(name, day, day).value for name in ("present", "dau", "speaking_rate")]
        return (last[0], *week, last[1], last[2])

    assert {name: shown[name][:5] for name in ("华东", "杭州")} == {
        "华东": asked(region),
        "杭州": asked(chapter),
    }
    assert shown["华东"][0] == 3


def test_the_list_asks_as_often_for_one_region_as_for_three(house):
    def queries() -> int:
        client = house.client()
        client.get(house.url("communities/"))
        with CaptureQueriesContext(connection) as seen:
            client.get(house.url("communities/"))
        return len(seen)

    hang(house, node(house, "华东"), house.communities[0])
    one = queries()
    hang(house, node(house, "华南"), house.communities[1])
    hang(house, node(house, "华北"), house.communities[2])

    assert queries() == one
