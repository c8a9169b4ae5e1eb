"""The daily report as a message for a group of staff: which groups may have it, and its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from qunying.brands.addresses import page
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Membership
from qunying.connectors.composing import OP, Target, targets
from qunying.connectors.live.connector import Longest, Means
from qunying.connectors.models import DailyPush
from qunying.kit import days
from qunying.kit.errors import Refused
from qunying.members.models import Member
from qunying.metrics.reports import scopes
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.daily import daily
from qunying.metrics.reports.range import Range


@dataclass(frozen=True)
class Option:
    """员工群: a group to which the report could go, and how many people of its community are not known to be staff."""

    target: Target
    strangers: int

    @property
    def is_for_staff(self) -> bool:
        """A community that counts nowhere is no community of members; in any other one nobody else may be."""
        return self.target.channel.community.is_excluded or not self.strangers


def options(brand: Brand) -> list[Option]:
    """The brand's groups in which a message is sent without anybody's tap."""
    found = [target for target in targets(_everybody(brand)) if _is_direct(target)]
    counts = _strangers(brand, {target.channel.community_id for target in found})
    return [Option(target, counts.get(target.channel.community_id, 0)) for target in found]


def option_of(push: DailyPush) -> Option:
    """The group of the setting; Refused where the report may not, or cannot, go there any more."""
    option = next((each for each in options(push.brand) if each.target.channel.pk == push.channel_id), None)
    if option is None:
        raise Refused("connectors.daily_no_group")
    channel = option.target.channel
    if channel.community_id != push.community_id:
        raise Refused("connectors.daily_moved", group=str(channel))
    if not option.is_for_staff:
        raise Refused("connectors.daily_strangers", group=str(channel), n=option.strangers)
    return option


def words(push: DailyPush, option: Option, *, at: dt.datetime, only_yesterday: bool) -> str:
    """The report of the last whole day, names masked, with everybody's plan, cut to what the group's platform takes.
    `only_yesterday` refuses that of a day before: it would be old news.

    It is in the language of the installation, whoever asks for it.
    """
    brand = push.brand
    with translation.override(settings.LANGUAGE_CODE):
        text = _report(brand, at, only_yesterday=only_yesterday)
        return fitted(text, option.target.kind.longest, link=page_link("daily", brand))


def fitted(text: str, longest: Longest | None, *, link: str) -> str:
    """As many whole lines as one message holds, then how many are left out and where they are."""
    if longest is None or longest.holds(text):
        return text
    lines = text.split("\n")
    for kept in range(len(lines) - 1, 0, -1):
        left = sum(bool(line) for line in lines[kept:])
        more = _("另有 {n} 行没有列出，请到日报页查看。").format(n=left)
        cut = "\n".join(["\n".join(lines[:kept]).rstrip(), more, *filter(None, [link])])
        if longest.holds(cut):
            return cut
    return lines[0]


def _report(brand: Brand, at: dt.datetime, *, only_yesterday: bool) -> str:
    day = brand.today(at) - 1
    scope = scopes.about(scopes.outsider(brand), node=None, first=day, last=day, at=at).scope
    if not scope.known:
        raise Refused("metrics.nothing_to_report", place=scope.name)
    if scope.complete < day and only_yesterday:
        raise Refused("connectors.daily_not_yet", day=days.date(day).isoformat())
    span = Range("custom", scope.complete, scope.complete, scope.since, scope.complete)
    return daily(About(scope, span, at), planner=_everybody(brand)).text


def _everybody(brand: Brand) -> Staff:
    """Whoever runs the brand's communities: sees all groups and what anybody has to do. Never stored."""
    return Staff(brand=brand, role="operator", reach=None)


def _is_direct(target: Target) -> bool:
    ability = target.kind.abilities.get(OP)
    return ability is not None and ability.means == Means.DIRECT


def _strangers(brand: Brand, communities: Iterable[int]) -> dict[int, int]:
    """Community → people ever seen in it who were never marked as staff, bots or test accounts."""
    ours = Q(is_bot=True) | Q(is_test=True) | Q(staff_spans__isnull=False)
    known = Member.objects.filter(ours, brand=brand).values("pk")
    rows = Membership.objects.filter(brand=brand, community__in=communities)
    people = rows.annotate(person=Coalesce("member__merged_into_id", "member_id"))
    strange = people.exclude(person__in=known).order_by().values_list("community")
    return dict(strange.annotate(Count("person", distinct=True)))


def page_link(name: str, brand: Brand) -> str:
    """A page of the brand, where the installation knows its own address; see QUNYING_ORIGINS."""
    origin = next((each for each in settings.CSRF_TRUSTED_ORIGINS if "*" not in each), "")
    return f"{origin}{page(name, brand.slug)}" if origin else ""
