"""An operator writes a message in the console: it is looked at first, goes out once, and what stands in its way is said
beforehand."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qunying.brands.actions import appoint, change_brand, open_account
from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.models import Channel
from qunying.connectors import actions
from qunying.connectors.delivering import deliver
from qunying.connectors.listening import Mouth, _kinds
from qunying.connectors.live.onebot import ONEBOT
from qunying.connectors.live.wecom.people import back_end, contacts
from qunying.connectors.models import Connection, Seat
from qunying.demo.simulators.onebot import OneBot
from qunying.jobs.actions import database_now
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live import onebot_world as qq_world
from tests.connectors.live.talks import eventually, talking
from tests.connectors.live.test_delivering import bot, platform, said, tea, wire
from tests.connectors.live.wecom.world import CORP, KEYS
from tests.connectors.live.world import AT, telegram

__all__ = ["bot", "platform", "tea"]
pytestmark = pytest.mark.django_db
HERE = "/b/tea/sendings/new/"
FORM_KEY = "a-form-of-the-page"


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(tea):
    return signed_in(tea[1])


def colleague(
    tea: tuple[Brand, Staff], login: str, *, role: str = "operator", reach: list[int] | None = None
) -> Staff:
    account = open_account(login, password="a long enough word", at=AT)
    return appoint(tea[0], account=account, role=role, at=AT, by=tea[1], reach=reach)


def seated(row: Connection, by: Staff, chat: str, name: str = "茶友群", platform: str = "") -> Channel:
    return actions.seat(row, chat=chat, name=name, community=None, platform=platform, at=AT, by=by)


@pytest.fixture
def channel(tea):
    """A group of a Telegram bot with which nobody talks."""
    return seated(telegram(*tea), tea[1], "-1001")


def filled(*channels: Channel, **told: object) -> dict[str, object]:
    """The form as a browser sends it."""
    chosen = [channel.pk for channel in channels]
    return {"key": FORM_KEY, "text": "今晚八点开奖", "channels": chosen, "when": "now", "lasts": 24, **told}


def confirmed(client: Client, *channels: Channel, **told: object) -> int:
    return client.post(HERE, filled(*channels, step="confirm", **told)).status_code


def faults(client: Client, *channels: Channel, **told: object) -> dict[str, list[str]]:
    """What the form refuses, by field, on either step; nothing is ordered."""
    answers = [client.post(HERE, filled(*channels, step=step, **told)) for step in ("", "confirm")]
    found = [{name: list(each) for name, each in answer.context["form"].errors.items()} for answer in answers]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert (found[0], Sending.objects.count()) == (found[1], 0)
    return found[0]


def test_from_the_console_to_both_groups_once_however_often_it_is_pressed(
    client, bot, platform, tea, settings
):
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    with OneBot(qq_world.OWN, qq_world.TOKEN) as phone:
        phone.open_chat(qq_world.GROUP, "QQ 茶友群")
        qq = qq_world.World(phone)
        groups = [bot.seats.get().channel, qq.row.seats.get().channel]
        shown = client.post(HERE, filled(*groups)).content.decode()
        before = Sending.objects.count()

        codes = [confirmed(client, *groups) for _press in range(3)]
        with talking(ONEBOT, qq.wire):
            eventually(lambda: "socket" in qq.wire.memory)
            for _round in range(2):
                deliver(bot, wire(bot))
                deliver(qq.row, qq.wire)

    ours = [message["message"] for message in phone.messages if message["user_id"] == qq_world.OWN]
    assert ("今晚八点开奖" in shown, before, codes) == (True, 0, [302, 302, 302])
    assert said(platform) == ["今晚八点开奖"]
    assert ours == [[{"type": "text", "data": {"text": "今晚八点开奖"}}]]
    assert [row.state for row in Sending.objects.all()] == ["sent", "sent"]
    written = AuditEntry.objects.filter(brand=tea[0], deed="sending.written")
    assert [(entry.after or {})["count"] for entry in written] == [2]


def test_a_form_that_was_sent_is_not_sent_again_with_other_words_groups_or_time(client, channel):
    first = [confirmed(client, channel, text=text) for text in ("一\r\n二", "一\r\n二")]

    codes = [
        confirmed(client, channel, text="另外的话"),
        confirmed(client, channel, text="一\r\n二", lasts=168),
        confirmed(
            client,
            channel,
            text="一\r\n二",
            when="later",
            at=f"{database_now() + dt.timedelta(days=2):%Y-%m-%dT%H:%M}",
        ),
    ]

    assert (first, codes) == ([302, 302], [409, 409, 409])
    assert [row.params for row in Sending.objects.all()] == [{"text": "一\n二"}]
    assert confirmed(client, channel, text="一\n二", key="another-form-of-it") == 302
    assert Sending.objects.count() == 2


def test_the_preview_says_in_words_what_each_platform_will_do(client, tea):
    brand, chief = tea
    corporation = actions.connect(brand, connector_key="wecom", name="企微", keys=KEYS, at=AT, by=chief)
    program = actions.connect(
        brand,
        connector_key="http",
        name="程序",
        keys={"name": "crm", "secret": f"whsec_{'a' * 40}"},
        at=AT,
        by=chief,
    )
    groups = [seated(corporation, chief, "wr1", "茶友群"), seated(program, chief, "2", "程序里的群")]
    actions.pause(corporation, at=AT, by=chief)

    shown = client.post(HERE, filled(*groups))

    told = {str(fate.target.channel): (fate.word, list(fate.notes)) for fate in shown.context["fates"]}
    assert told == {
        "茶友群": (
            "需员工点发送",
            ["客户群消息须由群主在手机上点“发送”", "不能撤回", "接入“企微”已暂停，恢复后才会发出"],
        ),
        "程序里的群": ("平台不支持", ["这种接入方式没有这一项", "改为：转为员工待办"]),
    }
    assert "选中 1 个，还能群发 1 个" in shown.content.decode()


def test_where_nothing_can_be_said_a_person_is_asked_as_the_preview_promised(client, tea):
    keys = {"name": "crm", "secret": f"whsec_{'a' * 40}"}
    program = actions.connect(tea[0], connector_key="http", name="", keys=keys, at=AT, by=tea[1])
    confirmed(client, seated(program, tea[1], "2"))

    deliver(program, actions.wire_of(program))

    assert Mouth in _kinds(program)
    assert [row.state for row in Sending.objects.all()] == ["unsupported"]
    assert ["今晚八点开奖" in todo.text for todo in Todo.objects.all()] == [True]


def test_a_group_whose_client_knows_no_messages_after_all_is_written_to_by_a_person(client, channel):
    confirmed(client, channel)
    row = outbox.claim([channel.pk], now=database_now())
    assert row is not None

    outbox.conclude(row, outcome=Outcome(Result.UNSUPPORTED), now=database_now())

    assert [todo.sending for todo in Todo.objects.all()] == [row]


def test_what_cannot_be_sent_is_refused_with_its_reason(client, channel, tea):
    robot = actions.connect(
        tea[0], connector_key="wecom_robot", name="", keys={"key": "a" * 20}, at=AT, by=tea[1]
    )
    short = seated(robot, tea[1], "", "内部群")
    yesterday = f"{database_now() - dt.timedelta(days=1):%Y-%m-%dT%H:%M}"

    assert faults(client, channel, text="😀" * 2049) == {
        "text": ["“茶友群”最多 4096 字，多了 2 字；请缩短内容或不选这个群。"]
    }
    assert faults(client, channel, short, text="字" * 700) == {
        "text": ["“内部群”最多 2048 字节，约 682 个汉字，多了 52 字节；请缩短内容或不选这个群。"]
    }
    assert faults(client, text=" ") == {"text": ["请填写要发的内容。"], "channels": ["请至少选择一个群。"]}
    assert faults(client, channel, when="later") == {"at": ["请填写发送时间，或选择立即发送。"]}
    assert faults(client, channel, when="later", at=yesterday) == {
        "at": ["这个时间已经过去，请改成以后的时间，或选择立即发送。"]
    }


def test_a_time_is_the_brands_and_what_is_too_late_does_not_leave(client, channel):
    at = (database_now() + dt.timedelta(days=2)).replace(second=0, microsecond=0)
    told = at.astimezone(ZoneInfo("Asia/Shanghai"))

    shown = client.post(HERE, filled(channel, when="later", at=f"{told:%Y-%m-%dT%H:%M}", lasts=1))
    confirmed(client, channel, when="later", at=f"{told:%Y-%m-%dT%H:%M}", lasts=1)

    row = Sending.objects.get()
    assert "（时区 Asia/Shanghai）" in shown.content.decode()
    assert (row.not_before, row.expires_at) == (at, at + dt.timedelta(hours=1))
    assert outbox.claim([channel.pk], now=database_now()) is None
    assert confirmed(client, channel) == 409


def test_where_the_brand_asks_for_it_somebody_else_says_yes_first(client, bot, platform, tea):
    brand, chief = tea
    change_brand(brand, at=AT, by=chief, name=brand.name, preferences={"send_approvals": 1})
    group = bot.seats.get().channel
    confirmed(client, group)
    deliver(bot, wire(bot))
    before, row = said(platform), Sending.objects.get()
    yes = reverse("sending_approval", args=[brand.slug, row.pk])

    codes = [each.post(yes).status_code for each in (client, signed_in(colleague(tea, "second")))]
    deliver(bot, wire(bot))

    assert (before, row.state, codes) == ([], "approval", [409, 302])
    assert said(platform) == ["今晚八点开奖"]


def test_one_writes_only_to_ones_own_communities_and_only_with_the_permission(tea, channel):
    other = seated(Connection.objects.get(), tea[1], "-1002", "别的群")
    narrow = signed_in(colleague(tea, "narrow", reach=[channel.community_id]))
    volunteer = signed_in(colleague(tea, "volunteer", role="volunteer"))

    offered = [each.channel for each in narrow.get(HERE).context["form"].targets]

    assert offered == [channel]
    assert list(faults(narrow, channel, other)) == ["channels"]
    assert confirmed(volunteer, channel) == 403
    assert "别的群" not in narrow.get(HERE).content.decode()


def test_a_community_page_leads_to_a_form_with_its_groups_ticked(client, channel, tea):
    seated(Connection.objects.get(), tea[1], "-1002", "别的群")
    page = client.get(reverse("community", args=["tea", channel.community_id])).content.decode()
    address = f"{HERE}?community={channel.community_id}"

    assert address in page
    assert client.get(address).context["chosen"] == [channel.pk]


def test_where_a_platform_keeps_friends_or_numbers_nobody_can_be_written_to(client, tea):
    brand, chief = tea
    row = actions.connect(brand, connector_key="wecom", name="", keys=KEYS, at=AT, by=chief)
    for chat in (contacts(CORP), back_end()):
        seated(row, chief, chat.key, chat.name, chat.platform)
    group = seated(row, chief, "wr1")

    assert [each.channel for each in client.get(HERE).context["form"].targets] == [group]


def test_an_earlier_account_that_is_paused_leaves_the_word_to_the_next(client, channel, tea):
    second = telegram(*tea, token="98:another-secret-of-a-bot")
    seated(second, tea[1], channel.key)
    first = Connection.objects.order_by("pk")[0]

    before = client.get(HERE).context["form"].targets
    actions.pause(first, at=AT, by=tea[1])
    after = client.get(HERE).context["form"].targets

    assert [[each.connection for each in found] for found in (before, after)] == [[first], [second]]


def test_a_correction_is_written_from_the_stop_and_leaves_when_another_has_lifted_it(
    client, bot, platform, tea
):
    group, untouched = bot.seats.get().channel, seated(bot, tea[1], "-5", "没收到的群")
    confirmed(client, group, text="今晚七点开奖")
    deliver(bot, wire(bot))
    stop = outbox.stop(tea[0], community=None, reason="时间写错", by=tea[1], at=database_now())
    address = f"{HERE}?stop={stop.pk}"

    stops = client.get(reverse("stops", args=["tea"])).content.decode()
    form = client.get(address).context["form"]
    told = filled(group, text=f"{form['text'].value()}今晚八点开奖", key=form["key"].value())
    preview = client.post(HERE, told).content.decode()
    client.post(HERE, {**told, "step": "confirm"})
    deliver(bot, wire(bot))
    before = said(platform)
    outbox.resume(stop, by=colleague(tea, "second"), at=database_now())
    deliver(bot, wire(bot))

    assert (address in stops, "已停发：先排队，恢复外发后才会发出" in preview) == (True, True)
    assert form["channels"].value() == [group.pk] != [untouched.pk]
    assert before == ["今晚七点开奖"]
    assert said(platform)[1:] == ["【更正】刚才发出的“今晚七点开奖”有误，请以这条为准：\n今晚八点开奖"]


def ended(channel: Channel, result: Result, *, attempts: int = 1) -> Sending:
    """Something that left for the channel and came to this."""
    wish = outbox.Wish("message.create", {"text": "今晚七点开奖"})
    outbox.order(channel, wish=wish, key=f"{channel.key}:{result}", at=AT)
    row = outbox.claim([channel.pk], now=AT)
    assert row is not None
    outbox.depart(row, now=database_now())
    row.attempts = attempts
    outbox.conclude(row, outcome=Outcome(result), now=database_now())
    return row


def test_a_correction_goes_where_something_may_have_arrived_and_says_which_groups_are_out_of_reach(
    client, tea
):
    bot = telegram(*tea)
    refused, cannot, dropped, unknown, dead, sent, gone = (
        seated(bot, tea[1], f"-{number}", f"群{number}") for number in range(1, 8)
    )
    for channel, result in (
        (refused, Result.REJECTED),
        (cannot, Result.UNSUPPORTED),
        (unknown, Result.UNKNOWN),
        (sent, Result.SENT),
        (gone, Result.SENT),
    ):
        ended(channel, result)
    ended(dead, Result.LOST, attempts=99)
    outbox.call_off(ended(dropped, Result.REJECTED), by=tea[1], at=AT)
    Seat.objects.filter(channel=gone).delete()
    stop = outbox.stop(tea[0], community=None, reason="时间写错", by=tea[1], at=database_now())

    left = client.get(reverse("stops", args=["tea"])).context["standing"][0][1]
    page = client.get(f"{HERE}?stop={stop.pk}")

    assert {line.row.channel for line in left} == {unknown, dead, sent, gone}
    assert sorted(page.context["form"]["channels"].value()) == [unknown.pk, dead.pk, sent.pk]
    assert "已不能从这里发消息，请到平台上更正：群7</div>" in page.content.decode()


def test_a_stop_somebody_may_not_see_corrects_nothing(tea, channel):
    stop = outbox.stop(tea[0], community=channel.community, reason="", by=tea[1], at=database_now())
    stranger = signed_in(colleague(tea, "narrow", reach=[]))

    assert stranger.get(f"{HERE}?stop={stop.pk}").status_code == 404


def test_the_form_asks_as_many_questions_for_one_group_as_for_three(client, channel, tea):
    def asked() -> int:
        groups = list(Channel.objects.all())
        with CaptureQueriesContext(
            database,
        ) as found:
            client.get(HERE)
            client.post(HERE, filled(*groups))
        return len(found)

    asked()  # what is read once per process
    one = asked()
    for number in (2, 3):
        seated(Connection.objects.get(), tea[1], f"-100{number}", f"群{number}")

    assert asked() == one
