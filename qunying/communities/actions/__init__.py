"""Verbs of communities: find or make them from a source, take people in, keep and purge texts, widen what is
covered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from qunying.brands.actions import bump_columns, lock, log, take_bits
from qunying.brands.models import Brand, Staff
from qunying.brands.rows import Value, insert_columns, insert_rows
from qunying.communities.fact_kinds import JOINED
from qunying.communities.models import INHERITABLE, Channel, Community, JoinSource, Membership, Message
from qunying.facts.models import Fact
from qunying.jobs.actions import start
from qunying.kit import days
from qunying.kit.blacking import BLACKED
from qunying.kit.errors import Invalid, Missing, Refused
from qunying.members.actions import restate_later
from qunying.members.erasing import Traces
from qunying.members.models import Member

PART = 500
LISTED = int(Membership.Basis.LISTED)
EDITABLE = (
    "name",
    "kind",
    "level",
    "purpose",
    "persona",
    "platform",
    "capacity",
    "owner",
    "labels",
    "is_test",
    "silent_days",
    "parent",
)


@transaction.atomic
def find_community(
    brand: Brand,
    *,
    name: str,
    at: dt.datetime,
    batch: int | None = None,
    platform: str = "",
    kind: str = "interest",
) -> Community:
    """The community with this name, made if it is not there."""
    fresh = {"created_at": at, "batch": batch, "platform": platform[:30], "kind": kind}
    return Community.objects.get_or_create(brand=brand, name=name[:120], defaults=fresh)[0]


@transaction.atomic
def find_channel(
    brand: Brand,
    *,
    platform: str,
    key: str,
    name: str,
    community: Community | None,
    at: dt.datetime,
    batch: int | None,
) -> Channel:
    """The channel with this platform id; a new one goes to `community`, or to one of its own name."""
    known = (
        Channel.objects.select_related("community").filter(brand=brand, platform=platform, key=key).first()
    )
    if known is not None:
        if community is not None and known.community_id != community.pk:
            raise Refused(
                "communities.channel_elsewhere", channel=known.name or key, community=known.community.name
            )
        return known
    home = community or _fresh_community(brand, name or key, platform=platform, at=at, batch=batch)
    return Channel.objects.create(
        brand=brand, community=home, platform=platform, key=key, name=name[:200], batch=batch
    )


def _fresh_community(
    brand: Brand, name: str, *, platform: str, at: dt.datetime, batch: int | None
) -> Community:
    """A community of the channel's name; a name that another channel's community has gets a number."""
    taken = set(
        Community.objects.filter(brand=brand, name__startswith=name[:110]).values_list("name", flat=True)
    )
    free = name[:110]
    count = 2
    while free in taken and Channel.objects.filter(community__brand=brand, community__name=free).exists():
        free = f"{name[:110]} {count}"
        count += 1
    return find_community(brand, name=free, at=at, batch=batch, platform=platform)


@transaction.atomic
def take_in(
    community: Community, *, members: Sequence[int], listed: Iterable[int] = (), batch: int | None = None
) -> None:
    """Make these members of the community, in the given order; who is one already stays as is. `listed` members stand
    in a member list; the import that says so first can take that back."""
    stands = dict.fromkeys(listed, batch)
    rows = Membership.objects.filter(community=community).values_list("member_id", "is_listed")
    asked = {*members, *stands}
    known = dict(rows.filter(member__in=asked) if len(asked) <= PART else rows)
    brand, home = community.brand_id, community.pk
    fresh = [member for member in dict.fromkeys(members) if member not in known]
    _, start = take_bits(community.brand, memberships=len(fresh))
    insert_rows(
        Membership,
        (
            "brand_id",
            "community_id",
            "member_id",
            "bit",
            "is_listed",
            "listed_by",
            "role",
            "cohort_basis",
            "batch",
        ),
        [
            (brand, home, member, start + place, member in stands, stands.get(member), "", LISTED, batch)
            for place, member in enumerate(fresh)
        ],
    )
    late = [member for member in stands if known.get(member) is False]
    for begin in range(0, len(late), PART):
        Membership.objects.filter(community=community, member__in=late[begin : begin + PART]).update(
            is_listed=True, listed_by=batch
        )


@transaction.atomic
def join_source(brand: Brand, name: str) -> JoinSource:
    found, _ = JoinSource.objects.get_or_create(brand=brand, name=name[:80])
    return found


@transaction.atomic
def cover(community: Community, *, first: int, last: int, has_speech: bool) -> None:
    """Widen the days for which we have the community's facts; `has_speech` once messages were seen. Stays are known as
    far as that, so cached columns are read again."""
    held = Community.objects.select_for_update().get(pk=community.pk)
    start = first if held.covered_from is None else min(first, held.covered_from)
    end = last if held.covered_to is None else max(last, held.covered_to)
    sees = has_speech or (held.sees_speech and held.covered_from is not None)
    Community.objects.filter(pk=community.pk).update(covered_from=start, covered_to=end, sees_speech=sees)
    if (start, end) != (held.covered_from, held.covered_to):
        bump_columns(held.brand)


@transaction.atomic
def cover_exactly(community: Community, *, span: tuple[int, int] | None, has_speech: bool) -> None:
    """Set the covered days after an undo; None when nothing is known any more."""
    first, last = span if span else (None, None)
    Community.objects.filter(pk=community.pk).update(
        covered_from=first, covered_to=last, sees_speech=has_speech or not span
    )
    bump_columns(community.brand)


MESSAGE_COLUMNS = (
    "brand",
    "community",
    "member",
    "sent_at",
    "day",
    "key_day",
    "source_key",
    "subject",
    "form",
    "text",
    "version",
    "keep_from",
    "batch",
)


def keep_texts(held: Sequence[Sequence[Value]]) -> None:
    """Keep texts, given as columns in the order of MESSAGE_COLUMNS; of two versions of one message the later edit wins,
    then the later import, which then owns the text."""
    later_wins = (
        "ON CONFLICT (brand, key_day, source_key) DO UPDATE SET "
        "text = excluded.text, form = excluded.form, version = excluded.version, batch = excluded.batch, "
        "community = excluded.community, member = excluded.member "
        f"WHERE excluded.version >= {Message._meta.db_table}.version"
    )
    insert_columns(Message, MESSAGE_COLUMNS, held, conflict=later_wins)


@transaction.atomic
def purge_texts(brand: Brand, *, keep_days: int, at: dt.datetime) -> int:
    """Delete texts older than the brand keeps them, counted from sending or importing, whichever is later."""
    limit = days.utc_ms(at) - keep_days * days.DAY_MS
    gone, _ = Message.objects.filter(brand=brand.pk, keep_from__lt=limit).delete()
    return gone


@transaction.atomic
def forget_texts(member: Member, traces: Traces) -> int:
    """Delete the person's messages; in texts of others, and where a community's owner is named, black out every name
    and account. Answers how many."""
    brand = member.brand_id
    gone, _ = Message.objects.filter(brand=brand, member__in=traces.members).delete()
    for word in traces.words:
        for row in Message.objects.filter(brand=brand, text__contains=word).iterator():
            Message.objects.filter(pk=row.pk).update(text=row.text.replace(word, BLACKED))
            gone += 1
    owned = Community.objects.filter(brand=brand, owner__in=traces.words).update(owner=BLACKED)
    if owned:
        _pass_down(member.brand)
    return gone + owned


@transaction.atomic
def change_community(
    community: Community, *, values: Mapping[str, object], at: dt.datetime, by: Staff | None
) -> None:
    """Set fields of the community; a parent must be a node above it in the same brand.

    What nodes below it leave open follows. Where that moves anybody's stage or who counts, past days are counted again.
    """
    _change(community.brand, [community], values=values, at=at, by=by)
    community.refresh_from_db(fields=["inherited", "is_below_test"])


def _change(
    brand: Brand,
    rows: Sequence[Community],
    *,
    values: Mapping[str, object],
    at: dt.datetime,
    by: Staff | None,
) -> None:
    """Set and log, then pass down once for all rows. Two that change the tree at once take turns."""
    lock(brand)
    was = _rules(brand)
    for row in rows:
        _set(row, values=values, at=at, by=by)
    _pass_down(brand)
    bump_columns(brand)
    if was != _rules(brand):
        _count_again(brand, at=at, by=by)


def _set(community: Community, *, values: Mapping[str, object], at: dt.datetime, by: Staff | None) -> None:
    fields = [name for name in EDITABLE if name in values]
    before = {name: _kept(getattr(community, name)) for name in fields}
    for name in fields:
        setattr(community, name, values[name])
    _check_parent(community)
    community.save(update_fields=fields)
    after = {name: _kept(getattr(community, name)) for name in fields}
    log(
        community.brand,
        by=by,
        deed="community.changed",
        about=f"community:{community.pk}",
        at=at,
        before=before,
        after=after,
    )


def _kept(value: object) -> object:
    """A field as the log keeps it: a node above by its name."""
    return value.name if isinstance(value, Community) else value


def _count_again(brand: Brand, *, at: dt.datetime, by: Staff | None) -> None:
    """Jobs that work out the past days' figures and stages, then the findings, under the rules as they are now."""
    restate_later(brand, members=[], at=at, by=by)
    start(brand, kind="connectors.diagnose", args={}, at=at, staff=by)


def _rules(brand: Brand) -> dict[int, tuple[int, bool]]:
    """By what each community is counted: its silent window and whether it counts at all."""
    rows = Community.objects.filter(brand=brand, level=Community.Level.COMMUNITY)
    return {row.pk: (row.silence, row.is_excluded) for row in rows}


def _pass_down(brand: Brand) -> None:
    """Work out what every node of the tree takes from above; the tree is read once and only what moved is written."""
    rows = {row.pk: row for row in Community.objects.filter(brand=brand)}
    moved = []
    for row in rows.values():
        inherited: dict[str, dict[str, object]] = {}
        is_below_test = False
        above = rows.get(row.parent_id or 0)
        while above is not None:
            is_below_test |= above.is_test
            for name in INHERITABLE:
                if name not in inherited and (value := getattr(above, name)) not in (None, ""):
                    inherited[name] = {"value": value, "from": above.pk}
            above = rows.get(above.parent_id or 0)
        if (inherited, is_below_test) != (row.inherited, row.is_below_test):
            row.inherited, row.is_below_test = inherited, is_below_test
            moved.append(row)
    Community.objects.bulk_update(moved, ["inherited", "is_below_test"], batch_size=PART)


@transaction.atomic
def open_community(brand: Brand, *, values: Mapping[str, object], at: dt.datetime, by: Staff) -> Community:
    """A new node of the tree, with what it takes from above."""
    lock(brand)
    community = Community(
        brand=brand, created_at=at, **{name: values[name] for name in EDITABLE if name in values}
    )
    if Community.objects.filter(brand=brand, name=community.name).exists():
        raise Invalid("communities.name_taken", name=community.name)
    _check_parent(community)
    community.save()
    _pass_down(brand)
    community.refresh_from_db(fields=["inherited", "is_below_test"])
    log(
        brand,
        by=by,
        deed="community.opened",
        about=f"community:{community.pk}",
        at=at,
        after={"name": community.name},
    )
    return community


def _check_parent(community: Community) -> None:
    above = community.parent
    while above is not None:
        if above.pk == community.pk or above.brand_id != community.brand_id:
            raise Invalid("communities.bad_parent", name=community.name)
        above = above.parent


@transaction.atomic
def change_many(
    brand: Brand, *, communities: Sequence[int], values: Mapping[str, object], at: dt.datetime, by: Staff
) -> int:
    """Set the same fields on several communities of the brand; all or none."""
    rows = list(Community.objects.filter(brand=brand, pk__in=communities))
    if len(rows) != len(set(communities)):
        raise Missing("communities.not_found")
    _change(brand, rows, values=values, at=at, by=by)
    return len(rows)


@transaction.atomic
def forget_batch(brand: Brand, *, batch: int) -> dict[int, int | None]:
    """Remove what only this import brought: texts, memberships, channels, communities, ways of coming in.

    What another import has facts of stays and belongs to that one. Answers the members who still have a membership,
    with the import that membership belongs to.
    """
    Message.objects.filter(brand=brand.pk, batch=batch).delete()
    Membership.objects.filter(brand=brand, listed_by=batch).update(is_listed=False, listed_by=None)
    facts = Fact.objects.filter(brand=brand.pk).order_by("pk")
    of_pair = facts.filter(community=OuterRef("community_id"), member=OuterRef("member_id"))
    of_channel = facts.filter(channel=OuterRef("pk"))
    of_community = facts.filter(community=OuterRef("pk"))
    _hand_over(Membership.objects.filter(brand=brand, batch=batch), of_pair)
    _hand_over(Channel.objects.filter(brand=brand, batch=batch), of_channel)
    _hand_over(Community.objects.filter(brand=brand, batch=batch), of_community)
    JoinSource.objects.filter(brand=brand).exclude(pk__in=_sources_in_use(brand)).delete()
    bump_columns(brand)
    return dict(Membership.objects.filter(brand=brand).order_by("-pk").values_list("member_id", "batch"))


def _hand_over(rows: QuerySet[Any], facts: QuerySet[Fact]) -> None:
    """Give rows with remaining facts to the import of the first of those, and delete the others."""
    rows.filter(Exists(facts)).update(batch=Subquery(facts.values("batch")[:1]))
    left = rows.filter(memberships=None, channels=None) if rows.model is Community else rows
    left.delete()


def _sources_in_use(brand: Brand) -> set[int]:
    return set(
        Fact.objects.filter(brand=brand.pk, kind=JOINED, value__gt=0)
        .values_list("value", flat=True)
        .distinct()
    )
