"""群成员名册: everybody of the communities a staff member sees, filtered and sorted in memory, fetched a page
at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from qunying.audiences.columns import FAR, Columns, columns
from qunying.audiences.filters import Filter
from qunying.audiences.keeping import Shelf
from qunying.audiences.masking import OnScreen, Shown
from qunying.audiences.stages import KEYS, LABELS, NONE
from qunying.audiences.standing import RANK, Standing, standing
from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.refusals import Text
from qunying.members.models import Identity, Member, Tag
from qunying.members.sealing import ATTRIBUTES_TEXT, PREFIX, Sealing, told_of

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
PART = 500


@dataclass(frozen=True)
class Line:
    """One person as a list shows it; names masked where the staff member may not see them. Days as dates,
    moments aware."""

    pk: int
    name: str
    account: str
    communities: tuple[str, ...]
    stage: str
    stage_label: Text
    tags: tuple[str, ...]
    said: int
    joined_on: dt.date | None
    last_at: dt.datetime | None
    left: bool


class Crowd:
    """Columns over the brand's member bits for some communities, as of a day; the same for every staff member."""

    def __init__(self, held: Columns, now: Standing, communities: Sequence[int], *, is_brand: bool) -> None:
        self.held, self.now = held, now
        self.size = len(held.member_of_bit)
        self._orders: dict[str, Ints] = {}
        mine = np.isin(held.community, list(communities))
        self.own = np.flatnonzero(mine & (held.canon == np.arange(len(held.canon))))
        """Membership bits that stand for themselves."""
        self.joined = self._least(held.cohort)
        """The first day in any of the communities; FAR where nothing tells."""
        self.last_at = self._most(now.last_at)
        self.rank = self._most(RANK[now.stage])
        """The best stage of each person, as its rank; 0 where there is none."""
        self.said = np.zeros(self.size, dtype=np.int64)
        np.add.at(self.said, held.person[self.own], now.said[self.own])
        self.here = self._belongs(is_brand)
        self.bots = np.zeros(self.size, dtype=np.bool_)
        self.bots[np.array(held.left_out.to_array(), dtype=np.int64)] = True
        self.staff = np.zeros(self.size, dtype=np.bool_)
        self.staff[[bit for bit, start, end in held.staff_spans if start <= now.day <= end]] = True
        self.tally = np.bincount(self.rank[self.here & ~self.staff & ~self.bots], minlength=len(KEYS))

    def _least(self, column: Ints) -> Ints:
        found = np.full(self.size, FAR, dtype=np.int64)
        np.minimum.at(found, self.held.person[self.own], column[self.own])
        return found

    def _most(self, column: Ints) -> Ints:
        found = np.zeros(self.size, dtype=np.int64)
        np.maximum.at(found, self.held.person[self.own], column[self.own])
        return found

    def _belongs(self, is_brand: bool) -> Mask:
        """Who belongs to the communities at all: merged and erased people do not."""
        found = np.zeros(self.size, dtype=np.bool_)
        found[self.held.person[self.own]] = True
        roots = self.held.root == np.arange(self.size)
        found = roots if is_brand else found & roots
        found[np.array(self.now.erased.to_array(), dtype=np.int64)] = False
        return np.asarray(found & (self.held.member_of_bit > 0), dtype=np.bool_)

    def order(self, sort: str) -> Ints:
        """All member bits in the order, worked out once; ties by newest bit."""
        if sort not in self._orders:
            key = sort.lstrip("-")
            column = {"joined": self.joined, "active": self.last_at, "said": self.said}[key]
            column = np.where(column == FAR, -1, column) if key == "joined" else column
            self._orders[sort] = np.lexsort(
                (-np.arange(self.size), -column if sort.startswith("-") else column)
            )
        return self._orders[sort]


_crowds: Shelf[Crowd] = Shelf(8)


class Roster:
    """The people of one scope, as its staff member may see them."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.day = scope.complete
        self.held = columns(scope.brand)
        self.crowd = self._crowd()

    def _crowd(self) -> Crowd:
        brand, position = self.scope.brand, self.scope.position
        places = tuple(sorted(row.pk for row in self.scope.communities))
        key = (bytes(brand.key), self.held.version, position, self.day, places, self.scope.is_brand)
        now = standing(brand, self.held, self.day, position=position)
        return _crowds.get(key, lambda: Crowd(self.held, now, places, is_brand=self.scope.is_brand))

    # -- filtering ----------------------------------------------------------------------------------------------

    def who(self, name: str) -> Mask:
        """Members only, staff, bots and tests, or all of them."""
        if name == "staff":
            return self.crowd.here & self.crowd.staff
        if name == "bot":
            return self.crowd.here & self.crowd.bots
        return self.crowd.here if name == "all" else self.crowd.here & ~self.crowd.staff & ~self.crowd.bots

    def stage_counts(self) -> dict[str, int]:
        """How many members stand in each stage; everybody once."""
        tally = self.crowd.tally
        return {key: int(tally[RANK[code]]) for code, key in enumerate(KEYS) if code != NONE}

    def match(self, wanted: Filter) -> Ints:
        """Member bits that fit, in the wanted order; ties by newest bit."""
        keep = self.who(wanted.who)
        if wanted.stage:
            keep = keep & (self.crowd.rank == RANK[KEYS.index(wanted.stage)])
        keep = keep & _between(self.crowd.joined, wanted.joined_from, wanted.joined_to, none=FAR)
        keep = keep & self._active_between(wanted.active_from, wanted.active_to)
        if wanted.q or wanted.tag:
            keep = keep & self._named(wanted)
        order = self.crowd.order(wanted.sort)
        found: Ints = order[keep[order]]
        return found

    def _active_between(self, first: int | None, last: int | None) -> Mask:
        """Whose last interaction falls on the days."""
        if first is None and last is None:
            return np.ones(self.crowd.size, dtype=np.bool_)
        clock = self.scope.brand.clock
        low = 1 if first is None else clock.start(first)
        high = 2**62 if last is None else clock.start(last + 1)
        return (self.crowd.last_at >= max(low, 1)) & (self.crowd.last_at < high)

    def _named(self, wanted: Filter) -> Mask:
        """Who carries the tag and whose name or account holds the text; a merged account counts for its root."""
        rows = Member.objects.filter(brand=self.scope.brand, erased_at=None)
        if wanted.q:
            rows = self._called(rows, wanted.q)
        if wanted.tag:
            rows = rows.filter(tags__tag__name=wanted.tag, tags__tag__brand=self.scope.brand)
        found = np.zeros(self.crowd.size, dtype=np.bool_)
        found[self.held.root[np.array(list(rows.values_list("bit", flat=True)), dtype=np.int64)]] = True
        return found

    def _called(self, rows: QuerySet[Member], typed: str) -> QuerySet[Member]:
        """By name; who may see personal data also by account, and by a whole phone, mail or the like, which is sealed
        and so known as a whole alone."""
        if not self.scope.staff.may("members.personal"):
            return rows.filter(name__icontains=typed)
        accounts = Identity.objects.filter(brand=self.scope.brand)
        like = Q(value__icontains=typed) & ~Q(value__startswith=PREFIX) | Q(name__icontains=typed)
        start = Sealing(self.scope.brand).found(typed)
        if start is None:
            return rows.filter(Q(name__icontains=typed) | Q(pk__in=accounts.filter(like).values("member_id")))
        known = accounts.filter(like | Q(value__startswith=start)).values("member_id")
        told = Q(name__icontains=typed) | Q(pk__in=known) | told_of(start)
        return rows.annotate(attributes_text=ATTRIBUTES_TEXT).filter(told)

    # -- fetching -----------------------------------------------------------------------------------------------

    def members(self, bits: Ints) -> list[int]:
        """Member ids of the bits, in their order."""
        found: list[int] = self.held.member_of_bit[bits].tolist()
        return found

    def bits(self, members: Sequence[int]) -> Ints:
        """Bits of those of the ids that stand in this scope."""
        which = self.crowd.here & np.isin(self.held.member_of_bit, np.array(members, dtype=np.int64))
        return np.flatnonzero(which)

    def of_members(self, members: Sequence[int]) -> Ints:
        """Bits of the brand's members with these ids, everybody once, whether they stand in the scope or not."""
        return np.flatnonzero(np.isin(self.held.member_of_bit, np.array(members, dtype=np.int64)))

    def lines(self, bits: Ints, *, shown: Shown | None = None) -> list[Line]:
        """The people of one page, in the given order: two queries."""
        shown = shown or OnScreen(self.scope.staff)
        wanted = self.members(bits)
        first = Identity.objects.filter(member=OuterRef("pk")).order_by("pk")
        # The ids are the brand's own. Were the brand asked for too, SQLite would walk all its members for these few.
        rows = Member.objects.filter(pk__in=wanted).annotate(
            account=Subquery(first.values("value")[:1]), scheme=Subquery(first.values("scheme")[:1])
        )
        sealing = Sealing(self.scope.brand)
        known = {
            pk: (shown.name(name), shown.account(sealing.known(account or ""), scheme or ""))
            for pk, name, account, scheme in rows.values_list("pk", "name", "account", "scheme")
        }
        tags = self._tags(wanted)
        places = self._places(bits)
        return [
            self._line(int(bit), *known[pk], places[int(bit)], tags.get(pk, ()))
            for bit, pk in zip(bits, wanted, strict=True)
        ]

    def all_lines(self, bits: Ints) -> Iterator[Line]:
        """The same for any number of people, some at a time, as files hold them: in full for who may see it."""
        for start in range(0, len(bits), PART):
            yield from self.lines(bits[start : start + PART], shown=Shown(self.scope.staff))

    def _tags(self, members: Sequence[int]) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        for name, pk in self._tag_rows(members):
            if pk is not None:
                found[pk] = (*found.get(pk, ()), name)
        return found

    def _tag_rows(self, members: Sequence[int]) -> list[tuple[str, int | None]]:
        """Every tag of the brand, with those of these members who carry it, in one query."""
        uses = FilteredRelation("uses", condition=Q(uses__member__in=members))
        rows = Tag.objects.filter(brand=self.scope.brand).annotate(use=uses).order_by("name")
        found = list(rows.values_list("name", "use__member_id"))
        self.tag_names = list(dict.fromkeys(name for name, _pk in found))
        return found

    tag_names: Sequence[str] = ()
    """All tags of the brand; known once `lines` was asked."""

    def _places(self, bits: Ints) -> dict[int, tuple[str, ...]]:
        names = {row.pk: row.name for row in self.scope.communities}
        wanted = np.zeros(self.crowd.size, dtype=np.bool_)
        wanted[bits] = True
        found: dict[int, tuple[str, ...]] = {int(bit): () for bit in bits}
        for own in self.crowd.own[wanted[self.held.person[self.crowd.own]]]:
            person = int(self.held.person[own])
            found[person] = (*found[person], names[int(self.held.community[own])])
        return found

    def _line(
        self, bit: int, name: str, account: str, places: tuple[str, ...], tags: tuple[str, ...]
    ) -> Line:
        rank = int(self.crowd.rank[bit])
        stage = KEYS[int(np.flatnonzero(rank == RANK)[0])] if rank else self._role(bit)
        joined, last = int(self.crowd.joined[bit]), int(self.crowd.last_at[bit])
        return Line(
            pk=int(self.held.member_of_bit[bit]),
            name=name,
            account=account,
            communities=places,
            stage=stage,
            stage_label=_label(stage),
            tags=tags,
            said=int(self.crowd.said[bit]),
            joined_on=None if joined == FAR else days.date(joined),
            last_at=self.scope.brand.clock.local(last) if last else None,
            left=stage == "left",
        )

    def _role(self, bit: int) -> str:
        return "bot" if self.crowd.bots[bit] else "staff" if self.crowd.staff[bit] else ""


def _label(stage: str) -> Text:
    return LABELS.get(stage) or {"bot": _("机器人"), "staff": _("员工")}.get(stage, "")


def _between(column: Ints, low: int | None, high: int | None, *, none: int) -> Mask:
    keep = np.ones(len(column), dtype=np.bool_)
    if low is None and high is None:
        return keep
    keep &= column != none
    if low is not None:
        keep &= column >= low
    if high is not None:
        keep &= column <= high
    return keep
