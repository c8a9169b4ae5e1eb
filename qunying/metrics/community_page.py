"""What the page of one community shows beside its figures: profile, sources, inviters, speakers."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from qunying.audiences.roster import Roster
from qunying.communities.models import Community
from qunying.communities.platforms import platform
from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.metrics.asking import Asker
from qunying.metrics.periods import Period
from qunying.metrics.sources import by_source, inviters
from qunying.metrics.structure import Ranking

TOP = 10


def profile(row: Community, scope: Scope) -> list[tuple[str, object]]:
    """What the community is, in words."""
    span = ""
    if row.covered_from is not None and row.covered_to is not None:
        span = f"{days.date(row.covered_from)} – {days.date(row.covered_to)}"
    return [
        (_("类型"), row.get_kind_display()),
        (_("层级"), row.get_level_display()),
        (_("定位"), row.purpose),
        (_("目标人群"), row.setting("persona")),
        (_("平台"), platform(row.platform)),
        (_("负责人"), row.setting("owner")),
        (_("人数上限"), row.capacity),
        (_("沉默窗口"), _silence(row, scope)),
        (_("社群标签"), "、".join(row.labels)),
        (_("数据日期"), span),
        (_("下属社群"), len(scope.communities) if row.level != Community.Level.COMMUNITY else None),
    ]


def _silence(row: Community, scope: Scope) -> str:
    """The silent window in force, and the node it comes from where that is another."""
    text = _("{n} 天").format(n=row.silence)
    held = row.inherited.get("silent_days")
    if row.silent_days is not None or held is None:
        return text
    above = next((node.name for node in scope.nodes if node.pk == held["from"]), _("上级"))
    return _("{days}（继承自“{node}”）").format(days=text, node=above)


def talk(scope: Scope, period: Period) -> dict[str, object]:
    """Sources and inviters of the period's joins, and the top of the speakers with their ties."""
    at = dt.datetime.now(dt.UTC)
    asker = Asker(scope.brand, scope.known, at=at, with_everybody=scope.with_everybody)
    question = asker.question(period.first, period.last)
    may = scope.staff.may("members.read")
    ranked = Ranking(question, with_silent=True) if may else None
    top = ranked.top(TOP) if ranked else []
    who = inviters(question, scope.complete) if may else []
    roster = Roster(scope)
    lines = {
        line.pk: line
        for line in roster.lines(
            roster.of_members([*(row.member for row in top), *(row.member for row in who)])
        )
    }
    return {
        "sources": by_source(scope, asker, period),
        "top": [(row, lines[row.member]) for row in top if row.member in lines],
        "silent": ranked.silent if ranked else 0,
        "inviters": [(row, lines[row.member]) for row in who if row.member in lines],
    }
