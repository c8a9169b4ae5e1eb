"""To-dos and drafts: given out once, done once, undone when wrong, one's own."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.signals import post_init
from django.urls import reverse

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.kit.errors import Missing, NotAllowed, Refused
from qunying.outbox.actions import assign, drop, finish, give_up, reopen, say
from qunying.outbox.models import Draft, Evidence, State, Todo
from qunying.outbox.pages import todos as pages
from qunying.outbox.queries import todos
from tests.outbox.world import png
from tests.playbooks.conftest import AT, brand, club, owner, signed_in, staff_of

__all__ = ["brand", "club", "owner"]
DAY = dt.date(2026, 3, 2)


def todo_for(club: Community, staff: Staff | None, key: str = "a") -> Todo:
    return assign(club, text="问候新成员", due_on=DAY, staff=staff, cause="run:1", key=key, at=AT)


def draft_for(club: Community, staff: Staff | None, key: str = "a") -> Draft:
    return say(club, text="早上好", kind="value", due_on=DAY, staff=staff, cause="run:1", key=key, at=AT)


def test_the_same_key_is_the_same_to_do_and_the_same_draft(club: Community, owner: Staff):
    twice = [todo_for(club, owner) for _again in range(2)]
    drafts = [draft_for(club, owner) for _again in range(2)]

    assert (twice[0], drafts[0], Todo.objects.count(), Draft.objects.count()) == (twice[1], drafts[1], 1, 1)


def test_done_twice_keeps_the_first_moment_and_can_be_undone(club: Community, owner: Staff):
    todo = todo_for(club, owner)

    finish(todo, by=owner, at=AT)
    finish(todo, by=owner, at=AT + dt.timedelta(hours=1))
    todo.refresh_from_db()
    assert (todo.state, todo.done_at) == (State.DONE, AT)

    reopen(todo, by=owner, at=AT)
    todo.refresh_from_db()
    assert (todo.state, todo.done_at) == (State.WAITING, None)


def test_what_has_ended_one_way_ends_the_other_way_only_after_it_was_undone(club: Community, owner: Staff):
    done, failed = todo_for(club, owner, "a"), todo_for(club, owner, "b")
    finish(done, by=owner, at=AT)
    give_up(failed, reason="群已解散", by=owner, at=AT)

    with pytest.raises(Refused, match="over_already"):
        give_up(done, reason="没发", by=owner, at=AT)
    with pytest.raises(Refused, match="over_already"):
        finish(failed, by=owner, at=AT, picture=png())
    give_up(failed, reason="换个说法", by=owner, at=AT)
    before = [*Todo.objects.order_by("key").values_list("state", "reason")], Evidence.objects.count()
    reopen(failed, by=owner, at=AT)
    finish(failed, by=owner, at=AT)

    assert before == ([("done", ""), ("failed", "群已解散")], 0)
    assert [*Todo.objects.order_by("key").values_list("state", "reason")] == [("done", ""), ("done", "")]


def test_what_was_taken_back_meanwhile_is_missing_and_stays_as_it_is(club: Community, owner: Staff):
    todo = todo_for(club, owner)
    drop(club.brand_id, cause="run:1")

    for end in (finish, reopen):
        with pytest.raises(Missing, match="not_found"):
            end(todo, by=owner, at=AT)
    with pytest.raises(Missing, match="not_found"):
        give_up(todo, reason="没发", by=owner, at=AT)

    assert Todo.objects.get().state == State.DROPPED


def test_a_moderator_sees_own_and_unowned_to_dos_and_cannot_finish_another_s(
    brand: Brand, club: Community, owner: Staff
):
    moderator = staff_of(brand, "moderator", "moderator")
    theirs, mine, anyone = (
        todo_for(club, who, key) for who, key in ((owner, "a"), (moderator, "b"), (None, "c"))
    )

    assert set(todos(moderator)) == {mine, anyone}
    with pytest.raises(NotAllowed):
        finish(theirs, by=moderator, at=AT)


def test_one_tap_moves_a_to_do_from_today_to_what_is_over_and_back(
    brand: Brand, club: Community, owner: Staff
):
    todo, client = todo_for(club, owner), signed_in(owner)
    url = reverse("todo_state", args=[brand.slug, todo.pk])
    pages = [reverse(name, args=[brand.slug]) for name in ("today", "todos")]

    client.post(url)
    done = ["问候新成员" in client.get(page).content.decode() for page in pages]
    client.post(url, {"undo": "1"})
    waits = ["问候新成员" in client.get(page).content.decode() for page in pages]

    assert (done, waits) == ([False, True], [True, False])


def over_on(staff: Staff, **asked: int) -> list[str]:
    lines = signed_in(staff).get(reverse("todos", args=["tea"]), asked).context["lines"]
    return [line.row.key for line in lines]


@pytest.fixture
def five_over(club: Community, owner: Staff) -> None:
    """a to e, to-dos and drafts in turn, e being the last; b and c have a picture."""
    for number, key in enumerate("abcde"):
        item = todo_for(club, owner, key) if number % 2 else draft_for(club, owner, key)
        at = AT + dt.timedelta(hours=number)
        finish(item, by=owner, at=at, picture=png(grey=number) if key in "bc" else None)


def test_what_is_over_is_listed_the_latest_first_page_by_page(five_over, owner: Staff, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    nothing = staff_of(owner.brand, "nothing", "operator", reach=[])

    assert [over_on(owner, page=number) for number in (1, 2, 3)] == [["e", "d"], ["c", "b"], ["a"]]
    assert over_on(owner, shown=1) == ["c", "b"]
    assert over_on(nothing) == []


def test_the_page_of_what_is_over_reads_no_more_than_it_shows(five_over, owner: Staff, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    read: list[str] = []

    def note(instance: Todo | Draft, **_more: object) -> None:
        read.append(instance.key)

    for model in (Todo, Draft):
        post_init.connect(note, sender=model)
    over_on(owner)
    for model in (Todo, Draft):
        post_init.disconnect(note, sender=model)

    assert sorted(read) == ["d", "e"]


def test_whoever_sees_what_is_over_may_undo_it(brand: Brand, club: Community, owner: Staff):
    moderator = staff_of(brand, "moderator", "moderator")
    for who, key in ((owner, "a"), (moderator, "b"), (None, "c")):
        finish(todo_for(club, who, key), by=owner, at=AT)
    client = signed_in(moderator)

    page = client.get(reverse("todos", args=[brand.slug]))
    codes = [client.post(line.state_url, {"undo": "1"}).status_code for line in page.context["lines"]]

    assert (page.content.decode().count('name="undo"'), codes) == (2, [302, 302])
    assert [*Todo.objects.order_by("key").values_list("state", flat=True)] == ["done", "waiting", "waiting"]


def test_leaving_the_page_leads_only_to_our_own_pages(brand: Brand, club: Community, owner: Staff):
    todo, client = todo_for(club, owner), signed_in(owner)
    url = reverse("todo_state", args=[brand.slug, todo.pk])

    answers = [client.post(url, {"back": back})["Location"] for back in ("/b/tea/runs/1/", "//evil.example/")]

    assert answers == ["/b/tea/runs/1/", reverse("today", args=[brand.slug])]
