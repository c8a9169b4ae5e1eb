"""授权与拒收 as pages show them: one person's word by purpose with its history, and the brand's list of opt-outs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from qunying.audiences.card import Person
from qunying.audiences.masking import Field, OnScreen
from qunying.brands.models import Staff
from qunying.communities.models import Membership
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text
from qunying.members.consent import cleaned, counts, digest_of, latest_texts, opt_outs_of, standing
from qunying.members.models import Consent, ConsentText, OptOut, Purpose


@dataclass(frozen=True)
class Word:
    """A person's word on one purpose, None where nobody asked; `text` is what they would agree to now."""

    key: str
    label: Text
    is_given: bool | None
    text: ConsentText | None


@dataclass(frozen=True)
class Said:
    """One line of the ledger; `note` as the staff member may see it. Without `counts` it was said while this person
    was wrongly taken for another."""

    row: Consent
    note: str
    counts: bool


@dataclass(frozen=True)
class Entry:
    """One line of the list of opt-outs with what the staff member may see of it."""

    row: OptOut
    name: str
    reason: str
    ended_reason: str


def words(one: Person) -> list[Word]:
    """By purpose, in the order they are declared."""
    given, texts = standing(one.root), latest_texts(one.scope.brand)
    return [Word(key, label, given.get(key), texts.get(key)) for key, label in Purpose.choices]


def history(one: Person) -> list[Said]:
    """Everything ever said, the latest first; what was said for several merged accounts at once is one line."""
    rows = Consent.objects.filter(member__in=one.ids).select_related("text", "by__account", "brand")
    root_of = dict.fromkeys(one.ids, one.root.pk)
    found: dict[tuple[object, ...], Said] = {}
    for row in rows.order_by("-at", "is_given", "-pk"):
        key = (row.purpose, row.is_given, row.text_id, row.via, row.at, row.root_id)
        found.setdefault(key, Said(row, noted(one.shown_as, row.evidence), counts(row, root_of)))
    return list(found.values())


def noted(shown: OnScreen, text: str) -> str:
    """What somebody noted, with phones and the like masked."""
    value = shown.attribute_of(Field("", "", text, is_account=False)) if text else None
    return value.text if value else ""


def entries(shown: OnScreen, rows: list[OptOut]) -> list[Entry]:
    return [
        Entry(
            row,
            shown.name(row.member.name) if row.member else "",
            noted(shown, row.reason),
            noted(shown, row.ended_reason),
        )
        for row in rows
    ]


def opt_outs_for(one: Person) -> list[Entry]:
    """Everything on the list, or once on it, that holds for this person, the latest first."""
    rows = opt_outs_of(one.scope.brand, one.ids).select_related("member", "by__account", "ended_by__account")
    return entries(one.shown_as, list(rows.order_by("-at", "-pk")))


def opt_outs(staff: Staff) -> QuerySet[OptOut]:
    """The list; who has some communities sees the known people of those."""
    rows = OptOut.objects.filter(brand=staff.brand).select_related(
        "brand", "member", "by__account", "ended_by__account"
    )
    if staff.reach is None:
        return rows
    held = Membership.objects.filter(community__in=staff.reach)
    mine = Q(member=OuterRef("member")) | Q(member__merged_into=OuterRef("member"))
    return rows.filter(Exists(held.filter(mine)))


def opt_outs_like(staff: Staff, told: Mapping[str, str]) -> QuerySet[OptOut]:
    """The list of the filter bar, newest first: by a name, or by a whole account or phone."""
    rows = opt_outs(staff).order_by("-at", "-pk")
    rows = rows.filter(ended_at=None) if told.get("state") != "ended" else rows.exclude(ended_at=None)
    asked = cleaned(told.get("q", ""))
    if not asked:
        return rows
    found = Q(digest=digest_of(staff.brand, asked))
    if staff.may("members.personal"):
        found |= Q(member__name__icontains=asked)
    return rows.filter(found)


def opt_out_fields(told: Mapping[str, str]) -> list[dict[str, object]]:
    """The controls of the filter bar."""
    return [
        {"name": "q", "label": _("昵称，或完整的账号、手机号"), "kind": "search", "value": told.get("q")},
        {
            "name": "state",
            "label": _("在名单上"),
            "kind": "select",
            "value": told.get("state"),
            "options": [("ended", _("已移出"))],
        },
    ]


def opt_out_entry(staff: Staff, pk: int) -> OptOut:
    """The entry if the staff member may see it; Missing otherwise."""
    found = opt_outs(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("members.no_opt_out")
    return found


def said_at(staff: Staff, on: dt.date | None, *, is_given: bool, at: dt.datetime) -> dt.datetime:
    """The moment of a word of which only the day is known: a yes at the day's beginning and a no at its end, so that of
    two on one day the no counts. Today is now; a day to come is left to the ledger to refuse."""
    zone = staff.brand.clock.zone
    if on is None or on == at.astimezone(zone).date():
        return at
    day = on if is_given else on + dt.timedelta(days=1)
    moment = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    return moment if is_given else moment - dt.timedelta(seconds=1)
