"""Consent is kept word by word, a no weighs more than a yes, and nobody on the list of opt-outs may be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.brands.models import AuditEntry, Brand
from qunying.kit.errors import Invalid, Refused
from qunying.members.actions import (
    Account,
    Unwanted,
    end_opt_out,
    erase,
    forget_batch,
    give_consent,
    meet,
    merge,
    opt_out,
    opt_out_many,
    unmerge,
    withdraw_consent,
    write_consent_text,
)
from qunying.members.consent import Told, Why, may_be_told, opt_outs_of, standing
from qunying.members.models import Consent, Member, Merge, OptOut, Purpose, Via
from tests.members.world import AT, WORDS, a_brand, a_text, agree, people
from tests.playbooks.conftest import staff_of

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def brand() -> Brand:
    return a_brand()


def told(brand: Brand, *members: Member, at: dt.datetime | None = None, purpose=Purpose.MARKETING) -> Told:
    return may_be_told(brand, [member.pk for member in members], purpose=purpose, at=at)


def withdraw(member: Member, *, on: dt.datetime) -> list[Consent]:
    return withdraw_consent(member, purpose=Purpose.MARKETING, via=Via.PAGE, said_at=on, at=on)


def test_of_several_people_each_is_allowed_or_refused_with_the_reason(brand):
    yes, no, silent, out, gone = people(brand, "yes", "no", "silent", "out", "gone")
    (stranger,) = people(a_brand("other"), "stranger")
    for member in (yes, no, out, gone, stranger):
        agree(member)
    withdraw(no, on=AT + HOUR)
    opt_out(out, reason="来电要求", via=Via.STAFF, at=AT, by=None)
    erase(gone, at=AT, by=None)

    found = told(brand, yes, no, silent, out, gone, stranger)

    assert found.allowed == {yes.pk}
    assert found.refused == {
        no.pk: Why.WITHDRAWN,
        silent.pk: Why.NO_CONSENT,
        out.pk: Why.OPTED_OUT,
        gone.pk: Why.ERASED,
        stranger.pk: Why.UNKNOWN,
    }
    assert told(brand, yes, purpose=Purpose.SHARING).refused == {yes.pk: Why.NO_CONSENT}


def test_the_ledger_keeps_every_word_with_its_text_and_never_changes_a_row(brand):
    (member,) = people(brand, "青")
    first = a_text(brand)
    give_consent(member, text=first, via=Via.PAGE, said_at=AT, at=AT, evidence="报名表 3 号")
    second = a_text(brand, "新的措辞<script>")
    give_consent(member, text=second, via=Via.STAFF, said_at=AT + HOUR, at=AT + HOUR)
    before = list(Consent.objects.order_by("pk").values())
    withdraw(member, on=AT + 2 * HOUR)

    rows = Consent.objects.order_by("pk")

    assert list(rows.values())[:2] == before
    assert [(row.is_given, row.text and (row.text.version, row.text.words), row.at) for row in rows] == [
        (True, (1, WORDS), AT),
        (True, (2, "新的措辞<script>"), AT + HOUR),
        (False, None, AT + 2 * HOUR),
    ]
    assert standing(member) == {"marketing": False}
    assert told(brand, member, at=AT + HOUR).allowed == {member.pk}
    assert list(AuditEntry.objects.filter(deed__startswith="consent.").values_list("deed", "after")) == [
        ("consent.text_written", {"consent": "marketing", "version": 1}),
        ("consent.given", {"consent": "marketing", "version": 1}),
        ("consent.text_written", {"consent": "marketing", "version": 2}),
        ("consent.given", {"consent": "marketing", "version": 2}),
        ("consent.withdrawn", {"consent": "marketing", "version": None}),
    ]


def test_said_twice_it_is_written_once(brand):
    (member,) = people(brand, "青")
    text = a_text(brand)

    new = [
        len(give_consent(member, text=text, via=Via.PAGE, said_at=AT, at=AT)),
        len(give_consent(member, text=text, via=Via.PAGE, said_at=AT + HOUR, at=AT + HOUR)),
        len(withdraw(member, on=AT + 2 * HOUR)),
        len(withdraw(member, on=AT + 3 * HOUR)),
        len(opt_out(member, reason="不要", via=Via.STAFF, at=AT, by=None)),
        len(opt_out(member, reason="不要", via=Via.STAFF, at=AT, by=None)),
    ]

    assert new == [1, 0, 1, 0, 1, 0]
    assert a_text(brand).pk == text.pk


def test_an_older_yes_found_later_does_not_undo_a_no(brand):
    (member,) = people(brand, "青")
    withdraw(member, on=AT + HOUR)
    give_consent(member, text=a_text(brand), via=Via.IMPORT, said_at=AT, at=AT + 2 * HOUR)

    assert told(brand, member).refused == {member.pk: Why.WITHDRAWN}


def test_what_is_no_consent_is_refused_and_leaves_nothing(brand):
    (member,), (other,) = people(brand, "青"), people(a_brand("other"), "b")
    text = a_text(brand)

    def give(who: Member = member, via: str = Via.PAGE, said_at: dt.datetime = AT) -> None:
        give_consent(who, text=text, via=via, said_at=said_at, at=AT)

    wrong: list[Callable[[], object]] = [
        lambda: give(via="pigeon"),
        lambda: give(said_at=AT + HOUR),
        lambda: give(who=other),
        lambda: withdraw_consent(member, purpose="all", via=Via.PAGE, said_at=AT, at=AT),
        lambda: write_consent_text(brand, purpose="all", words="x", at=AT, by=None),
        lambda: write_consent_text(brand, purpose="marketing", words=" ", at=AT, by=None),
        lambda: write_consent_text(brand, purpose="marketing", words="长" * 10_001, at=AT, by=None),
        lambda: opt_out(member, reason=" ", via=Via.STAFF, at=AT, by=None),
        lambda: opt_out_many(brand, [Unwanted("abc")], reason="不要", via=Via.IMPORT, at=AT, by=None),
    ]
    for deed in wrong:
        with pytest.raises(Invalid):
            deed()

    assert (Consent.objects.count(), OptOut.objects.count()) == (0, 0)


@pytest.mark.parametrize("written", ["13812345678", "+86 138-1234-5678", "１３８１２３４５６７８"])
def test_a_phone_on_the_list_holds_for_whoever_comes_with_it(brand, written):
    opt_out_many(brand, [Unwanted(written)], reason="12321 投诉", via=Via.IMPORT, at=AT, by=None)
    by_attribute, other = people(brand, "青", "兰", phones={"青": "138 1234 5678", "兰": "13812345679"})
    homes = meet(brand, [Account("phone", "", "13812345678", "周")], batch=None, at=AT)
    by_account = Member.objects.get(pk=next(iter(homes.values())))
    for member in (by_attribute, other, by_account):
        agree(member)

    assert told(brand, by_attribute, other, by_account) == Told(
        frozenset({other.pk}), {by_attribute.pk: Why.OPTED_OUT, by_account.pk: Why.OPTED_OUT}
    )
    assert OptOut.objects.get().hint == "138****5678"


def test_an_undone_import_does_not_take_a_refusal_with_it(brand):
    account = Account("wecom.external_userid", "", "wm-again", "青")
    homes = meet(brand, [account], batch=7, at=AT)
    opt_out(Member.objects.get(pk=homes[account.key]), reason="不要", via=Via.STAFF, at=AT, by=None)
    forget_batch(brand, batch=7, keep={})

    back = Member.objects.get(pk=meet(brand, [account], batch=8, at=AT)[account.key])
    agree(back)

    assert told(brand, back).refused == {back.pk: Why.OPTED_OUT}


def test_people_of_one_name_are_not_taken_for_each_other(brand):
    accounts = [Account("name", chat, "阿青", "阿青") for chat in ("群一", "群二")]
    homes = meet(brand, accounts, batch=None, at=AT)
    first, second = (Member.objects.get(pk=homes[account.key]) for account in accounts)
    agree(second)
    opt_out(first, reason="不要", via=Via.STAFF, at=AT, by=None)

    assert told(brand, second).allowed == {second.pk}


def test_taken_off_the_list_the_person_is_off_by_all_accounts_and_the_history_stays(brand):
    owner = staff_of(brand, "boss", "owner")
    one, two = people(brand, "青", "兰")
    agree(one)
    merge(one, member=two, evidence="同一手机", at=AT)
    entries = opt_out(one, reason="不要", via=Via.STAFF, at=AT, by=None)

    ended = [end_opt_out(entries[0], reason="本人要求恢复", at=AT + HOUR, by=owner) for _ in range(2)]

    assert (len(entries), ended) == (2, [2, 0])
    assert told(brand, one).allowed == {one.pk}
    assert told(brand, one, at=AT).refused == {one.pk: Why.OPTED_OUT}
    assert {row.ended_reason for row in opt_outs_of(brand, [one.pk, two.pk])} == {"本人要求恢复"}


def test_after_erasing_the_ledger_holds_numbers_only_and_the_refusal_stands(brand):
    name, phone, note = "要被忘记的人", "13812345678", "要被忘记的人在报名表上签字"
    gone, other = people(brand, name, "兰", phones={name: phone})
    give_consent(gone, text=a_text(brand), via=Via.STAFF, said_at=AT, at=AT, evidence=note)
    give_consent(other, text=a_text(brand), via=Via.STAFF, said_at=AT, at=AT, evidence=f"{name}代签")
    opt_out(gone, reason=note, via=Via.STAFF, at=AT, by=None)
    opt_out(other, reason=f"{name}代为要求", via=Via.STAFF, at=AT, by=None)

    erase(gone, at=AT + HOUR, by=None)

    kept = [str(row) for model in (Consent, OptOut) for row in model.objects.values()]
    assert [row for row in kept if any(trace in row for trace in (name, phone, "138****", "wm-"))] == []
    assert Consent.objects.filter(member=gone).values_list("purpose", "is_given", "evidence").get() == (
        "marketing",
        True,
        "",
    )
    assert told(brand, gone).refused == {gone.pk: Why.ERASED}
    for deed in (lambda: agree(gone), lambda: opt_out(gone, reason="x", via=Via.STAFF, at=AT, by=None)):
        with pytest.raises(Refused, match="nobody_left"):
            deed()


# -- merged and taken apart, against a plain recount ---------------------------------------------------------------

PEOPLE = 4
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["give", "give", "withdraw", "out", "in", "merge", "merge", "unmerge"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
    ),
    max_size=14,
)


class Recount:
    """The same lives kept as plain lists: words said by each, who stands for whom, who is on the list."""

    def __init__(self) -> None:
        self.merges: list[tuple[int, int]] = []
        self.words: list[tuple[int, frozenset[int], bool, int]] = []
        self.out: set[int] = set()

    def root(self, one: int) -> int:
        above = {member: root for root, member in self.merges}
        while one in above:
            one = above[one]
        return one

    def person(self, one: int) -> frozenset[int]:
        return frozenset(other for other in range(PEOPLE) if self.root(other) == self.root(one))

    def say(self, one: int, is_given: bool) -> None:
        self.words.append((self.root(one), self.person(one), is_given, len(self.words)))

    def why(self, one: int) -> Why | None:
        mine = self.person(one)
        if mine & self.out:
            return Why.OPTED_OUT
        last: dict[int, bool] = {}
        for root, spoke, is_given, _at in self.words:
            for home in spoke & mine:
                if not is_given or root in mine:
                    last[home] = is_given
        if not last:
            return Why.NO_CONSENT
        return None if all(last.values()) else Why.WITHDRAWN


@given(steps=STEPS)
def test_however_people_are_merged_and_taken_apart_it_is_as_counted_by_hand(steps):
    Brand.objects.all().delete()
    brand, hand = a_brand(), Recount()
    owner = staff_of(brand, f"boss{brand.pk}", "owner")
    ones = people(brand, *(f"p{number}" for number in range(PEOPLE)))
    numbers = {member.pk: number for number, member in enumerate(ones)}
    for step, (deed, first, second) in enumerate(steps):
        at, member = AT + step * HOUR, ones[first]
        if deed == "give":
            agree(member, on=at)
            hand.say(first, True)
        elif deed == "withdraw":
            withdraw(member, on=at)
            hand.say(first, False)
        elif deed == "out":
            opt_out(member, reason="不要", via=Via.STAFF, at=at, by=None)
            hand.out |= hand.person(first)
        elif deed == "in":
            homes = [ones[number].pk for number in hand.person(first)]
            entry = opt_outs_of(brand, homes).filter(ended_at=None).first()
            if entry is not None:
                end_opt_out(entry, reason="要", at=at, by=owner, person=member)
            hand.out -= hand.person(first)
        elif deed == "merge" and first == hand.root(first) and second == hand.root(second) != first:
            merge(member, member=ones[second], evidence="", at=at)
            hand.merges.append((first, second))
        elif deed == "unmerge" and hand.merges:
            done = hand.merges.pop(first % len(hand.merges))
            rows = Merge.objects.filter(root=ones[done[0]], member=ones[done[1]], undone_at=None)
            unmerge(rows.get(), at=at)

    found = told(brand, *ones)

    by_hand = {number: hand.why(number) for number in range(PEOPLE)}
    assert {numbers[pk]: found.refused.get(pk) for pk in numbers} == by_hand
    assert {numbers[pk] for pk in found.allowed} == {one for one, why in by_hand.items() if why is None}
