"""One person as a card shows it: everything a staff member may see of a member and those merged into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from qunying.audiences.columns import columns
from qunying.audiences.contribution import nominated
from qunying.audiences.explaining import Reason, Stay, reason
from qunying.audiences.masking import Field, OnScreen, Value
from qunying.audiences.models import Appointment, StageSpan
from qunying.audiences.queries import Acts, acts, standing_appointment
from qunying.audiences.roster import Line, Roster
from qunying.audiences.sets import Sets
from qunying.audiences.stages import LABELS
from qunying.communities.models import Community, Spell
from qunying.communities.platforms import platform
from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text
from qunying.members.actions import written
from qunying.members.models import Identity, Member, MemberTag
from qunying.members.queries import spans_of
from qunying.members.sealing import Sealing


@dataclass(frozen=True)
class TagShown:
    label: str
    origin: str


@dataclass(frozen=True)
class StayShown:
    """One stay in a community, as its page says it."""

    community: Community
    joined: dt.datetime | None
    left: dt.datetime | None
    how: str
    source: str
    is_sure: bool


@dataclass(frozen=True)
class CoreShown:
    """核心: a community in which the person holds an appointment, or (None) is nominated for one."""

    community: Community
    appointment: Appointment | None


@dataclass(frozen=True)
class AccountShown:
    """A platform account; masked unless the role shows personal data, phones and mails for everybody."""

    scheme: str
    value: Value
    name: Value
    aliases: tuple[Value, ...]


@dataclass(frozen=True)
class StaffShown:
    """Days on the staff; `key` names them in forms."""

    from_on: dt.date
    until_on: dt.date | None
    key: str


@dataclass(frozen=True)
class Marks:
    """Why a person does not count; a merged account's mark is the person's."""

    is_bot: bool
    is_test: bool
    staff: tuple[StaffShown, ...]


@dataclass(frozen=True)
class Person:
    """The root, the ids that count as it, and the communities that both it and the staff member are in."""

    scope: Scope
    root: Member
    ids: tuple[int, ...]
    places: tuple[Community, ...]

    @property
    def names_of_places(self) -> dict[int, str]:
        return {row.pk: row.name for row in self.places}

    @cached_property
    def line(self) -> Line:
        return Roster(self.scope).lines(np.array([self.root.bit]))[0]

    def shown(self, url: str) -> dict[str, object]:
        """What console/_member.html wants."""
        line = self.line
        held = MemberTag.objects.select_related("tag").filter(member__in=self.ids).order_by("created_at")
        return {
            "name": line.name,
            "sub": line.account,
            "url": url,
            "stage": line.stage,
            "stage_label": line.stage_label,
            "tags": [TagShown(use.tag.name, use.origin) for use in held],
            "facts": self._facts(line),
        }

    @property
    def marks(self) -> Marks:
        flags = list(Member.objects.filter(pk__in=self.ids).values_list("is_bot", "is_test"))
        spans = tuple(StaffShown(*span, written([span])) for span in spans_of(self.root))
        return Marks(any(bot for bot, _test in flags), any(test for _bot, test in flags), spans)

    # -- what is told of the person ------------------------------------------------------------------------------

    @property
    def shown_as(self) -> OnScreen:
        return OnScreen(self.scope.staff)

    def fields(self) -> Iterator[Field]:
        """Everything a staff member may ask to see."""
        yield from self._attributes()
        for row in self._identities:
            yield from self._fields_of(row)

    def _attributes(self) -> Iterator[Field]:
        for name, value in self.sealing.all_known(self.root.attributes).items():
            if value:
                yield Field(f"attribute:{name}", name, value, is_account=False)

    @cached_property
    def sealing(self) -> Sealing:
        return Sealing(self.scope.brand)

    @cached_property
    def _identities(self) -> list[Identity]:
        return list(Identity.objects.filter(member__in=self.ids).order_by("pk"))

    def _facts(self, line: Line) -> list[tuple[str, object]]:
        found: list[tuple[str, object]] = [
            (_("入群日期"), line.joined_on.isoformat() if line.joined_on else None),
            (_("最近互动"), line.last_at.strftime("%Y-%m-%d %H:%M") if line.last_at else None),
            (_("近30天发言"), f"{line.said:,}"),
            (_("所在社群"), _("{n} 个").format(n=len(self.places))),
        ]
        labels = {
            "city": _("城市"),
            "phone": _("手机"),
            "email": _("邮箱"),
            "gender": _("性别"),
            "birthday": _("生日"),
            "note": _("备注"),
        }
        shown = [
            (labels.get(one.called, one.called), self.shown_as.attribute_of(one))
            for one in self._attributes()
        ]
        return [*found, *((label, value) for label, value in shown if value)]

    @cached_property
    def _acts(self) -> dict[int, Acts]:
        return acts(self.scope.brand, self.ids, [row.pk for row in self.places], self.scope.complete)

    def reasons(self) -> list[Reason]:
        """Why the person is in the stage of each community."""
        held = columns(self.scope.brand)
        found = []
        for row in self.places:
            day = min(
                self.scope.complete, row.covered_to if row.covered_to is not None else self.scope.complete
            )
            mine = held.stays
            which = (
                (held.community[mine.bit] == row.pk)
                & (held.person[mine.bit] == self.root.bit)
                & (mine.joined <= day)
            )
            started = int(mine.joined[which].min()) if which.any() else None
            stay = Stay(started, bool((mine.left[which] > day).any()), self._is_core(row, day))
            found.append(reason(row, stay, self._acts[row.pk], day=day))
        return found

    def _is_core(self, community: Community, day: int) -> bool:
        on = days.date(day)
        rows = Appointment.objects.filter(
            membership__community=community, membership__member__in=self.ids, from_on__lte=on
        )
        return rows.filter(Q(until_on=None) | Q(until_on__gte=on)).exists()

    def core(self) -> list[CoreShown]:
        """For each community where the person is core or nominated: which of the two, and since when and by whom."""
        found = []
        for row in self.places:
            held = standing_appointment(self.ids, row)
            day = min(
                self.scope.complete, row.covered_to if row.covered_to is not None else self.scope.complete
            )
            bits = set(row.memberships.filter(member__in=self.ids).values_list("bit", flat=True))
            if held is not None or bits & set(nominated(Sets(self.scope.brand, (row.pk,)), day)):
                found.append(CoreShown(row, held))
        return found

    def stays(self) -> list[StayShown]:
        """All stays, the latest first."""
        clock = self.scope.brand.clock
        rows = Spell.objects.select_related("membership__community", "source").filter(
            membership__member__in=self.ids, membership__community__in=self.places
        )
        return [
            StayShown(
                row.membership.community,
                clock.local(row.joined_at) if row.joined_at else None,
                clock.local(row.left_at) if row.left_at else None,
                _("被移出") if row.is_removed else _("退群") if row.left_at else _("在群"),
                row.source.name if row.source else "",
                row.basis == 1,
            )
            for row in sorted(rows, key=lambda row: -(row.joined_at or 0))
        ]

    def stage_changes(self) -> list[tuple[dt.date, str, Text]]:
        """(day, community, stage) of each recorded change of stage, the latest first."""
        rows = StageSpan.objects.filter(
            membership__member__in=self.ids, membership__community__in=self.places
        )
        table = rows.order_by("-from_day").values_list("from_day", "membership__community__name", "stage")[
            :40
        ]
        return [(days.date(day), name, LABELS.get(stage, stage)) for day, name, stage in table]

    def accounts(self) -> list[AccountShown]:
        found, shown = [], self.shown_as
        for row in self._identities:
            value, *names = self._fields_of(row)
            name, *aliases = map(shown.name_of, names)
            found.append(AccountShown(platform(row.scheme), shown.account_of(value), name, tuple(aliases)))
        return found

    def _fields_of(self, row: Identity) -> Iterator[Field]:
        """The account's value, its name, then its older names."""
        yield Field(f"account:{row.pk}", row.scheme, self.sealing.known(row.value))
        yield Field(f"account:{row.pk}:name", "", row.name)
        for at, alias in enumerate(row.aliases):
            yield Field(f"account:{row.pk}:alias:{at}", "", str(alias))


def person(scope: Scope, root: Member) -> Person:
    """The member as this staff member may see it; Missing when none of the communities is within reach."""
    ids = tuple(Member.objects.filter(Q(pk=root.pk) | Q(merged_into=root)).values_list("pk", flat=True))
    held = columns(scope.brand)
    mine = set(np.unique(held.community[held.person == root.bit]).tolist())
    places = tuple(row for row in scope.nodes if row.pk in mine)
    if not places and scope.staff.reach is not None:
        raise Missing("members.not_found")
    return Person(scope, root, ids, places)
