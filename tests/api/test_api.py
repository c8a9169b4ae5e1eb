"""Promises of the API: same numbers as the command line, masked people, cursors, problems in one shape, a limit."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest
from django.test import Client

from qunying.api import access
from qunying.api.actions import count_call
from qunying.api.operations import OPERATIONS
from qunying.brands import actions as brands
from qunying.brands.models import ApiToken, Staff
from qunying.cli.asking import ask_series
from qunying.communities.models import Community
from qunying.kit import catalog
from qunying.members.actions import mark_bot
from qunying.metrics.models import Reading
from qunying.metrics.readings import bring_up_to_date
from tests.communities.test_tree import hang, node
from tests.matrix_world import build
from tests.metrics.house import build as tea_house
from tests.metrics.house import iso

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
ROOT = "/api/v1/"


@pytest.fixture
def house(tmp_path, settings):
    settings.HOME = tmp_path
    return build("a", tmp_path)


def get(house, path: str, *, token: str = "all"):
    return Client().get(f"{ROOT}brands/a/{path}", headers={"Authorization": f"Bearer {house.tokens[token]}"})


def token_with(house, *scopes: str) -> str:
    name = "+".join(scopes)
    house.tokens[name] = brands.issue_token(house.first, name=name, scopes=list(scopes), at=AT)
    return name


def test_every_metric_is_answered_as_on_the_command_line(house):
    period = {"since": "2026-03-01", "until": "2026-03-04", "by": "day"}
    keys = [entry.key for entry in catalog.collect("metrics")]

    asked = {key: get(house, f"metrics/{key}?from=2026-03-01&to=2026-03-04&by=day").json() for key in keys}

    now = dt.datetime.now(dt.UTC)
    assert asked == {
        key: ask_series(house.brand, key, community="", on="", **period, at=now, with_everybody=False).body
        for key in keys
    }


def test_a_metric_of_one_community_lists_the_people_behind_it(house):
    answer = get(house, f"metrics/dau?on=2026-03-02&community={house.community.pk}&people=true").json()

    assert answer["rows"][0]["value"] == 2
    assert sorted(answer["people"]) == sorted(member.pk for member in house.members[:2])


def test_the_people_behind_a_number_need_the_permission_to_see_members(house):
    narrow = token_with(house, "numbers.read")

    assert get(house, "metrics/dau?on=2026-03-02", token=narrow).status_code == 200
    assert get(house, "metrics/dau?on=2026-03-02&people=true", token=narrow).status_code == 403


def test_the_list_of_metrics_is_the_declared_one(house):
    items = get(house, "metrics").json()["items"]

    assert [item["key"] for item in items] == [entry.key for entry in catalog.collect("metrics")]
    changed = {item["key"]: [one["version"] for one in item["changes"]] for item in items if item["changes"]}
    assert changed == {f"lifecycle.{part}": [2] for part in ("returning", "resurrecting", "dormant")}


def test_readings_are_the_kept_daily_values(house):
    answer = get(
        house, f"readings?metric=dau&community={house.community.pk}&from=2026-03-01&to=2026-03-04"
    ).json()

    assert [(row["day"], row["value"]) for row in answer["days"]] == [
        ("2026-03-01", 0.0),
        ("2026-03-02", 2.0),
        ("2026-03-03", 0.0),
        ("2026-03-04", 1.0),
    ]


@pytest.mark.parametrize("everybody", ["", "&everybody=true"])
def test_readings_of_a_region_and_of_its_communities_are_the_metrics_of_each_day(everybody):
    tea = tea_house(people=("阿青", "小周", "老吴", "阿禾"), communities=2)
    region = node(tea, "华东")
    hang(tea, region, *tea.communities)
    token = brands.issue_token(tea.staff(), name="t", scopes=["numbers.read"], at=tea.now)
    asked = f"from={iso(tea.today - 22)}&to={iso(tea.today)}&by=day{everybody}"

    def told(path: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return Client().get(f"{ROOT}brands/tea/{path}&{asked}", headers=headers).json()

    kept = set(Reading.objects.filter(brand=tea.brand).values_list("metric", flat=True))
    keys = kept & {entry.key for entry in catalog.collect("metrics")}
    asked_of = [(place.pk, key) for place in (region, *tea.communities) for key in sorted(keys)]
    days = {one: told(f"readings?metric={one[1]}&community={one[0]}")["days"] for one in asked_of}
    rows = {one: told(f"metrics/{one[1]}?community={one[0]}")["rows"] for one in asked_of}

    values = {one: [day["value"] for day in answer] for one, answer in days.items()}
    assert values == {one: [row["value"] for row in answer] for one, answer in rows.items()}
    assert max(value or 0 for value in values[region.pk, "dau"]) == 3  # the last never speaks


def test_staff_bots_and_tests_are_out_unless_everybody_is_asked_for(house):
    def told(more: str) -> list[object]:
        place = f"community={house.community.pk}&from=2026-03-02&to=2026-03-02{more}"
        one = get(house, f"metrics/dau?{place}&people=true").json()
        kept = get(house, f"readings?metric=dau&{place}").json()
        cohorts = get(house, f"retention?by=message&step=day&columns=1&{place}").json()
        states = [answer["everybody"] for answer in (one, kept, cohorts)]
        return [
            one["rows"][0]["value"],
            len(one["people"]),
            kept["days"][0]["value"],
            cohorts["rows"][0]["size"],
            states,
        ]

    before = told("")
    mark_bot(house.members[0], is_bot=True, at=AT, by=house.first)
    bring_up_to_date(house.brand, at=dt.datetime.now(dt.UTC))

    assert told("") == [1, 1, 1.0, 1, [False] * 3]
    assert told("&everybody=true") == [*before[:4], [True] * 3]
    assert before[0] == 2


def test_readings_of_the_whole_brand_are_not_for_a_narrow_data_scope(house):
    assert get(house, "readings?metric=dau", token="narrow").status_code == 422


def test_the_retention_triangle_has_no_partial_cells(house):
    answer = get(house, "retention?step=day&columns=4&from=2026-03-01&to=2026-03-01").json()

    assert answer["rows"] == [
        {
            "first": "2026-03-01",
            "last": "2026-03-01",
            "size": 2,
            "cells": [
                {"active": 0, "size": 2, "share": 0.0},
                {"active": 2, "size": 2, "share": 1.0},
                {"active": 0, "size": 2, "share": 0.0},
                {"active": 1, "size": 2, "share": 0.5},
            ],
        }
    ]


def test_each_cell_of_the_triangle_names_its_people_in_every_variant(house):
    one = [
        get(
            house, f"retention?step=day&columns=4&from=2026-03-01&to=2026-03-01&people=true&variant={name}"
        ).json()["rows"][0]["cells"]
        for name in ("exact", "rolling", "bracket")
    ]

    exact, rolling, bracket = ([cell["active"] for cell in cells] for cells in one)
    assert (exact, rolling) == ([0, 2, 0, 1], [2, 2, 1, 1])
    assert bracket == [None, None, None]
    assert [cell["people"] and len(cell["people"]) for cells in one for cell in cells if cell["people"]] == [
        *(2, 1),
        *(2, 2, 1, 1),
    ]
    assert {member for cells in one for cell in cells for member in cell["people"] or []} == {
        member.pk for member in house.members[:2]
    }


@pytest.mark.parametrize(("query", "status"), [("variant=sometimes", 422), ("people=true", 403)])
def test_a_triangle_that_may_not_be_is_refused(house, query, status):
    token = token_with(house, "numbers.read")

    assert get(house, f"retention?step=day&{query}", token=token).status_code == status


def test_members_come_page_by_page_each_once(house):
    found, cursor = [], ""
    for _page in range(5):
        answer = get(house, f"members?limit=1&cursor={cursor}").json()
        found += [item["id"] for item in answer["items"]]
        cursor = answer["next"] or ""
        if not cursor:
            break

    assert found == [member.pk for member in house.members[:2]]  # the third is merged into the first


def test_names_and_accounts_are_masked_without_the_permission(house):
    veiled = token_with(house, "members.read")
    pk = house.members[1].pk

    open_card, masked = get(house, f"members/{pk}").json(), get(house, f"members/{pk}", token=veiled).json()

    assert (open_card["name"], [row["value"] for row in open_card["accounts"]]) == ("小周", ["u2"])
    assert (masked["name"], [row["value"] for row in masked["accounts"]]) == ("小**", ["****"])
    assert "小周" not in str(masked)


def test_a_member_card_tells_communities_stays_and_tags(house):
    card = get(house, f"members/{house.members[0].pk}").json()

    assert (card["communities"], card["tags"]) == ([house.community.pk], ["老客"])
    assert {stay["community"] for stay in card["stays"]} == {house.community.pk}
    assert len(card["accounts"]) == 2


def test_a_narrow_data_scope_sees_its_own_communities_and_members_only(house):
    other = Community.objects.exclude(pk=house.community.pk).get(brand=house.brand)

    communities = get(house, "communities", token="narrow").json()["items"]

    assert [row["id"] for row in communities] == [other.pk]
    assert get(house, "members", token="narrow").json() == {"items": [], "next": None}
    assert get(house, f"metrics/dau?community={house.community.pk}", token="narrow").status_code == 404


def test_imports_jobs_and_audiences_are_listed(house):
    assert [row["id"] for row in get(house, "imports").json()["items"]] == [house.batch.pk]
    assert get(house, f"imports/{house.batch.pk}").json()["state"] == "done"
    assert house.waiting.pk in [row["id"] for row in get(house, "jobs").json()["items"]]
    assert get(house, f"jobs/{house.export.pk}").json()["state"] == "done"
    assert [(row["name"], row["size"]) for row in get(house, "audiences").json()["items"]] == [("老客", 2)]


def test_findings_are_listed_with_their_numbers(house):
    pk = house.finding()

    (item,) = get(house, "findings?open=true").json()["items"]

    assert item == get(house, f"findings/{pk}").json()
    assert (item["id"], item["community"], item["opened_on"]) == (pk, house.community.pk, "2026-03-09")
    assert get(house, "findings", token="narrow").json()["items"] == []


def test_a_token_tells_its_brand_role_and_what_it_may(house):
    answer = Client().get(f"{ROOT}brands", headers={"Authorization": f"Bearer {house.tokens['none']}"}).json()

    assert answer == [{"slug": "a", "name": "茶", "zone": "Asia/Shanghai", "role": "owner", "scopes": []}]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("brands/a/members?cursor=nonsense", 422, "api.bad_cursor"),
        ("brands/a/members?limit=many", 422, "api.bad_request"),
        ("brands/a/metrics/nothing", 404, "metrics.unknown"),
        ("brands/a/metrics/dau?on=yesterday", 422, "metrics.bad_date"),
        ("brands/a/members/999999", 404, "members.not_found"),
        ("brands/b/members", 404, "brands.not_found"),
        ("nowhere", 404, "brands.not_found"),
    ],
)
def test_every_refusal_is_a_problem_with_a_code(house, path, status, code):
    answer = Client().get(ROOT + path, headers={"Authorization": f"Bearer {house.tokens['all']}"})

    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert body["title"] != code


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer qy_wrong", "Basic abc", "qy_wrong"])
def test_without_a_valid_token_nothing_is_answered(house, header):
    answer = Client().get(f"{ROOT}brands", headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer["WWW-Authenticate"], answer.json()["code"]) == (
        401,
        "Bearer",
        "api.no_token",
    )


def test_a_revoked_token_and_a_dismissed_colleagues_token_are_out_at_once(house):
    extra = token_with(house, "numbers.read")
    brands.revoke_token(ApiToken.objects.get(name=extra), at=AT, by=house.first)
    brands.dismiss(Staff.objects.get(brand=house.brand, account=house.limited), at=AT, by=house.first)

    assert get(house, "communities", token=extra).status_code == 401
    assert get(house, "communities", token="narrow").status_code == 401


def test_a_role_made_smaller_makes_its_tokens_smaller(house):
    brands.appoint(house.brand, account=house.limited, role="volunteer", at=AT, by=house.first, reach=[])

    assert get(house, "communities", token="narrow").status_code == 403


def test_too_many_calls_a_minute_are_told_when_to_come_back(house, monkeypatch):
    monkeypatch.setattr(access, "CALLS_A_MINUTE", 0)

    answer = get(house, "communities")

    assert (answer.status_code, answer.json()["code"], answer.json()["details"]["limit"]) == (
        429,
        "api.too_many",
        0,
    )
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_calls_are_counted_over_all_processes_in_the_database(house):
    at = dt.datetime(2026, 3, 9, 2, 0, 5, tzinfo=dt.UTC)

    counts = [count_call(house.token, at=at + dt.timedelta(seconds=more)) for more in (0, 10, 54, 55)]

    assert counts == [1, 2, 3, 1]


def test_a_session_of_the_console_opens_no_operation(house):
    client = Client()
    client.force_login(house.owner, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(f"{ROOT}brands/a/members").status_code == 401


def test_the_schema_lists_every_operation_and_needs_no_token(house):
    schema = Client().get(f"{ROOT}openapi.json").json()

    told = {one["operationId"] for path in schema["paths"].values() for one in path.values()}
    assert told == {operation.name for operation in OPERATIONS}
    assert all(path.startswith("/api/v1/") for path in schema["paths"])


def test_the_schema_says_where_people_are_read_in_full_and_that_it_takes_a_reason(house):
    schema = Client().get(f"{ROOT}openapi.json").json()

    told = {
        one["operationId"]: one.get("description", "")
        for path in schema["paths"].values()
        for one in path.values()
    }
    assert {name for name, text in told.items() if "reason" in text and "log" in text} == {
        "api_members_disclosed",
        "api_member_disclosed",
    }
    scope = schema["components"]["securitySchemes"]["Bearer"]["description"]
    assert "members.personal" in scope and "reason and is logged" in scope


def test_a_cursor_of_another_make_is_refused(house):
    forged = base64.urlsafe_b64encode(b"before 3").decode()

    assert get(house, f"members?cursor={forged}").status_code == 422
