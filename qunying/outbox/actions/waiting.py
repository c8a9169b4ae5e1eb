"""Verbs of the outbox: draft a post, give out a to-do, say that one is done, dropped or open again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.kit.errors import NotAllowed
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member
from qunying.outbox.models import Draft, Sending, State, Todo

Item = Draft | Todo


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
) -> Todo:
    """A to-do for the staff member, or for whoever takes it; the same key answers the one that stands."""
    todo, _new = Todo.objects.get_or_create(
        brand=community.brand,
        key=key,
        defaults={
            "community": community,
            "staff": staff,
            "text": text[:300],
            "due_on": due_on,
            "cause": cause,
            "created_at": at,
        },
    )
    return todo


@transaction.atomic
def finish(item: Item, *, by: Staff, at: dt.datetime) -> None:
    """It is done; a second time keeps the first moment. Nobody finishes another's unless they may decide."""
    _move(item, State.DONE, by=by, at=at)


@transaction.atomic
def reopen(item: Item, *, by: Staff, at: dt.datetime) -> None:
    """It waits again."""
    _move(item, State.WAITING, by=by, at=at)


def _move(item: Item, state: State, *, by: Staff, at: dt.datetime) -> None:
    if item.staff_id not in (None, by.pk) and not by.may("advice.decide"):
        raise NotAllowed("outbox.not_yours")
    done_at = at if state == State.DONE else None
    changed = type(item).objects.filter(pk=item.pk).exclude(state=state).update(state=state, done_at=done_at)
    if changed:
        log(
            item.brand,
            by=by,
            deed=f"{item._meta.model_name}.{state}",
            about=f"{item._meta.model_name}:{item.pk}",
            at=at,
        )


@transaction.atomic
def drop(brand_id: int, *, cause: str) -> int:
    """Take back what this cause still has waiting; answers how many."""
    return sum(
        model.objects.filter(brand=brand_id, cause=cause, state=State.WAITING).update(state=State.DROPPED)
        for model in (Draft, Todo)
    )


@transaction.atomic
def forget_person(member: Member, traces: Traces) -> int:
    """Black out the erased person in drafts, to-dos and sendings; answers how many named them."""
    touched = 0
    for model in (Draft, Todo):
        for row in model.objects.filter(brand=member.brand_id):
            text = blacked(row.text, traces)
            if text != row.text:
                model.objects.filter(pk=row.pk).update(text=text)
                touched += 1
    for sending in Sending.objects.filter(brand=member.brand_id):
        told = {"target": blacked(sending.target, traces), "params": _blacked(sending.params, traces)}
        if told != {"target": sending.target, "params": sending.params}:
            Sending.objects.filter(pk=sending.pk).update(**told)
            touched += 1
    return touched


def _blacked(params: dict[str, object], traces: Traces) -> dict[str, object]:
    return {
        name: blacked(value, traces) if isinstance(value, str) else value for name, value in params.items()
    }
