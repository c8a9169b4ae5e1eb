"""Which communities a page speaks of: those in the staff member's reach, or the node chosen by `c` in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.communities.queries import leaves, visible
from qunying.facts.models import Cursor
from qunying.kit import days
from qunying.kit.errors import Missing


@dataclass(frozen=True)
class Scope:
    """`nodes` are all that the staff member may choose from, `node` the chosen one or None for all of them.

    `communities` are the real ones below it; tests, and what is below one, only when chosen themselves. `position` is
    how far the log has been read, so that whatever is kept between requests knows when it is stale. `with_everybody`
    counts bots, test accounts and staff too, where the page has the switch for it.
    """

    staff: Staff
    nodes: tuple[Community, ...]
    node: Community | None
    today: int
    position: int
    with_everybody: bool = False

    @property
    def brand(self) -> Brand:
        return self.staff.brand

    @cached_property
    def communities(self) -> tuple[Community, ...]:
        if self.node is not None:
            below = leaves(list(self.nodes), self.node)
            return tuple(row for row in below if not row.is_excluded or row.pk == self.node.pk)
        return tuple(
            row for row in self.nodes if row.level == Community.Level.COMMUNITY and not row.is_excluded
        )

    @cached_property
    def known(self) -> tuple[Community, ...]:
        """Those we have data of."""
        return tuple(row for row in self.communities if row.covered_to is not None)

    @property
    def places(self) -> tuple[int, ...]:
        return tuple(sorted(row.pk for row in self.known))

    @property
    def is_brand(self) -> bool:
        """Whether this is everything the brand counts."""
        return self.node is None and self.staff.reach is None

    @property
    def within(self) -> Staff:
        """The staff member as one whose reach is the chosen community and what is below it: so whoever lists things to
        do narrows the rows before the longest due of them are taken."""
        if self.node is None:
            return self.staff
        narrowed = copy(self.staff)
        narrowed.reach = [self.node.pk, *(row.pk for row in self.communities)]
        return narrowed

    @property
    def as_of(self) -> int:
        """The last day we know anything of, at most today."""
        return min([self.today, max((row.covered_to or 0 for row in self.known), default=self.today)])

    @property
    def since(self) -> int:
        return min((row.covered_from or 0 for row in self.known), default=self.as_of)

    @property
    def complete(self) -> int:
        """The last whole day we know: figures of periods end here."""
        return min(self.as_of, self.today - 1)

    @property
    def name(self) -> str:
        if self.node is not None:
            return self.node.name
        return _("全部社群") if self.staff.reach is None else _("我负责的社群")

    def freshness(self) -> str:
        """Up to when the figures go and for how many of the communities."""
        if not self.known:
            return _("还没有数据。")
        late = [row.name for row in self.known if (row.covered_to or 0) < self.as_of]
        said = _("数据截至 {day}，时区 {zone}，覆盖 {known}/{all} 个社群。").format(
            day=days.date(self.as_of).isoformat(),
            zone=self.brand.zone,
            known=len(self.known) - len(late),
            all=len(self.communities),
        )
        return said + _("尚未更新到这一天：{names}。").format(names="、".join(late[:3])) if late else said


def scope_of(request: BrandRequest, at: dt.datetime) -> Scope:
    """The request's scope, worked out once a request; a node out of reach is Missing."""
    held = request.__dict__.get("_scope")
    if isinstance(held, Scope):
        return held
    reader = Cursor.objects.filter(brand=OuterRef("brand"), projector="communities.presence").values(
        "position"
    )[:1]
    rows = list(visible(request.staff).annotate(position=Subquery(reader)).order_by("level", "name"))
    position = max((getattr(row, "position") or 0 for row in rows), default=0)  # noqa: B009  # an annotation
    scope = Scope(
        request.staff, tuple(rows), chosen(request.GET.get("c", ""), rows), request.brand.today(at), position
    )
    request.__dict__["_scope"] = scope
    return scope


def chosen(text: str, rows: Sequence[Community]) -> Community | None:
    """The node with this number; None for an empty text, Missing for one that is not there."""
    if not text:
        return None
    for row in rows:
        if str(row.pk) == text:
            return row
    raise Missing("communities.not_found")


def frame(scope: Scope) -> dict[str, object]:
    """What the console's frame shows of the scope: the switcher and the foot line."""
    return {
        "brand": scope.brand,
        "staff": scope.staff,
        "communities": scope.nodes,
        "scope": scope.node,
        "scope_name": scope.name,
        "freshness": scope.freshness(),
        "with_everybody": scope.with_everybody,
    }
