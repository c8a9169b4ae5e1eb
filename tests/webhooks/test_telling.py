"""What happens is told if and only if it happened, once, and without a word or a name of anybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import numpy as np
import orjson
import pytest
from django.db import transaction

from qunying.communities.models import Channel
from qunying.connectors import actions as connectors
from qunying.connectors.beats import settle_all
from qunying.connectors.incoming import Options
from qunying.connectors.live.connector import Payload
from qunying.diagnosis.actions import restate
from qunying.diagnosis.history import Episode
from qunying.diagnosis.watch import places
from qunying.facts.models import Cursor
from qunying.facts.projectors import drive
from qunying.jobs.actions import database_now
from qunying.kit import catalog, days
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from qunying.outbox.outcomes import Outcome, Result
from qunying.webhooks import actions
from qunying.webhooks.kinds import tidings
from qunying.webhooks.models import Delivery
from tests.connectors.live.world import AT, GROUP, open_brand, telegram
from tests.webhooks.world import hooked, tell

pytestmark = pytest.mark.django_db
URL = "https://example.com/told"
HISTORY = """platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text
qq,1,茶友群,,{day} 09:00,u1,阿青,join,
qq,1,茶友群,m1,{day} 10:00,u1,阿青,message,今天喝什么？
"""


def told() -> list[tuple[str, dict[str, object]]]:
    """Kind and data of every delivery, in order."""
    rows = Delivery.objects.order_by("pk").values_list("kind", "body")
    return [(kind, orjson.loads(body)["data"]) for kind, body in rows]


def moved(number: int, *, at: dt.datetime, is_in: bool = True) -> Payload:
    """Telegram's word that somebody has come or gone."""
    who = {"id": 7001, "is_bot": False, "first_name": "林黛玉"}
    change = {
        "chat": {"id": GROUP, "type": "supergroup", "title": "茶友福利群"},
        "from": who,
        "date": int(at.timestamp()),
        "old_chat_member": {"user": who, "status": "left" if is_in else "member"},
        "new_chat_member": {"user": who, "status": "member" if is_in else "left"},
    }
    body = msgspec.json.encode({"update_id": number, "chat_member": change})
    return Payload(f"#{number}", body)


def heard(tea, *payloads: Payload):
    """A connected bot that has heard these."""
    bot = telegram(*tea)
    connectors.hear(bot, payloads, at=database_now())
    settle_all()
    connectors.bind(bot, chat=str(GROUP), community=None, at=AT, by=tea[1])
    settle_all()
    return bot


def test_what_is_rolled_back_is_not_told(tea):
    hooked(tea, URL)

    with pytest.raises(RuntimeError), transaction.atomic():
        tell(tea[0])
        raise RuntimeError("planted")

    assert told() == []


def test_the_same_thing_is_told_once_and_only_to_those_who_asked_for_its_kind(tea):
    hooked(tea, URL, ["import.done"])
    hooked(tea, f"{URL}/2", ["finding.opened"])

    for _ in range(2):
        tell(tea[0], "1")

    assert [(row.webhook.url, row.kind) for row in Delivery.objects.all()] == [(URL, "import.done")]


def test_another_brand_hears_nothing(tea):
    other = open_brand("other")
    hooked(other, URL)

    tell(tea[0])

    assert told() == []


def test_who_comes_and_goes_is_told_with_numbers_and_no_name(tea):
    hooked(tea, URL, ["member.joined", "member.left"])
    now = database_now().replace(microsecond=0)

    heard(tea, moved(1, at=now), moved(2, at=now, is_in=False))

    member, community = Member.objects.get(), Channel.objects.get().community_id
    kinds, data = zip(*told(), strict=True)
    assert kinds == ("member.joined", "member.left")
    assert [(each["member"], each["community"], each["happened_at"]) for each in data] == [
        (member.pk, community, now.isoformat())
    ] * 2
    assert "林黛玉" not in "".join(Delivery.objects.values_list("body", flat=True))


def test_reading_the_log_again_tells_nobody_twice(tea):
    hooked(tea, URL, ["member.joined"])
    heard(tea, moved(1, at=database_now()))

    Cursor.objects.filter(projector="webhooks").update(position=0)
    drive(tea[0])

    assert len(told()) == 1


def test_history_is_not_told_as_if_it_happened_now(tea, tmp_path):
    hooked(tea, URL, ["member.joined"])
    file = tmp_path / "茶友群.csv"
    file.write_text(HISTORY.format(day=database_now().date()), "utf-8")
    connectors.take_files(tea[0], [file], order=connectors.Order(Options()), at=database_now(), by=tea[1])

    heard(tea, moved(1, at=database_now() - dt.timedelta(days=2)))

    assert told() == []


def test_an_import_and_its_undo_are_told_with_counts(tea, tmp_path):
    hooked(tea, URL, ["import.done", "import.undone"])
    file = tmp_path / "茶友群.csv"
    file.write_text(HISTORY.format(day="2025-02-20"), "utf-8")
    order = connectors.Order(Options())
    batch = connectors.take_files(tea[0], [file], order=order, at=AT, by=tea[1])[0]
    connectors.undo(batch, at=AT, by=tea[1])

    counts = {"files": 1, "messages": 1, "members": 1, "joins": 1, "leaves": 0, "new": 2}
    assert told() == [
        ("import.done", {"import": batch.pk, **counts}),
        ("import.undone", {"import": batch.pk}),
    ]


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (Result.SENT, "sending.sent"),
        (Result.REJECTED, "sending.failed"),
        (Result.UNKNOWN, "sending.failed"),
        (Result.PENDING, None),
        (Result.THROTTLED, None),
    ],
)
def test_what_became_of_a_sending_is_told_when_it_is_written_down(tea, result, kind):
    hooked(tea, URL, ["sending.sent", "sending.failed"])
    bot = heard(tea, moved(1, at=database_now()))
    channel = bot.seats.get().channel
    wish = outbox.Wish("message.create", {"text": "绝密"})
    outbox.order(channel, wish=wish, key="1", at=database_now())
    row = outbox.claim([channel.pk], now=database_now())
    assert row is not None

    outbox.conclude(row, outcome=Outcome(result, ids=("9",), code="why"), now=database_now())

    data = {
        "sending": row.pk,
        "op": "message.create",
        "community": channel.community_id,
        "channel": channel.pk,
        "state": str(result),
        "code": "why",
        "ids": ["9"],
        "attempts": 1,
        "cause": "",
    }
    assert told() == ([(kind, data)] if kind else [])


def test_what_expires_before_it_leaves_is_told(tea):
    hooked(tea, URL, ["sending.failed"])
    bot = heard(tea, moved(1, at=database_now()))
    past = database_now() - dt.timedelta(minutes=1)
    wish = outbox.Wish("message.create", {"text": "晚了"}, expires_at=past)
    outbox.order(bot.seats.get().channel, wish=wish, key="1", at=past)

    gone = outbox.expire(now=database_now())

    assert (gone, [(kind, data["state"]) for kind, data in told()]) == (1, [("sending.failed", "expired")])
    assert Sending.objects.get().state == "expired"


def test_a_finding_is_told_when_it_opens_and_when_it_closes_and_not_again(tea, tmp_path):
    hooked(tea, URL, ["finding.opened", "finding.closed"])
    file = tmp_path / "茶友群.csv"
    file.write_text(HISTORY.format(day="2025-02-20"), "utf-8")
    connectors.take_files(tea[0], [file], order=connectors.Order(Options()), at=AT, by=tea[1])
    place = places(tea[0], today=days.number(dt.date(2025, 3, 1)))[0]
    nobody = np.array([], dtype=np.int64)
    episode = Episode("activity.fell", place.community, "", 0, 0, None, 2, {}, [], nobody)  # type: ignore[arg-type]  # nothing to draw

    for now in (episode, episode, replace(episode, closed=0), replace(episode, closed=0)):
        restate(tea[0], [(place, [now])])

    kinds = [kind for kind, data in told() if data["detector"] == "activity.fell"]
    assert kinds == ["finding.opened", "finding.closed"]
    assert told()[0][1]["community"] == place.community


def test_every_declared_kind_is_worded_and_named_once():
    declared = catalog.collect("tidings")

    assert len(tidings()) == len(declared) == len({str(entry.label) for entry in declared})
    assert all(str(entry.words) for entry in declared)


def test_erasing_a_person_takes_what_names_them_with_it(tea):
    hooked(tea, URL, ["member.joined", "import.done"])
    heard(tea, moved(1, at=database_now()))
    tell(tea[0])
    member = Member.objects.get()

    gone = actions.forget_person(member, Traces((member.pk,), ()))

    assert (gone, [kind for kind, _data in told()]) == (1, ["import.done"])
