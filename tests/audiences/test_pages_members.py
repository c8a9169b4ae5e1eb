"""The list of members: filters, bulk deeds, exports, and the card of one."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from qunying.audiences.models import Audience
from qunying.brands.models import AuditEntry
from qunying.kit import days
from qunying.members.actions import Account, mark_bot, mark_staff, meet
from qunying.members.models import Member, MemberTag, Merge
from qunying.metrics.asking import Asker
from tests.metrics.house import HOSTILE, House, build, iso

pytestmark = pytest.mark.django_db

PEOPLE = ("阿青", "小周", "老吴", "阿禾", "沉默的人")


@pytest.fixture
def house() -> House:
    return build(people=PEOPLE, communities=2)


def names(answer) -> list[str]:
    return [row.name for row in answer.context["rows"]]


def table(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_latest_to_join_stand_first_and_the_order_can_be_turned(house):
    client = house.client()

    assert names(client.get(house.url("members/"))) == list(reversed(PEOPLE))
    assert names(client.get(house.url("members/"), {"sort": "joined"}))[-1] in PEOPLE
    assert names(client.get(house.url("members/"), {"sort": "-said"}))[:2] == ["小周", "阿青"]


def test_each_filter_keeps_whom_it_names(house):
    client, end = house.client(), house.today - 1
    asked = {
        "q=阿": {"阿青", "阿禾"},
        "q=wm00000001": {"小周"},
        "q=100%": set(),
        "stage=silent": set(),
        "stage=dormant": {"沉默的人"},
        f"joined_from={iso(end)}": set(),
        f"joined_to={iso(end)}": set(PEOPLE),
        f"active_from={iso(end)}": set(PEOPLE[:-1]),
        f"active_to={iso(end - 1)}": set(),
        f"c={house.communities[1].pk}": {"小周", "阿禾"},
        "q=阿&stage=active": {"阿青", "阿禾"},
    }

    assert {query: set(names(client.get(house.url(f"members/?{query}")))) for query in asked} == asked


def test_stage_tiles_say_what_their_filter_lists_and_what_the_metric_counts(house):
    client, end = house.client(), house.today - 1
    asker = Asker(house.brand, house.communities, at=house.now)

    for tile in client.get(house.url("members/")).context["tiles"]:
        listed = client.get(tile["url"]).context["page"].paginator.count
        counted = asker.ask(f"stage.{tile['key']}", end, end).numerator
        assert (tile["key"], tile["count"], listed) == (tile["key"], counted, counted)


def test_staff_and_bots_stand_apart(house):
    owner = house.staff()
    mark_bot(Member.objects.get(name="阿青"), is_bot=True, at=house.now, by=owner)
    mark_staff(Member.objects.get(name="小周"), from_on=days.date(house.today - 30))
    client = house.client()

    assert set(names(client.get(house.url("members/")))) == {"老吴", "阿禾", "沉默的人"}
    assert names(client.get(house.url("members/?who=bot"))) == ["阿青"]
    assert names(client.get(house.url("members/?who=staff"))) == ["小周"]
    assert len(names(client.get(house.url("members/?who=all")))) == 5


@pytest.mark.parametrize("query", ["stage=nobody", "sort=name", "size=7", "joined_from=tomorrow", "who=me"])
def test_a_filter_that_means_nothing_is_refused(house, query):
    assert house.client().get(house.url(f"members/?{query}")).status_code == 422


def test_everybody_who_fits_gets_the_tag_and_loses_it_again(house):
    client = house.client()

    client.post(house.url("members/tags/"), {"every": "1", "filter": "q=阿", "tag": "老茶客"})
    tagged = set(MemberTag.objects.filter(tag__name="老茶客").values_list("member__name", flat=True))
    listed = set(names(client.get(house.url("members/?tag=老茶客"))))
    client.post(house.url("members/tags/"), {"every": "1", "filter": "", "tag": "老茶客", "off": "1"})

    assert (tagged, listed) == ({"阿青", "阿禾"}, {"阿青", "阿禾"})
    assert MemberTag.objects.count() == 0


def test_only_ticked_people_within_reach_are_tagged(house):
    near = house.client("moderator", reach=[house.communities[1].pk])
    ids = ",".join(str(pk) for pk in house.members.values())

    near.post(house.url("members/tags/"), {"ids": ids, "filter": "", "tag": "老茶客"})

    assert set(MemberTag.objects.values_list("member__name", flat=True)) == {"小周", "阿禾"}


def test_nobody_chosen_is_refused_and_writes_nothing(house):
    answer = house.client().post(house.url("members/tags/"), {"ids": "", "filter": "", "tag": "老茶客"})

    assert answer.status_code == 422
    assert MemberTag.objects.count() == 0


@pytest.mark.parametrize("query", ["", "q=阿", "stage=dormant", "c={c}"])
def test_a_comma_file_holds_exactly_the_list(house, query):
    client, query = house.client(), query.format(c=house.communities[1].pk)

    lines = table(
        client.post(
            house.url("members/export/"), {"every": "1", "filter": query, "form": "csv", "reason": "回访"}
        )
    )

    assert [line[1] for line in lines[1:]] == names(client.get(house.url(f"members/?{query}")))


def test_a_workbook_holds_the_same_as_the_comma_file(house, tmp_path):
    client = house.client()
    asked = {"every": "1", "filter": ""}
    path = tmp_path / "members.xlsx"

    path.write_bytes(
        b"".join(
            client.post(
                house.url("members/export/"), {**asked, "form": "xlsx", "reason": "回访"}
            ).streaming_content
        )
    )
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()

    expected = table(client.post(house.url("members/export/"), {**asked, "form": "csv", "reason": "回访"}))
    as_text = [[str(int(cell)) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    assert as_text == expected


def test_cells_that_a_spreadsheet_would_run_are_made_harmless():
    house = build(people=(*HOSTILE, "末位"))

    lines = table(
        house.client().post(
            house.url("members/export/"), {"every": "1", "filter": "", "form": "csv", "reason": "回访"}
        )
    )

    assert {line[1] for line in lines[1:]} >= {"'=HYPERLINK(1)", "'@SUM(1)", "<script>alert(1)</script>"}


def test_an_export_is_logged_with_its_filter_but_not_with_what_was_typed_to_find_somebody(house):
    """The log is never changed, so no name may get into it that could not be erased again."""
    today = iso(house.today)
    answer = house.client().post(
        house.url("members/export/"),
        {"every": "1", "filter": f"q=阿&joined_to={today}", "form": "csv", "reason": "回访"},
    )
    table(answer)

    entry = AuditEntry.objects.filter(brand=house.brand, deed="members.exported").get()
    assert entry.after == {
        "people": 2,
        "form": "csv",
        "filter": {"q": "…", "joined_to": today},
        "every": True,
        "reason": "回访",
    }


def test_names_and_accounts_are_masked_without_the_right_to_personal_data(house):
    analyst, owner = house.client("analyst"), house.client()

    masked = analyst.get(house.url("members/")).content.decode()

    assert [name for name in PEOPLE if f"<bdi>{name}</bdi>" in masked] == []
    assert "wm00000001" not in masked
    assert "wm…0001" in masked
    assert "wm00000001" in owner.get(house.url("members/")).content.decode()
    assert names(analyst.get(house.url("members/?q=wm00000001"))) == []


def test_the_list_keeps_within_its_queries(house):
    client = house.client()
    client.get(house.url("members/"))

    with CaptureQueriesContext(connection) as asked:
        client.get(house.url("members/"))

    assert len(asked) <= 8


def test_filter_parts_are_fragments_of_the_same_page(house):
    answer = house.client().get(house.url("members/?q=阿"), headers={"HX-Request": "true"})

    assert 'id="list"' in answer.content.decode()
    assert {"label": "搜索：阿", "url": house.url("members/?")} in answer.context["chips"]


# -- the card ---------------------------------------------------------------------------------------------------


def test_the_card_tells_stage_communities_and_history(house):
    client, pk = house.client(), house.members["wm00000001"]

    card = client.get(house.url(f"members/{pk}/"))
    reasons = client.get(house.url(f"members/{pk}/stage/")).context["reasons"]
    stays = client.get(house.url(f"members/{pk}/communities/")).context["stays"]

    assert card.context["member"]["name"] == "小周"
    assert {moment.label for moment in card.context["moments"]} == {"发言", "入群"}
    assert {(why.community, why.stage) for why in reasons} == {("茶友群1", "active"), ("茶友群2", "active")}
    assert {(stay.community.name, stay.source) for stay in stays} == {
        ("茶友群1", "扫码入群"),
        ("茶友群2", "扫码入群"),
    }


def test_the_reason_of_a_stage_is_the_list_s_stage_for_everybody(house):
    client = house.client()

    for row in client.get(house.url("members/")).context["rows"]:
        reasons = client.get(house.url(f"members/{row.pk}/stage/")).context["reasons"]
        assert row.stage in {why.stage for why in reasons}
        assert all([rule.stage for rule in why.rules if rule.holds] == [why.stage] for why in reasons)


def test_a_fragment_of_the_card_has_no_frame(house):
    pk = house.members["wm00000001"]

    part = (
        house.client().get(house.url(f"members/{pk}/stage/"), headers={"HX-Request": "true"}).content.decode()
    )

    assert "<html" not in part
    assert "从上到下逐条判断" in part


def test_likely_doubles_are_suggested_never_merged_and_a_merge_can_be_taken_back(house):
    twin = meet(house.brand, [Account("qq", "", "10001", name="老吴")], batch=None, at=house.now)[
        ("qq", "", "10001")
    ]
    client, pk = house.client(), house.members["wm00000002"]

    likely = client.get(house.url(f"members/{pk}/accounts/")).context["likely"]
    assert [(row["pk"], row["score"], list(row["reasons"])) for row in likely] == [
        (twin, 60, ["昵称相同", "这个昵称只有两位在用"])
    ]
    assert Merge.objects.count() == 0

    client.post(house.url(f"members/{pk}/merges/"), {"other": twin})
    done = Merge.objects.get()
    assert (done.root_id, done.member_id, done.score) == (pk, twin, 60)
    assert client.get(house.url(f"members/{twin}/")).context["one"].root.pk == pk

    client.post(house.url(f"merges/{done.pk}/undone/"))
    assert client.get(house.url(f"members/{twin}/")).context["one"].root.pk == twin


def test_two_accounts_on_one_platform_speak_against_a_merge(house):
    account = Account("wecom.external_userid", "corp", "wm99999999", name="老吴")
    meet(house.brand, [account], batch=None, at=house.now)

    likely = (
        house.client().get(house.url(f"members/{house.members['wm00000002']}/accounts/")).context["likely"]
    )

    assert likely == []


@pytest.mark.parametrize("path", ["members/{pk}/", "members/{pk}/stage/", "members/{pk}/nothing/"])
def test_somebody_else_s_member_is_not_found(house, path):
    other = build("other")
    strange = path.format(pk=other.members["wm00000000"])
    far = path.format(pk=house.members["wm00000000"])

    assert house.client().get(house.url(strange)).status_code == 404
    assert house.client("moderator", reach=[house.communities[1].pk]).get(house.url(far)).status_code == 404


@pytest.mark.parametrize(
    ("role", "path", "data"),
    [
        ("support", "members/tags/", {"every": "1", "filter": "", "tag": "x"}),
        ("analyst", "members/export/", {"every": "1", "filter": ""}),
        ("support", "audiences/new/", {"every": "1", "filter": "", "name": "x"}),
        ("analyst", "members/{pk}/bot/", {}),
        ("analyst", "members/{pk}/merges/", {"other": "1"}),
    ],
)
def test_a_role_too_small_changes_nothing(house, role, path, data):
    path = path.format(pk=house.members["wm00000000"])

    answer = house.client(role).post(house.url(path), data)

    assert answer.status_code == 403
    assert (MemberTag.objects.count(), Audience.objects.count(), Merge.objects.count()) == (0, 0, 0)
    assert Member.objects.filter(is_bot=True).count() == 0


def test_hostile_names_stay_text_on_list_and_card():
    house = build(people=(*HOSTILE, "末位"))
    client = house.client()

    pages = [client.get(house.url("members/"))]
    pages += [client.get(house.url(f"members/{pk}/")) for pk in house.members.values()]

    for page in pages:
        text = page.content.decode()
        assert "<script>alert" not in text
        assert ">49<" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0].content.decode()
    assert "<bdi>{{7*7}}</bdi>" in pages[0].content.decode()


def test_the_palette_finds_people_by_name_within_reach(house):
    everywhere, narrow = house.client(), house.client("operator", reach=[house.communities[1].pk])
    palette = everywhere.get(house.url("start/")).context["palette_url"]

    def found(client, text: str) -> set[str]:
        return set(names(client.get(palette, {"quick": 1, "q": text})))

    assert (found(everywhere, "阿"), found(narrow, "阿"), found(everywhere, "")) == (
        {"阿青", "阿禾"},
        {"阿禾"},
        set(),
    )
    assert house.client("volunteer").get(house.url("start/")).context["palette_url"] == ""
