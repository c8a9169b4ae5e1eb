"""Pictures of a message: chosen on the page, checked by what is in them, seen by few, and told apart from words where a
platform takes only these."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qunying.brands.actions import change_brand
from qunying.brands.models import AuditEntry
from qunying.connectors import actions
from qunying.connectors.delivering import deliver
from qunying.connectors.nightly import purge
from qunying.demo.simulators.robots import DingTalkRobot
from qunying.demo.simulators.server import Reply
from qunying.jobs.actions import database_now
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.outbox import actions as outbox
from qunying.outbox.models import Picture, Sending
from tests.connectors.live.test_delivering import bot, platform, state, tea, wire
from tests.connectors.live.test_writing import HERE, channel, client, colleague, confirmed, filled, seated
from tests.connectors.live.test_writing import signed_in as entered
from tests.connectors.live.world import AT, open_brand
from tests.outbox.world import png

__all__ = ["bot", "channel", "client", "platform", "tea"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(tmp_path, settings) -> None:
    settings.HOME = tmp_path


def file(data: bytes | None = None, *, grey: int = 0, name: str = "茶 <b>.html") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(grey=grey) if data is None else data, content_type="text/html")


def chosen(client: Client, *greys: int, **told: object) -> list[int]:
    """The numbers of these pictures once they are on the page."""
    sent = {"files": [file(grey=grey) for grey in greys], "step": "picture", "channels": [], **told}
    return [row.pk for row in client.post(HERE, {"key": "a-form-of-the-page", **sent}).context["form"].shown]


def seen(client: Client, address: str) -> tuple[int, bytes]:
    answer = client.get(address)
    return answer.status_code, answer.content if answer.status_code == 200 else b""


def handed(pk: int) -> str:
    return reverse("handed_picture", args=["tea", pk])


def of(row: Sending, place: int = 1) -> str:
    return reverse("sending_picture", args=["tea", row.pk, place])


def lying(tmp_path) -> int:
    return len(list((tmp_path / "pictures").glob("*")))


def test_pictures_are_added_taken_away_and_kept_once_while_the_rest_of_the_form_stays(
    client, channel, tmp_path
):
    first = chosen(client, 1, 2, text="今晚")
    page = client.post(
        HERE, {"text": "今晚", "step": "picture", "pictures": first, "files": [file(grey=2), file(grey=3)]}
    )
    less = client.post(HERE, {"text": "今晚", "pictures": first, "without": first[0]})

    form, left = page.context["form"], less.context["form"]
    assert (len(form.shown), form["text"].value(), lying(tmp_path)) == (3, "今晚", 3)
    assert [row.pk for row in form.shown][:2] == first
    assert ([row.pk for row in left.shown], left["text"].value()) == (first[1:], "今晚")
    assert page.content.decode().count(f'src="{handed(first[0])}"') == 1
    assert seen(client, handed(first[0])) == (200, png(grey=1))


@pytest.mark.parametrize(
    ("data", "told", "step"),
    [
        (b"<svg onload=alert(1)>", "不是能打开的图片", "picture"),
        (b"", "不是能打开的图片", ""),
        (png()[:-4], "不是能打开的图片", "confirm"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9 << 20), "超过 8 MB", "confirm"),
    ],
)
def test_one_hostile_file_is_named_and_nothing_of_what_came_is_kept(
    client, channel, tmp_path, data, told, step
):
    kept = chosen(client, 1)

    answer = client.post(HERE, filled(channel, step=step, pictures=kept, files=[file(grey=2), file(data)]))

    page = answer.content.decode()
    assert (answer.status_code, Sending.objects.count(), Picture.objects.count()) == (422, 0, 1)
    assert f"“茶 &lt;b&gt;.html”{told}" in page and "今晚八点开奖" in page
    assert ([row.pk for row in answer.context["form"].shown], lying(tmp_path)) == (kept, 1)


def test_more_than_nine_are_refused_together(client, channel, tmp_path):
    kept = chosen(client, *range(8))

    answer = client.post(HERE, filled(channel, pictures=kept, files=[file(grey=20), file(grey=21)]))

    assert "最多 9 张图片，多了 1 张" in answer.content.decode()
    assert (len(answer.context["form"].shown), lying(tmp_path)) == (8, 8)


def test_words_and_pictures_leave_together_once_and_are_seen_where_the_message_is(client, bot, platform, tea):
    group = bot.seats.get().channel
    kept = chosen(client, 1, 2)
    preview = client.post(HERE, filled(group, pictures=kept))

    codes = [confirmed(client, group, pictures=kept) for _press in range(2)]
    other = confirmed(client, group, pictures=kept[:1])
    for _round in range(2):
        deliver(bot, wire(bot))

    row = Sending.objects.get()
    page = client.get(reverse("sending", args=["tea", row.pk])).content.decode()
    written = AuditEntry.objects.get(deed="sending.written")
    assert (written.after or {})["pictures"] == 2
    assert preview.content.decode().count(f'name="pictures" value="{kept[1]}"') == 1
    assert "可以带图片，文字最多 1024 字" in preview.content.decode()
    assert (codes, other, state(row)) == ([302, 302], 409, "sent")
    assert row.params == {"text": "今晚八点开奖", "pictures": kept}
    assert platform.shown == [png(grey=1), png(grey=2)]
    assert [each.get("caption") for each in platform.sent] == ["今晚八点开奖", None]
    assert row.ids == [str(each["message_id"]) for each in platform.sent]
    assert of(row) in page and seen(client, of(row, 2)) == (200, png(grey=2))


def test_one_picture_goes_alone(client, bot, platform):
    confirmed(client, bot.seats.get().channel, pictures=chosen(client, 7))
    deliver(bot, wire(bot))

    assert (platform.shown, [call.path.rpartition("/")[2] for call in platform.calls][-1]) == (
        [png(grey=7)],
        "sendPhoto",
    )


def test_who_may_not_see_the_message_sees_no_picture_of_it(client, channel, tea):
    kept = chosen(client, 1)
    confirmed(client, channel, pictures=kept)
    row = Sending.objects.get()
    far, narrow = entered(colleague(tea, "far")), entered(colleague(tea, "narrow", reach=[]))
    other = entered(open_brand("other")[1])
    elsewhere = [address.replace("/b/tea/", "/b/other/") for address in (handed(kept[0]), of(row))]

    assert seen(far, of(row)) == (200, png(grey=1))
    assert [seen(far, handed(kept[0]))[0], seen(narrow, of(row))[0]] == [404, 404]
    assert [seen(other, address)[0] for address in elsewhere] == [404, 404]
    assert [seen(client, of(row, place))[0] for place in (0, 2, 99)] == [404, 404, 404]
    assert confirmed(far, channel, pictures=kept, key="another-form-of-it") == 422


def test_a_picture_somebody_else_handed_in_too_is_one_file_and_both_may_send_it(
    client, channel, tea, tmp_path
):
    second = entered(colleague(tea, "second"))

    numbers = [chosen(each, 1) for each in (client, second)]
    codes = [
        confirmed(each, channel, pictures=numbers[0], key=key)
        for each, key in ((client, "a-form-of-the-page"), (second, "another-form-of-it"))
    ]

    assert (numbers[0] == numbers[1], lying(tmp_path), codes) == (True, 1, [302, 302])


def test_what_a_platform_does_not_take_is_said_before_anything_leaves(client, channel, tea):
    wide = (
        client.post(HERE, filled(channel, files=[file(png(9990, 20))], step="confirm")).context["form"].errors
    )
    long = client.post(HERE, filled(channel, files=[file()], text="字" * 1025)).context["form"].errors

    assert dict(wide) == {
        "pictures": [
            "第 1 张图片“茶友群”收不了（每张不超过 10 MB，长宽合计不超过 10000 像素，长边不超过短边的 20 倍）；"
            "请换一张或不选这个群。"
        ]
    }
    assert dict(long) == {"text": ["“茶友群”最多 1024 字，多了 1 字；请缩短内容或不选这个群。"]}
    assert Sending.objects.count() == 0


def test_where_only_words_go_that_is_said_before_and_after(client, tea, settings):
    with DingTalkRobot("robotkey0001") as robot:
        settings.SIMULATORS = {"oapi.dingtalk.com": robot.address}
        keys = {"webhook": "https://oapi.dingtalk.com/robot/send?access_token=robotkey0001"}
        line = actions.connect(tea[0], connector_key="dingtalk_robot", name="", keys=keys, at=AT, by=tea[1])
        group, kept = seated(line, tea[1], ""), chosen(client, 1)
        fates = client.post(HERE, filled(group, pictures=kept)).context["fates"]
        confirmed(client, group, pictures=kept)
        deliver(line, actions.wire_of(line))

    assert [(fate.mark, fate.word, fate.notes[1]) for fate in fates] == [
        ("warn", "只发文字", "不能发图片：只发文字，图片请由群主手动补发")
    ]
    assert (robot.said, [(row.state, row.words) for row in Sending.objects.all()]) == (
        ["今晚八点开奖"],
        [("sent", "这里只能发文字，图片没有发出，请手动补发。")],
    )


def test_who_posts_by_hand_finds_the_pictures_beside_the_words(client, tea):
    keys = {"name": "crm", "secret": f"whsec_{'a' * 40}"}
    program = actions.connect(tea[0], connector_key="http", name="", keys=keys, at=AT, by=tea[1])
    confirmed(client, seated(program, tea[1], "2"), pictures=chosen(client, 1))
    deliver(program, actions.wire_of(program))
    row = Sending.objects.get()

    page = client.get(reverse("todo", args=["tea", row.todos.get().pk])).content.decode()

    assert (row.state, f'src="{of(row)}"' in page) == ("unsupported", True)


def test_who_approves_sees_what_leaves(client, bot, platform, tea):
    change_brand(tea[0], at=AT, by=tea[1], name="茶", preferences={"send_approvals": 1})
    confirmed(client, bot.seats.get().channel, pictures=chosen(client, 1))
    second, row = entered(colleague(tea, "second")), Sending.objects.get()

    page = second.get(reverse("sending", args=["tea", row.pk])).content.decode()

    assert (row.state, f'src="{of(row)}"' in page, "审批通过" in page) == ("approval", True, True)
    assert seen(second, of(row)) == (200, png(grey=1))


def test_an_answer_that_is_lost_leaves_it_unknown_and_nothing_leaves_again(client, bot, platform):
    confirmed(client, bot.seats.get().channel, pictures=chosen(client, 1, 2))
    platform.faults.append(lambda call: platform.answer(call) and Reply(hangs_up=True))
    for _round in range(3):
        deliver(bot, wire(bot))

    assert ([row.state for row in Sending.objects.all()], len(platform.shown)) == (["unknown"], 2)


def test_pictures_go_after_their_days_but_not_before_their_message(
    client, channel, tea, tmp_path, django_capture_on_commit_callbacks
):
    now = database_now()
    waiting, sent, forgotten, fresh = (chosen(client, grey)[0] for grey in range(4))
    for number, key in ((waiting, "a-form-of-the-page"), (sent, "another-form-of-it")):
        confirmed(client, channel, pictures=[number], key=key)
    Sending.objects.filter(key__startswith="write:another").update(state="sent")
    long_ago = now - dt.timedelta(days=181)
    Picture.objects.filter(pk__in=[waiting, sent]).update(used_at=long_ago, at=long_ago)
    Picture.objects.filter(pk=forgotten).update(at=now - dt.timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        purge(tea[0], at=now)
        purge(tea[0], at=now)

    gone = Sending.objects.get(state="sent")
    page = client.get(reverse("sending", args=["tea", gone.pk])).content.decode()
    assert ({row.pk for row in Picture.objects.all()}, lying(tmp_path)) == ({waiting, fresh}, 2)
    assert ("图片已过保留期" in page, seen(client, of(gone))[0]) == (True, 404)


def test_a_message_whose_picture_has_gone_is_not_sent_without_it(client, bot, platform, tmp_path):
    confirmed(client, bot.seats.get().channel, pictures=chosen(client, 1))
    next((tmp_path / "pictures").glob("*")).unlink()

    deliver(bot, wire(bot))

    assert [(row.state, row.code) for row in Sending.objects.all()] == [("rejected", "outbox.picture_gone")]
    assert platform.sent == []


def test_an_erased_person_takes_along_the_pictures_of_what_names_them(client, channel, tea):
    about, other = (chosen(client, grey) for grey in (1, 2))
    confirmed(client, channel, text="恭喜阿青中奖", pictures=about)
    confirmed(client, channel, pictures=other, key="another-form-of-it")
    member = Member.objects.create(brand=tea[0], bit=1, created_at=AT)

    gone = [outbox.forget_attached_to(member, Traces((member.pk,), ("阿青",))) for _twice in range(2)]

    assert (gone, [row.pk for row in Picture.objects.all()]) == ([1, 0], other)


def test_the_page_asks_as_many_questions_for_one_picture_as_for_three(client, channel):
    def asked(*greys: int) -> int:
        kept = chosen(client, *greys)
        with CaptureQueriesContext(connection) as found:
            client.post(HERE, filled(channel, pictures=kept))
        return len(found)

    asked(1)
    assert asked(1) == asked(1, 2, 3)
