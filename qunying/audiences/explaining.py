"""为什么是这个阶段: the rules in their order with what they looked at, the way to the next stage, the next
evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from qunying.audiences.columns import FAR
from qunying.audiences.contribution import NOMINATE_DAYS
from qunying.audiences.queries import Acts
from qunying.audiences.stages import (
    DORMANT_DAYS,
    HIGH_DAYS,
    INTERACTION_DAYS,
    KEYS,
    LABELS,
    NEW_DAYS,
    Knowledge,
    judge,
)
from qunying.communities.models import Community
from qunying.kit import days
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Stay:
    """What the stage needs of a membership: first day known, whether in the group at the day's end, appointed
    to core."""

    started: int | None
    present: bool
    core: bool


@dataclass(frozen=True)
class Rule:
    """One rule of the order: its stage, what it asks, what was found; `holds` for the one that decided."""

    stage: str
    label: Text
    asks: str
    found: str
    holds: bool


@dataclass(frozen=True)
class Reason:
    """A membership's stage on a day and why; `ahead` says what would change it, `next_on` when it is judged again."""

    community: str
    stage: str
    label: Text
    rules: tuple[Rule, ...]
    ahead: tuple[str, ...]
    highly_active: bool
    next_on: str


def reason(community: Community, stay: Stay, acts: Acts, *, day: int) -> Reason:
    """Judged by the same rules as everywhere, from this member's own acts."""
    active = max((past for past in acts.active if past <= day), default=-FAR)
    spoke = max((past for past in acts.spoke if past <= day), default=-FAR)
    known = Knowledge(
        bits=np.array([0]),
        started=np.array([FAR if stay.started is None else stay.started]),
        present=np.array([stay.present]),
        ever=np.array([bool(acts.active)]),
        last_active=np.array([active]),
        last_spoke=np.array([spoke]),
        core=np.array([stay.core]),
    )
    stage = (
        KEYS[int(judge(known, day=day, sees=community.sees_speech, window=community.silence)[0])] or "left"
    )
    told = _Told(community, stay, acts, day, active, spoke)
    return Reason(
        community=community.name,
        stage=stage,
        label=LABELS[stage],
        rules=tuple(
            Rule(key, LABELS[key], *told.rule(key), holds=key == stage)
            for key in ORDER[: ORDER.index(stage) + 1]
        ),
        ahead=tuple(told.ahead(stage)),
        highly_active=stage == "active" and told.days_active(7) >= HIGH_DAYS,
        next_on=days.date(day + 1).isoformat(),
    )


ORDER = ("left", "unobserved", "core", "new", "dormant", "silent", "active")


class _Told:
    """Puts the rules' inputs into words."""

    def __init__(
        self, community: Community, stay: Stay, acts: Acts, day: int, active: int, spoke: int
    ) -> None:
        self.community, self.stay, self.acts, self.day = community, stay, acts, day
        self.active, self.spoke = active, spoke
        self.window = community.silence
        self.quiet = min(INTERACTION_DAYS, self.window)

    def days_active(self, over: int) -> int:
        return sum(1 for past in self.acts.active if self.day - over < past <= self.day)

    def rule(self, key: str) -> tuple[str, str]:
        """(what the rule asks, what was found)."""
        last = _("最近互动：{day}").format(day=_when(self.active))
        said = _("最近发言：{day}").format(day=_when(self.spoke))
        asked = {
            "left": (_("已退群或被移出"), _("在群") if self.stay.present else _("不在群")),
            "unobserved": (
                _("所在群看不到发言，且从未有任何互动"),
                _("有互动记录") if self.acts.active else _("没有互动记录"),
            ),
            "core": (_("经人工任命为核心"), _("已任命") if self.stay.core else _("未任命")),
            "new": (
                _("入群不超过 {n} 天").format(n=NEW_DAYS),
                _("入群：{day}").format(day=_when(self.stay.started)),
            ),
            "dormant": (_("{n} 天没有任何互动").format(n=DORMANT_DAYS), last),
            "silent": (
                _("{n} 天没有发言，且 {m} 天没有互动").format(n=self.window, m=self.quiet),
                f"{said}；{last}",
            ),
            "active": (_("以上都不符合"), f"{said}；{last}"),
        }
        return asked[key]

    def ahead(self, stage: str) -> list[str]:
        """What would move the member, and when it happens by itself."""
        steady = _("成为核心候选：近 30 天活跃 {n}/{need} 天，且贡献进入前 10%").format(
            n=self.days_active(30), need=NOMINATE_DAYS
        )
        if stage == "new" and self.stay.started is not None:
            until = days.date(self.stay.started + NEW_DAYS + 1).isoformat()
            return [_("{day} 起按互动情况判定").format(day=until), steady]
        if stage == "active":
            quiet_on = max(self.spoke + self.window, self.active + self.quiet)
            falls = _("若一直不再发言和互动，{day} 转为沉默").format(day=days.date(quiet_on).isoformat())
            return [steady, falls] if quiet_on > self.day else [steady]
        if stage == "silent":
            asleep_on = self.active + DORMANT_DAYS
            known = (
                [_("若仍无互动，{day} 转为沉睡").format(day=days.date(asleep_on).isoformat())]
                if asleep_on > self.day
                else []
            )
            return [_("发言一次或互动一次，即转为活跃"), *known]
        return {
            "dormant": [_("有任意一次互动，即转为活跃")],
            "unobserved": [_("打卡、投票或导入聊天记录后即可判定")],
            "left": [_("重新入群后重新判定")],
            "core": [_("任命结束后按互动情况判定")],
        }.get(stage, [])


def _when(day: int | None) -> str:
    return _("无记录") if day is None or abs(day) >= FAR else days.date(day).isoformat()
