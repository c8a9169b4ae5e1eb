"""Verbs of the outbox: draft a post, give out a to-do, say that one is done, could not be done, or is open again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.kit.blacking import BLACKED
from qunying.kit.errors import Invalid, Missing, NotAllowed, Refused
from qunying.members.consent import Why
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member
from qunying.outbox.actions.evidence import keep
from qunying.outbox.actions.telling import tell_of
from qunying.outbox.models import Draft, Receiver, Sample, Sending, State, Todo

Item = Draft | Todo
BY_HAND = "by.hand"
"""Code of a sending that a person carried out, or could not."""


@transaction.atomic
def say(
    community: Community,
    *,
    text: str,
    kind: str,
    due_on: dt.date,
    staff: Staff | None,
    cause: str,
    key: str,
    at: dt.datetime,
) -> Draft:
    """A post that waits to be sent by hand; the same key answers the draft that stands."""
    draft, _new = Draft.objects.get_or_create(
        brand=community.brand,
        key=key,
        defaults={
            "community": community,
            "text": text,
            "kind": kind,
            "due_on": due_on,
            "staff": staff,
            "cause": cause,
            "created_at": at,
        },
    )
    return draft


@transaction.atomic
def assign(
    community: Community,
    *,
    text: str,
    due_on: dt.date,
    staff: Staff | None,
    cause: str,
    key: str,
    at: dt.datetime,
    sending: Sending | None = None,
) -> Todo:
    """A to-do for the staff member, or for whoever takes it; the same key answers the one that stands."""
    todo, _new = Todo.objects.get_or_create(
        brand=community.brand,
        key=key,
        defaults={
            "community": community,
            "staff": staff,
            "sending": sending,
            "text": text,
            "due_on": due_on,
            "cause": cause,
            "created_at": at,
        },
    )
    return todo


@transaction.atomic
def finish(item: Item, *, by: Staff, at: dt.datetime, picture: bytes | None = None) -> None:
    """It is done, with a picture that shows it if there is one; a second time keeps the first moment and may bring the
    picture after. What only a hand could send counts as sent. Nobody finishes another's unless they may decide."""
    row = _ending(item, State.DONE, by)
    shown = keep(row, data=picture, by=by, at=at) if picture is not None else None
    told = {"evidence": shown.digest[:12]} if shown is not None else None
    if _move(row, State.DONE, by=by, at=at, told=told):
        _by_hand(row, state=Sending.State.SENT, words="", at=at)
    elif shown is not None and shown.at == at:
        name = item._meta.model_name
        log(item.brand, by=by, deed=f"{name}.shown", about=f"{name}:{item.pk}", at=at, after=told)


@transaction.atomic
def give_up(item: Item, *, reason: str, by: Staff, at: dt.datetime) -> None:
    """It could not be done, for a reason; a second time changes nothing. What only a hand could send is not sent."""
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid("outbox.no_reason")
    row = _ending(item, State.FAILED, by)
    if _move(row, State.FAILED, by=by, at=at, told={"reason": reason}):
        type(row).objects.filter(pk=row.pk).update(reason=reason)
        _by_hand(row, state=Sending.State.CALLED_OFF, words=reason, at=at)


@transaction.atomic
def reopen(item: Item, *, by: Staff, at: dt.datetime) -> None:
    """It waits again, and what its hand had sent or given up is once more what the platform cannot do; the picture
    stays. What was closed because people withdrew stays closed."""
    row = _held(item, by)
    if row.state == State.FAILED and row.done_by_id is None:
        raise Refused("outbox.closed_for_good")
    if _move(row, State.WAITING, by=by, at=at) and isinstance(row, Todo) and row.sending_id:
        ended = Sending.objects.filter(pk=row.sending_id, code=BY_HAND)
        ended.update(state=Sending.State.UNSUPPORTED, code="", words="", concluded_at=at)


def _ending(item: Item, state: State, by: Staff) -> Item:
    """The row, held, that is to end this way; refused where it has ended the other way, or where nobody knows whether
    what it is about went out."""
    row = _held(item, by)
    if row.state not in (State.WAITING, state):
        raise Refused("outbox.over_already")
    if isinstance(row, Todo) and row.sending is not None and row.sending.state == Sending.State.UNKNOWN:
        raise Refused("outbox.look_first")
    return row


def _held(item: Item, by: Staff) -> Item:
    """The row as it stands, locked; refused to who may not touch it, Missing once it was taken back."""
    if isinstance(item, Todo) and item.sending_id is not None:  # first, as whatever moves a sending does
        Sending.objects.select_for_update().get(pk=item.sending_id)
    row: Item = type(item).objects.select_for_update().get(pk=item.pk)
    if row.state == State.DROPPED:
        raise Missing("outbox.not_found")
    if row.staff_id not in (None, by.pk) and not by.may("advice.decide"):
        raise NotAllowed("outbox.not_yours")
    return row


def _move(
    item: Item, state: State, *, by: Staff, at: dt.datetime, told: Mapping[str, object] | None = None
) -> bool:
    """Whether it was in another state before."""
    ended = state != State.WAITING
    before = type(item).objects.filter(pk=item.pk)
    before = before.filter(state__in=[State.WAITING] if ended else [State.DONE, State.FAILED])
    moved = before.update(
        state=state, done_at=at if ended else None, done_by=by if ended else None, reason=""
    )
    if moved:
        name = item._meta.model_name
        log(item.brand, by=by, deed=f"{name}.{state}", about=f"{name}:{item.pk}", at=at, after=told)
    return bool(moved)


def _by_hand(item: Item, *, state: str, words: str, at: dt.datetime) -> None:
    """Conclude the sending that waited for this hand, and take its other to-dos back. Where the platform itself tells
    who has tapped, its word is waited for."""
    if isinstance(item, Draft) or item.sending_id is None:
        return
    hands = Sending.objects.filter(pk=item.sending_id, state=Sending.State.UNSUPPORTED)
    if hands.update(state=state, code=BY_HAND, words=words, concluded_at=at):
        tell_of(Sending.objects.filter(pk=item.sending_id))
        drop(item.brand_id, cause=f"sending:{item.sending_id}")


@transaction.atomic
def drop(brand_id: int, *, cause: str) -> int:
    """Take back what this cause still has waiting; answers how many."""
    return sum(
        model.objects.filter(brand=brand_id, cause=cause, state=State.WAITING).update(state=State.DROPPED)
        for model in (Draft, Todo)
    )


@transaction.atomic
def close(sending: Sending, *, reason: str, at: dt.datetime) -> None:
    """Nobody may carry it out any more: what it still has waiting is over, and says why."""
    rows = Todo.objects.select_for_update().filter(sending=sending, state=State.WAITING)
    for row in rows:
        Todo.objects.filter(pk=row.pk).update(state=State.FAILED, reason=reason[:200], done_at=at)
        log(sending.brand, deed="todo.failed", about=f"todo:{row.pk}", at=at, after={"reason": reason})


@transaction.atomic
def forget_person(member: Member, traces: Traces) -> int:
    """Black out the erased person in drafts, to-dos and sendings; answers how many named them."""
    touched = 0
    for model in (Draft, Todo):
        for row in model.objects.filter(brand=member.brand_id):
            words = {"text": blacked(row.text, traces), "reason": blacked(row.reason, traces)}
            if words != {"text": row.text, "reason": row.reason}:
                model.objects.filter(pk=row.pk).update(**words)
                touched += 1
    for sample in Sample.objects.filter(sampling__brand=member.brand_id).exclude(reason=""):
        if sample.reason != (reason := blacked(sample.reason, traces)):
            Sample.objects.filter(pk=sample.pk).update(reason=reason)
            touched += 1
    for sending in Sending.objects.filter(brand=member.brand_id):
        told = {
            "target": blacked(sending.target, traces),
            "params": blacked(sending.params, traces),
            "words": blacked(sending.words, traces),
        }
        if told != {"target": sending.target, "params": sending.params, "words": sending.words}:
            Sending.objects.filter(pk=sending.pk).update(**told)
            touched += 1
    mine = Receiver.objects.filter(member__in=traces.members)
    return touched + mine.update(account=BLACKED, refused=Why.ERASED)
