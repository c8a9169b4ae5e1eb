"""The ingest API: what is answered is on disk, what is told twice is there once, what cannot be taken is kept with its
reason. Numbers in brackets are the cases of reliability.md §3."""

from __future__ import annotations

import datetime as dt
import time
from itertools import permutations

import orjson
import pytest

from qunying.brands.actions import issue_token, revoke_token
from qunying.brands.models import ApiToken, Brand
from qunying.communities.models import Membership, Message, Spell
from qunying.connectors import actions
from qunying.connectors.actions import bind, settle
from qunying.connectors.beats import follow_logs, settle_all
from qunying.connectors.incoming import Options
from qunying.connectors.ingest.clerk import Clerk
from qunying.connectors.ingest.door import BATCH_BYTES, ROW_BYTES, _parcel
from qunying.connectors.models import Connection, Inbound
from qunying.facts.marks import FLAGGED_TIME
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.members.actions import erase
from qunying.members.models import Member
from qunying.metrics.models import Reading
from tests.connectors.ingest.asking import NOW, Api, row
from tests.connectors.live.world import AT, open_brand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def api(tea):
    return Api(issue_token(tea[1], name="论坛", scopes=["facts.write"], at=AT))


@pytest.fixture
def bound(api, tea):
    """The forum's group has a community."""
    api.post([row(0)])
    door = Connection.objects.get()
    bind(door, chat="tea", community=None, at=AT, by=tea[1])
    settle(door)
    return api


def test_rows_are_on_disk_when_they_are_answered(bound):
    told = bound.post([row(number) for number in range(1, 4)])

    assert told == (200, {"accepted": 3, "known": 0, "faults": []})
    assert list(Message.objects.order_by("sent_at").values_list("text", flat=True)) == [
        f"第{number}句话" for number in range(4)
    ]
    assert Member.objects.count() == 4


def test_who_spoke_is_in_the_sets_when_the_request_is_answered(bound):
    bound.post([row(1), row(2)])

    assert Membership.objects.exclude(first_message_day=None).count() == 3


def test_numbers_follow_what_was_written(bound):
    bound.post([row(1), row(2)])
    follow_logs()

    assert Reading.objects.get(metric="dau", community=None).value == 3


def test_lines_read_as_an_array_does(bound):
    lines = b"\n".join(orjson.dumps(row(number)) for number in (1, 2)) + b"\n\n"

    assert bound.post(lines) == (200, {"accepted": 2, "known": 0, "faults": []})


def test_the_same_rows_a_thousand_times_are_there_once_8(bound):
    batch = [row(number) for number in range(1, 11)]

    answers = [bound.post(batch) for _ in range(20)]
    answers += bound.post_many([batch] * 80)

    assert {status for status, _told in answers} == {200}
    assert sum(told["accepted"] for _status, told in answers) == 10
    assert Fact.objects.count() == 11


def test_many_requests_at_once_are_each_answered_with_their_own_rows(bound):
    answers = bound.post_many([[row(10 * k + number) for number in range(k)] for k in range(1, 6)])

    assert [told["accepted"] for _status, told in answers] == [1, 2, 3, 4, 5]


def test_of_two_requests_at_once_that_contradict_each_other_one_is_a_conflict_9(bound):
    answers = bound.post_many([[row(1, text=text)] for text in ("先说的", "另一句话")])

    assert sorted((status, told["accepted"]) for status, told in answers) == [(200, 1), (207, 0)]
    assert Fact.objects.count() == 2


def test_requests_written_as_one_tell_apart_what_was_new(bound):
    bound.post([row(1)])

    answers = bound.post_many([[row(1), row(2)], [row(2), row(3)], [row(4, kind="join")]])

    assert sum(told["accepted"] for _status, told in answers) == 3
    assert [told["accepted"] + told["known"] for _status, told in answers] == [2, 2, 1]


def test_who_only_goes_on_talking_makes_nobody_read_all_members_anew(bound, tea):
    bound.post([row(1)])
    before = Brand.objects.get(pk=tea[0].pk).columns

    bound.post([row(8)])

    assert Brand.objects.get(pk=tea[0].pk).columns == before


def test_good_rows_are_taken_beside_bad_ones_each_with_its_reason_1_2_14(bound):
    bad: dict[int, dict[str, object]] = {
        1: {"who": None},
        2: {"kind": "nonsense"},
        3: {"at": 5},
        4: {"at": NOW + 10**12},
        5: {"id": ""},
        6: {"role": "owner"},
        7: {"text": "x" * 20_001},
        8: {"at": 2**60},
    }
    rows = [row(number, **bad.get(number, {})) for number in range(1, 10)]

    status, told = bound.post(rows)

    assert (status, told["accepted"]) == (207, 1)
    assert [(fault["row"], fault["code"]) for fault in told["faults"]] == [
        (0, "connectors.bad_row"),
        (1, "connectors.bad_row"),
        (2, "connectors.time_out_of_range"),
        (3, "connectors.time_out_of_range"),
        *((place, "connectors.bad_row") for place in (4, 5, 6, 7)),
    ]
    assert Inbound.objects.filter(state="poison").count() == 8


def test_the_same_id_with_other_words_is_a_conflict_and_the_first_stays_9(bound):
    bound.post([row(1)])
    before = list(Fact.objects.order_by("pk").values())

    status, told = bound.post([row(1, text="改了的话!"), row(2)])

    assert (status, told["accepted"], told["faults"]) == (207, 1, [{"row": 0, "code": "connectors.conflict"}])
    assert list(Fact.objects.order_by("pk").values())[:2] == before
    assert Inbound.objects.get(state="poison").reason == "connectors.conflict"


def test_a_sender_whose_clock_is_ahead_may_tell_it_again_12(bound):
    at = days.utc_ms(database_now()) + 20 * 60_000
    ahead = row(1, at=at)

    assert bound.post([ahead]) == (200, {"accepted": 1, "known": 0, "faults": []})
    assert bound.post([ahead]) == (200, {"accepted": 0, "known": 1, "faults": []})
    fact = Fact.objects.latest("pk")
    assert (fact.marks & FLAGGED_TIME, fact.happened_at < at) == (FLAGGED_TIME, True)


def test_an_edit_is_no_conflict_and_its_text_counts(bound):
    bound.post([row(1)])

    told = bound.post([row(1, text="改过的话", edited_at=NOW + 60_000)])

    assert told == (200, {"accepted": 1, "known": 1, "faults": []})
    assert Message.objects.get(text="改过的话")


def test_rows_of_a_group_without_a_community_are_held_and_read_once_it_has_one_15(api, tea):
    status, told = api.post([row(1), row(2)])
    nothing = Fact.objects.count()
    bind(Connection.objects.get(), chat="tea", community=None, at=AT, by=tea[1])
    settle_all()

    assert (status, {fault["code"] for fault in told["faults"]}, nothing) == (
        207,
        {"connectors.chat_unbound"},
        0,
    )
    assert Fact.objects.count() == 2


@pytest.mark.parametrize(
    "body", [b"[{", b"[1, 2", b"[" * 100_000, b"[" + b'{"a":' * 100_000, b"not json at all", b"{}"]
)
def test_broken_json_is_refused_at_once_and_nothing_is_stored_1_4(bound, body):
    began = time.monotonic()
    status, told = bound.post(body)

    assert (status, time.monotonic() - began < 2) == (status, True)
    assert status in (400, 207)
    assert told.get("accepted", 0) == 0
    assert Fact.objects.count() == 1


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e400", b"1" * 5000])
def test_numbers_that_are_none_are_refused_5(bound, number):
    body = orjson.dumps([row(1, at=0)]).replace(b'"at":0', b'"at":' + number)

    status, _told = bound.post(body)

    assert status in (400, 207)
    assert Fact.objects.count() == 1


@pytest.mark.parametrize(
    ("twice", "field"),
    [
        (b'"id":"m1","id":"m2"', "id"),
        (b'"id":"m1", "id" :"m1"', "id"),
        (b'"id":"m1","other":{"scheme":"forum.user","value":"u1","value":"u2"}', "value"),
    ],
)
def test_a_field_that_is_said_twice_is_refused_by_its_name_and_the_other_rows_are_taken_6(
    bound, twice, field
):
    body = orjson.dumps([row(1), row(2)]).replace(b'"id":"m1"', twice)

    status, told = bound.post(body)

    assert (status, told["accepted"]) == (207, 1)
    assert told["faults"] == [
        {"row": 0, "code": "connectors.bad_row", "words": f"Object contains field `{field}` twice"}
    ]


def test_two_accounts_in_one_row_and_words_that_look_like_fields_are_no_field_said_twice_6(bound):
    other = {"scheme": "forum.user", "value": "u9", "name": "茶友九"}
    words = '他说 "id": 1, "id": 2，还有 \\"id\\":'

    assert bound.post([row(1, other=other, text=words)]) == (200, {"accepted": 1, "known": 0, "faults": []})


def moved(kind: str, day: int) -> dict[str, object]:
    """Somebody who comes or goes, so many days ago."""
    at = NOW - day * 86_400_000
    who = {"scheme": "forum.user", "value": "mover", "name": "来去"}
    return row(0, id=f"{kind}{day}", kind=kind, at=at, who=who, text="")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_who_is_in_the_group_follows_when_things_happened_not_when_they_were_told_10(bound, order):
    life = [moved("join", 9), moved("leave", 7), moved("join", 5)]

    for place in order:
        bound.post([life[place]])

    stays = Spell.objects.filter(membership__member__name="来去").order_by("joined_at")
    came, went, back = (each["at"] for each in life)
    assert list(stays.values_list("joined_at", "left_at")) == [(came, went), (back, None)]


def test_what_comes_three_days_late_counts_for_its_own_day_11(bound):
    bound.post([row(1), row(2, at=NOW - 3 * 86_400_000)])
    follow_logs()
    before = readings()
    late = {"scheme": "forum.user", "value": "late", "name": "迟来"}
    bound.post([row(3, at=NOW - 3 * 86_400_000 + 60_000, who=late)])
    follow_logs()

    after = readings()
    old = min(before)
    assert after == {**before, old: before[old] + 1}


def readings() -> dict[int, float]:
    """Active members of each day on which there were some."""
    rows = Reading.objects.filter(metric="dau", community=None, value__gt=0)
    return {day: value or 0 for day, value in rows.values_list("day", "value")}


def test_letters_no_database_holds_are_the_same_on_both_7(bound):
    body = orjson.dumps([row(1, text="@"), row(2, id="@")]).replace(b"@", b"a\\u0000b")

    assert bound.post(body)[1]["accepted"] == 2
    assert Message.objects.filter(text="a�b").count() == 1
    assert bound.post(b'[{"id":"\\ud800"}]')[0] in (400, 207)


def test_too_large_a_row_or_batch_is_refused_whole_3(bound):
    large = row(1, emoji="x" * ROW_BYTES)

    assert bound.post([row(2), large])[0] == 413
    assert bound.post(b"x", **{"content-length": str(BATCH_BYTES + 1)})[0] == 413
    assert bound.post(b"x" * (BATCH_BYTES + 1), **{"content-length": "10"})[0] == 413
    assert Fact.objects.count() == 1


def test_only_a_living_token_that_may_write_facts_writes(bound, tea):
    reader = issue_token(tea[1], name="只读", scopes=["numbers.read"], at=AT)

    refused = [bound.post([row(1)], token=token)[0] for token in ("", "nonsense", reader)]
    revoke_token(ApiToken.objects.get(name="论坛"), at=AT, by=tea[1])

    assert [*refused, bound.post([row(1)])[0]] == [401, 401, 401, 401]
    assert Fact.objects.count() == 1


def test_two_brands_with_the_same_rows_stay_apart(bound):
    other, chief = open_brand("rival")
    rival = Api(issue_token(chief, name="r", scopes=["facts.write"], at=AT))
    bound.post([row(1)])

    status, told = rival.post([row(1)])

    assert (status, told["faults"][0]["code"]) == (207, "connectors.chat_unbound")
    assert not Fact.objects.filter(brand=other.pk).exists()


def test_what_the_api_wrote_is_what_a_file_with_the_same_rows_brings(bound, tea, tmp_path):
    bound.post([row(number) for number in range(1, 6)])
    before = list(Fact.objects.order_by("pk").values("source_key", "happened_at", "value", "marks"))
    path = tmp_path / "forum.csv"
    path.write_text(
        "platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text\n"
        + "".join(
            f"forum,tea,tea,m{n},{1740787200 + n},u{n % 7},茶友{n % 7},message,第{n}句话\n" for n in range(6)
        ),
        "utf-8",
    )
    actions.take_files(tea[0], [path], order=actions.Order(Options(zone="UTC")), at=AT)

    assert list(Fact.objects.order_by("pk").values("source_key", "happened_at", "value", "marks")) == before


def test_a_person_erased_meanwhile_does_not_come_back_through_what_is_remembered(bound, tea):
    bound.post([row(1)])
    member = Member.objects.get(identities__value="u1")
    erase(member, at=AT, by=tea[1])

    bound.post([row(8)])  # u1 again

    assert not Member.objects.filter(name="茶友1").exists()
    assert Fact.objects.filter(member=member.pk).count() == 1


def test_requests_written_as_one_do_not_count_what_an_erased_person_said(bound, tea):
    bound.post([row(1)])
    erase(Member.objects.get(identities__value="u1"), at=AT, by=tea[1])

    answers = together(bound, [[row(2), row(8)], [row(2), row(3), row(8)]])  # 8 is u1's

    assert answers == [(1, 0), (1, 1)]


def together(api: Api, bodies: list[list[dict[str, object]]]) -> list[tuple[int, int]]:
    """New and known rows of each request, written in one transaction."""
    parcels = [_parcel(api.token, orjson.dumps(body)) for body in bodies]
    Clerk().take(parcels, at=AT + dt.timedelta(days=1))
    return [(parcel.accepted, parcel.known) for parcel in parcels]


def test_thousands_of_rows_written_as_one_are_each_counted_for_their_own_request(bound):
    first, second = [row(n) for n in range(1, 1501)], [row(n) for n in range(1001, 2601)]

    assert together(bound, [first, second]) == [(1500, 0), (1100, 500)]
    assert together(bound, [second, first]) == [(0, 1600), (0, 1500)]
