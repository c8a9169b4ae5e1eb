"""What only a hand can do: shown word for word, concluded by who did it, proved by a picture that few may open."""

from __future__ import annotations

import datetime as dt
import os
import threading
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.urls import reverse

from qunying.brands.actions import open_brand
from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.models import Channel, Community
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.outbox.actions import (
    Wish,
    assign,
    claim,
    conclude,
    finish,
    forget_evidence,
    forget_pictures,
    look_again,
    order,
    settle_awaited,
)
from qunying.outbox.models import Evidence, Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from qunying.outbox.queries import task_words
from tests.communities.world import a_shift
from tests.outbox.world import png
from tests.playbooks.conftest import brand, club, owner, signed_in, staff_of

__all__ = ["brand", "club", "owner"]
NOW = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
WORDS = "早上好！\n今天 20:00 开讲：岩茶怎么泡？" + "长" * 300


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def channel(brand: Brand, club: Community) -> Channel:
    return Channel.objects.create(brand=brand, community=club, platform="wecom", key="1", name="茶群：一")


def handed(channel: Channel, result: Result, *, key: str = "a", handle: str = "", text: str = WORDS) -> Todo:
    """The to-do of a sending that came back with this result."""
    order(channel, wish=Wish("message.create", {"text": text}), key=key, at=NOW)
    row = claim([channel.pk], now=NOW)
    assert row is not None
    conclude(row, outcome=Outcome(result, handle=handle), now=NOW)
    return Todo.objects.get(sending=row)


def post(staff: Staff, todo: Todo, **data: object):
    return signed_in(staff).post(reverse("todo_state", args=[todo.brand.slug, todo.pk]), data)


def shot(**how: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("截图.html", png(**how), content_type="text/html")


def state(todo: Todo) -> tuple[str, str]:
    todo.refresh_from_db()
    return todo.state, sending_of(todo).state


def sending_of(todo: Todo) -> Sending:
    return Sending.objects.get(todos=todo)


def files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "evidence").glob("*"))


def test_the_task_shows_every_word_where_it_goes_and_a_button_that_copies(brand, owner, channel):
    todo = handed(channel, Result.UNSUPPORTED)

    shown = signed_in(owner).get(reverse("todo", args=[brand.slug, todo.pk])).content.decode()

    copied = shown.partition("data-source>")[2].partition("</span>")[0]
    assert copied == WORDS
    assert "企业微信" in shown and "茶群：一" in shown and "茶友群" in shown
    assert shown.partition("<h1>")[2].partition("</h1>")[0] == (
        "<bdi>平台不支持自动完成，请在“茶群：一”里手动处理</bdi>"
    )


@pytest.mark.parametrize("text", ["茶", "茶群：一", "请在", "：", WORDS])
@pytest.mark.parametrize("result", [Result.UNSUPPORTED, Result.PENDING])
def test_what_is_asked_is_told_apart_from_the_words_whatever_they_are(channel, text, result):
    asked = {
        Result.UNSUPPORTED: "平台不支持自动完成，请在“茶群：一”里手动处理",
        Result.PENDING: "请在“茶群：一”里点发送",
    }

    assert task_words(handed(channel, result, handle="h", text=text)) == (asked[result], text)


def test_a_to_do_is_shown_whole_however_long_it_is(club, owner):
    text = "请逐一问候：" + "、".join(f"群友{number}" for number in range(90))
    todo = assign(club, text=text, due_on=NOW.date(), staff=None, cause="", key="k", at=NOW)

    shown = signed_in(owner).get(reverse("todo", args=["tea", todo.pk])).content.decode()

    assert len(text) > 400
    assert shown.partition("<h1>")[2].partition("</h1>")[0] == f"<bdi>{text}</bdi>"


def test_what_is_no_message_is_asked_for_in_words(channel):
    order(channel, wish=Wish("member.mute", {"seconds": 600}, target="u17"), key="m", at=NOW)
    row = claim([channel.pk], now=NOW)
    assert row is not None
    conclude(row, outcome=Outcome(Result.UNSUPPORTED), now=NOW)

    assert Todo.objects.get().text == "平台不支持自动完成，请在“茶群：一”里手动处理：禁言 u17"


def test_done_by_hand_counts_as_sent_and_undone_waits_for_a_hand_again(owner, channel):
    todo = handed(channel, Result.UNSUPPORTED)
    seen = []

    for data in ({}, {}, {"undo": "1"}):
        post(owner, todo, **data)
        seen.append(state(todo))

    assert seen == [("done", "sent"), ("done", "sent"), ("waiting", "unsupported")]
    assert [*AuditEntry.objects.filter(about=f"todo:{todo.pk}").values_list("deed", flat=True)] == [
        "todo.done",
        "todo.waiting",
    ]


def test_what_could_not_be_done_says_why_and_is_not_sent(owner, channel):
    todo = handed(channel, Result.UNSUPPORTED)

    silent = post(owner, todo, could_not="1", reason="  ")
    post(owner, todo, could_not="1", reason="群已解散")

    assert (silent.status_code, state(todo), todo.reason) == (422, ("failed", "called_off"), "群已解散")
    assert "群已解散" in signed_in(owner).get(reverse("todos", args=["tea"])).content.decode()


def test_where_the_platform_tells_who_tapped_its_word_is_waited_for(owner, channel):
    todo = handed(channel, Result.PENDING, handle="msg1")

    post(owner, todo)
    by_hand = state(todo)
    told = Outcome(Result.SENT, handle="msg1", tally={"to": 3, "sent": 3})
    settle_awaited(sending_of(todo), told=told, now=NOW)

    assert (by_hand, state(todo)) == (("done", "pending"), ("done", "sent"))


def test_an_unknown_end_is_decided_where_it_shows_and_asked_again_when_it_happens_again(owner, channel):
    todo = handed(channel, Result.UNKNOWN)

    refused = [post(owner, todo, **data).status_code for data in ({}, {"could_not": "1", "reason": "没看到"})]
    page = signed_in(owner).get(reverse("todo", args=["tea", todo.pk]))
    look_again(sending_of(todo), arrived=False, by=owner, at=NOW)
    after = state(todo)
    row = claim([channel.pk], now=NOW)
    assert row is not None
    conclude(row, outcome=Outcome(Result.UNKNOWN), now=NOW)

    assert (refused, page["Location"]) == ([409, 409], f"/b/tea/sendings/{todo.sending_id}/")
    assert after == ("dropped", "queued")
    assert [*Todo.objects.order_by("pk").values_list("state", flat=True)] == ["dropped", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_a_hand_and_what_moves_the_sending_at_the_same_time_wait_for_each_other_and_never_for_good(
    owner, channel
):
    todo = handed(channel, Result.UNSUPPORTED)

    def by_hand() -> None:
        finish(todo, by=owner, at=NOW)
        connections.close_all()

    worker = threading.Thread(target=by_hand)
    with transaction.atomic():
        Sending.objects.select_for_update().get(todos=todo)
        worker.start()
        threading.Event().wait(0.5)  # by now the worker waits for us
        Todo.objects.filter(pk=todo.pk).update(text="早")
    worker.join()

    assert (state(todo), todo.text) == (("done", "sent"), "早")


def test_a_picture_is_kept_replaced_and_opened_only_by_who_may_see_the_task(
    brand, club, owner, channel, tmp_path, django_capture_on_commit_callbacks
):
    todo = handed(channel, Result.UNSUPPORTED)
    url = reverse("todo_evidence", args=[brand.slug, todo.pk])
    stranger = staff_of(open_brand("别家", at=NOW, slug="other"), "stranger", "owner")
    narrow, analyst = staff_of(brand, "narrow", "operator", reach=[]), staff_of(brand, "analyst", "analyst")

    before = signed_in(owner).post(url).status_code
    post(owner, todo, picture=shot())
    with django_capture_on_commit_callbacks(execute=True):
        for _twice in range(2):
            post(owner, todo, picture=shot(grey=9))
    answer = signed_in(owner).post(url)

    assert (before, answer.content, answer["Content-Type"]) == (404, png(grey=9), "image/png")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    assert files(tmp_path) == [Evidence.objects.get().name]
    assert [signed_in(staff).post(url).status_code for staff in (stranger, narrow, analyst)] == [
        404,
        404,
        403,
    ]
    assert signed_in(owner).get(url).status_code == 405
    assert AuditEntry.objects.filter(deed="todo.shown").count() == 1


def test_every_opening_of_a_picture_is_written_down_beside_the_task_and_shown_to_who_decides(
    brand, owner, channel
):
    todo = handed(channel, Result.UNSUPPORTED)
    post(owner, todo, picture=shot())
    helper = staff_of(brand, "helper", "volunteer")
    url = reverse("todo_evidence", args=[brand.slug, todo.pk])

    for staff in (owner, helper, helper):
        signed_in(staff).post(url)
    shown, hidden = (
        signed_in(staff)
        .get(reverse("todo", args=[brand.slug, todo.pk]))
        .content.decode()
        .count(f"· {helper.name}")
        for staff in (owner, helper)
    )

    entries = AuditEntry.objects.filter(about=f"todo:{todo.pk}", deed="todo.evidence_opened").order_by(
        "number"
    )
    digest = Evidence.objects.get().digest[:12]
    assert [(entry.who, entry.after) for entry in entries] == [
        (name, {"evidence": digest}) for name in (owner.name, helper.name, helper.name)
    ]
    assert (shown, hidden) == (2, 0)


@pytest.mark.parametrize("data", [b"<script>alert(1)</script>", b"", b"\x89PNG\r\n\x1a\n" + bytes(9 << 20)])
def test_what_is_no_picture_or_too_big_is_refused_and_the_task_still_waits(owner, channel, tmp_path, data):
    todo = handed(channel, Result.UNSUPPORTED)

    answer = post(owner, todo, picture=SimpleUploadedFile("a.png", data, content_type="image/png"))

    assert (answer.status_code, state(todo), files(tmp_path)) == (422, ("waiting", "unsupported"), [])
    assert reverse("todo_state", args=["tea", todo.pk]) in answer.content.decode()


def test_a_picture_that_is_too_big_is_told_the_limit_and_no_size_that_nobody_measured(owner, channel):
    todo = handed(channel, Result.UNSUPPORTED)

    answer = post(owner, todo, picture=SimpleUploadedFile("a.png", bytes(12 << 20), content_type="image/png"))

    assert "截图超过 8 MB。请裁剪或压缩后再上传。" in answer.content.decode()


def test_the_same_picture_for_two_tasks_is_pointed_out(owner, channel):
    one, two, three = (handed(channel, Result.UNSUPPORTED, key=key) for key in "abc")
    for todo, grey in ((one, 1), (two, 1), (three, 2)):
        post(owner, todo, picture=shot(grey=grey))

    page = signed_in(owner).get(reverse("todos", args=["tea"]), {"shown": "1"})

    assert {line.row.pk: line.again for line in page.context["lines"]} == {one.pk: 1, two.pk: 1, three.pk: 0}
    assert page.content.decode().count("与另外 1 张相同") == 2


def test_pictures_go_after_their_days_and_files_that_nobody_names_with_them(
    brand, owner, channel, tmp_path, django_capture_on_commit_callbacks
):
    old, new = (handed(channel, Result.UNSUPPORTED, key=key) for key in "ab")
    for grey, todo in enumerate((old, new)):
        post(owner, todo, picture=shot(grey=grey))
    Evidence.objects.filter(todo=old).update(at=NOW - dt.timedelta(days=9))
    Evidence.objects.filter(todo=new).update(at=NOW)
    for name, age in (("lost.png", 2), ("fresh.png", 0)):
        path = tmp_path / "evidence" / name
        path.write_bytes(png())
        os.utime(path, (path.stat().st_mtime - age * 86_400,) * 2)

    with django_capture_on_commit_callbacks(execute=True):
        gone = [forget_evidence(brand, at=NOW, keep_days=7) for _twice in range(2)]

    assert (gone, state(old)) == ([1, 0], ("done", "sent"))
    assert files(tmp_path) == sorted(["fresh.png", Evidence.objects.get().name])


def test_an_erased_person_takes_along_the_pictures_that_are_about_them(
    brand, owner, channel, tmp_path, django_capture_on_commit_callbacks
):
    about, other = (
        handed(channel, Result.UNSUPPORTED, key=text, text=text) for text in ("恭喜阿青中奖", "大家好")
    )
    for todo in (about, other):
        post(owner, todo, picture=shot())
    member = Member.objects.create(brand=brand, bit=1, created_at=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        gone = [forget_pictures(member, Traces((member.pk,), ("阿青",))) for _twice in range(2)]

    assert (gone, [row.todo_id for row in Evidence.objects.all()]) == ([1, 0], [other.pk])
    assert len(files(tmp_path)) == 1


def test_what_nobody_ordered_is_of_the_one_on_duty_and_with_two_or_none_of_anybody(channel, brand, owner):
    night = a_shift(
        owner, channel.community, staff=staff_of(brand, "volunteer", "volunteer"), hours="22:00-06:00"
    )
    a_shift(owner, None, staff=staff_of(brand, "founder", "founder"), hours="00:00-00:00")  # may do no to-do
    found = [handed(channel, Result.UNKNOWN, key="alone").staff]
    a_shift(owner, channel.community, staff=staff_of(brand, "support", "support"), hours="11:00-13:00")
    found.append(handed(channel, Result.UNSUPPORTED, key="one").staff)
    a_shift(owner, channel.community, staff=night.staff, hours="12:00-12:30")
    found.append(handed(channel, Result.PENDING, key="two").staff)
    order(channel, wish=Wish("message.create", {"text": "早"}), key="mine", at=NOW, by=owner)
    row = claim([channel.pk], now=NOW)
    assert row is not None
    conclude(row, outcome=Outcome(Result.UNKNOWN), now=NOW)
    found.append(Todo.objects.get(sending=row).staff)

    assert [staff.role if staff else None for staff in found] == [None, "support", None, "owner"]
