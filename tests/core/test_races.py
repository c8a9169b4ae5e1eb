"""Two at once, on both databases. Each race has a twin whose lock is taken away: on PostgreSQL the promise must break
there, or the test would prove nothing. SQLite has one writer, with or without our locks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread, get_ident
from time import sleep

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from qunying.audiences.models import DayCount
from qunying.audiences.sets import Sets
from qunying.brands import actions as brands
from qunying.brands.models import Brand, Staff
from qunying.communities.fact_kinds import SENT
from qunying.communities.models import Channel
from qunying.connectors import intake
from qunying.connectors.actions import Order, take_files
from qunying.connectors.desk import Desk
from qunying.connectors.incoming import Options
from qunying.facts import log, projectors
from qunying.facts.models import Fact
from qunying.facts.seal import breaks
from qunying.jobs.actions import run_job, start
from qunying.jobs.models import Job
from qunying.kit.errors import Refused
from qunying.members.actions import merge, merging, withdraw_consent
from qunying.members.consent import Told, may_be_told
from qunying.members.models import Member, Purpose, Via
from qunying.outbox.actions import Wish, alarming, claim, depart, order, raise_alarms, receiving, tell_staff
from qunying.outbox.late import BEHIND, Why
from qunying.outbox.models import Sending
from tests.core.worlds import HOUR, NOW, Deed, Life, World
from tests.members.world import agree

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 1.0
"""Seconds one waits for the other to come as far; with the lock in place the other cannot."""
POSTGRESQL = connection.vendor == "postgresql"
Locks = pytest.mark.parametrize("locked", [True, pytest.param(False, id="broken")])


def unlocked(_brand: Brand) -> None:
    """The twin's lock."""


def too_late() -> Callable[[Brand], None]:
    """The twin's lock where a later step of the same deed, the log's entry, takes it anyway: each thread's first call
    does nothing."""
    known: set[int] = set()
    lock = brands.lock

    def late(brand: Brand) -> None:
        if get_ident() in known:
            lock(brand)
        known.add(get_ident())

    return late


def holds(locked: bool) -> bool:
    """Whether the promise is to hold: always with the lock, without it only where there is one writer anyway."""
    return locked or not POSTGRESQL


def at_once(*deeds: Callable[[], object]) -> list[Exception]:
    """Run each in a thread with its own connection; answers what they raised."""
    raised: list[Exception] = []

    def run(deed: Callable[[], object]) -> None:
        try:
            deed()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def meeting(parties: int = 2) -> Callable[[], None]:
    """A point where threads wait for each other, as long as patience lasts."""
    barrier = Barrier(parties)

    def wait() -> None:
        with suppress(BrokenBarrierError):
            barrier.wait(PATIENCE)

    return wait


def world() -> World:
    start_at = 1_767_225_600_000  # 2026-01-01
    deeds = [Deed(number, SENT, 0, number % 5, start_at + number * HOUR) for number in range(1, 21)]
    return World(Life("Asia/Shanghai", tuple(deeds)), "race")


def ids(brand: Brand) -> list[int]:
    return list(Fact.objects.filter(brand=brand.pk).order_by("pk").values_list("pk", flat=True))


@Locks
def test_who_has_seen_an_id_has_seen_all_smaller_ones(monkeypatch, locked):
    if not locked:
        monkeypatch.setattr(log, "lock", unlocked)
    here = world()
    first, second = ([here.row(deed) for deed in here.life.deeds[part::2]] for part in (0, 1))
    inserted, second_done, seen_between = Event(), Event(), []

    def slow() -> None:
        with transaction.atomic():
            log.record_many(here.brand, first)
            inserted.set()
            second_done.wait(PATIENCE)

    def quick() -> None:
        inserted.wait()
        log.record_many(here.brand, second)
        seen_between.extend(ids(here.brand))
        second_done.set()

    raised = at_once(slow, quick)

    late = set(ids(here.brand)) - set(seen_between)
    assert (raised, len(ids(here.brand))) == ([], len(here.life.deeds))
    assert all(pk > max(seen_between) for pk in late) == holds(locked)


@Locks
def test_two_runners_of_the_projectors_count_every_fact_once(monkeypatch, locked):
    here = world()
    projectors.drive(here.brand)  # the cursors stand
    log.record_many(here.brand, [here.row(deed) for deed in here.life.deeds])
    wait, read = meeting(), log.read

    def read_together(*words: object, **named: object) -> log.Facts:
        facts = read(*words, **named)  # type: ignore[arg-type]  # handed on as it came
        wait()
        return facts

    monkeypatch.setattr(log, "read", read_together)
    if not locked:
        monkeypatch.setattr(projectors, "lock", unlocked)
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows: rows)

    raised = at_once(lambda: projectors.drive(here.brand), lambda: projectors.drive(here.brand))

    monkeypatch.undo()
    counts = Sets(here.brand, [here.communities[0].pk]).counts_by_day(DayCount.Kind.MESSAGES, 0, 10**6)
    told = sum(int(held.sum()) for _keys, held in counts.values())
    is_right = (raised, told, breaks(here.brand)) == ([], len(here.life.deeds), [])
    assert is_right == holds(locked)


@Locks
def test_of_two_owners_who_dismiss_each_other_one_stays(monkeypatch, locked):
    brand = brands.open_brand("tea", at=NOW, slug="tea")
    both = [appointed(brand, name) for name in ("a", "b")]
    keep, wait = brands._keep_an_owner, meeting()

    def keep_together(brand: Brand, *, leaving: Staff) -> None:
        keep(brand, leaving=leaving)
        wait()

    monkeypatch.setattr(brands, "_keep_an_owner", keep_together)
    if not locked:
        monkeypatch.setattr(brands, "lock", too_late())
    first, second = both

    raised = at_once(
        lambda: brands.dismiss(first, at=NOW, by=second), lambda: brands.dismiss(second, at=NOW, by=first)
    )

    left = Staff.objects.filter(brand=brand, role="owner", is_active=True).count()
    assert (left == 1) == holds(locked)
    assert [type(error) for error in raised] == ([Refused] if holds(locked) else [])


def appointed(brand: Brand, login: str) -> Staff:
    account = brands.open_account(login, password="a long password", at=NOW)
    return brands.appoint(brand, account=account, role="owner", at=NOW, by=None)


@Locks
def test_two_people_merged_into_each_other_never_make_a_ring(monkeypatch, locked):
    here = world()
    one, two = (Member.objects.get(pk=pk) for pk in here.members[:2])
    same, wait = Member.refresh_from_db, meeting()
    left = [4]  # each merge reads two rows; both stand before their decision after four

    def read_together(self: Member, *words: object, **named: object) -> None:
        same(self, *words, **named)  # type: ignore[arg-type]  # handed on as it came
        left[0] -= 1
        if left[0] % 2 == 0:
            wait()

    monkeypatch.setattr(Member, "refresh_from_db", read_together)
    if not locked:
        monkeypatch.setattr(merging, "lock", unlocked)

    def merged(root: int, member: int) -> Callable[[], object]:
        rows = [Member.objects.select_related("brand").get(pk=pk) for pk in (root, member)]
        return lambda: merge(rows[0], member=rows[1], evidence="same phone", at=NOW)

    raised = at_once(merged(one.pk, two.pk), merged(two.pk, one.pk))

    roots = Member.objects.filter(pk__in=[one.pk, two.pk], merged_into=None).count()
    assert (roots == 1) == holds(locked)
    assert ([type(error) for error in raised] == [Refused]) == holds(locked)


def history(path: Path, people: Sequence[str]) -> Path:
    head = {
        "chatlab": {"version": "0.0.2", "exportedAt": 1_767_500_000},
        "meta": {"name": "茶友群", "platform": "wechat", "type": "group", "groupId": "77"},
        "members": [{"platformId": name, "accountName": name} for name in people],
        "messages": [
            {
                "sender": name,
                "accountName": name,
                "timestamp": 1_767_500_000 + place,
                "type": 0,
                "content": "早",
            }
            for place, name in enumerate(people)
        ],
    }
    path.write_text(json.dumps(head, ensure_ascii=False))
    return path


@Locks
def test_two_imports_that_meet_the_same_new_people_both_come_in(monkeypatch, tmp_path, settings, locked):
    settings.HOME = tmp_path / "home"
    brand = brands.open_brand("tea", at=NOW, slug="tea")
    people = [f"p{number}" for number in range(30)]
    paths = [history(tmp_path / f"{name}.json", people) for name in ("a", "b")]
    take_files(
        brand, [history(tmp_path / "c.json", ["p30"])], order=Order(Options()), at=NOW
    )  # the group stands
    meet, wait = Desk.take_people, meeting()

    def meet_together(desk: Desk, *words: object) -> None:
        meet(desk, *words)  # type: ignore[arg-type]  # handed on as it came
        wait()

    monkeypatch.setattr(Desk, "take_people", meet_together)
    if not locked:
        monkeypatch.setattr(intake, "lock", unlocked)

    raised = at_once(
        *(lambda path=path: take_files(brand, [path], order=Order(Options()), at=NOW) for path in paths)
    )

    assert (raised == []) == holds(locked)
    people_and_messages = (
        Member.objects.filter(brand=brand).count(),
        Fact.objects.filter(brand=brand.pk, kind=SENT).count(),
    )
    assert people_and_messages == (31, 31)


@Locks
def test_nothing_leaves_for_who_has_withdrawn_before(monkeypatch, locked):
    if not locked:
        monkeypatch.setattr(receiving, "lock", unlocked)
    here = world()
    member = Member.objects.select_related("brand").get(pk=here.members[0])
    channel = Channel.objects.create(brand=here.brand, community=here.communities[0], platform="t", key="c")
    agree(member, on=NOW)
    wish = Wish("message.create", {"text": "优惠"}, receivers={"c": member.pk})
    pk = order(channel, wish=wish, key="k", at=NOW).pk
    row = claim([channel.pk], now=NOW)
    assert row is not None
    asked, withdrawn, ask = Event(), Event(), may_be_told
    left, waited_still = [], []

    def ask_slowly(*words: object, **named: object) -> Told:
        told = ask(*words, **named)  # type: ignore[arg-type]  # handed on as it came
        asked.set()
        withdrawn.wait(PATIENCE)
        return told

    def withdraw() -> None:
        asked.wait()
        withdraw_consent(member, purpose=Purpose.MARKETING, via=Via.PAGE, said_at=NOW, at=NOW)
        waited_still.append(Sending.objects.get(pk=pk).left_at is None)
        withdrawn.set()

    monkeypatch.setattr(receiving, "may_be_told", ask_slowly)

    raised = at_once(lambda: left.append(depart(row, now=NOW)), withdraw)

    assert (raised, left) == ([], [True])
    assert (waited_still == [False]) == holds(locked)


@Locks
def test_two_beats_tell_the_group_of_staff_once_of_every_alarm(monkeypatch, locked):
    if not locked:
        monkeypatch.setattr(alarming, "lock", unlocked)
    here = world()
    places = [
        Channel.objects.create(brand=here.brand, community=here.communities[0], platform="t", key=key)
        for key in ("members", "staff")
    ]
    rows = [order(places[0], wish=Wish("message.create", {"text": key}), key=key, at=NOW) for key in "ab"]
    first, notice = Event(), alarming._notice

    def say_slowly(told: Sequence[Sending], link: str) -> str:
        if not first.is_set():
            first.set()
            sleep(PATIENCE)
        return notice(told, link)

    def beat(row: Sending) -> None:
        raise_alarms(here.brand, {row: Why(BEHIND)}, at=NOW)
        tell_staff(here.brand, channel=places[1], link="", at=NOW)

    def second() -> None:
        first.wait()
        beat(rows[1])

    monkeypatch.setattr(alarming, "_notice", say_slowly)

    raised = at_once(lambda: beat(rows[0]), second)

    assert (raised == []) == holds(locked)
    assert Sending.objects.filter(channel=places[1]).count() == (2 if holds(locked) else 1)


def naive(pk: int, wait: Callable[[], None]) -> None:
    """Reads, decides, writes: the twin of `run_job`."""
    job = Job.objects.get(pk=pk)
    wait()
    if job.state == Job.State.WAITING:
        with transaction.atomic():
            held = Job.objects.select_for_update().get(pk=pk)
            held.state, held.attempts = Job.State.RUNNING, held.attempts + 1
            held.save()


@Locks
def test_a_job_is_taken_by_one_of_two_workers(locked):
    brand = brands.open_brand("tea", at=NOW, slug="tea")
    job = start(brand, kind="metrics.restate", args={"members": []}, at=NOW)
    wait = meeting()

    def work() -> None:
        if locked:
            wait()
            run_job.call(job.pk)
        else:
            naive(job.pk, wait)

    raised = at_once(work, work)

    job.refresh_from_db()
    assert (raised, job.attempts) == ([], 1 if locked else 2)
