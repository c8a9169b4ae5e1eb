"""限额表: every limit of every platform, one a row, each figure from where it is obeyed, with source and date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.abilities import what_of
from qunying.connectors.live.connector import Basis, Ceiling, Connector, Longest, Rate, Reached, Source
from qunying.kit.refusals import Text

STALE_DAYS = 180
"""Platforms change their figures: what nobody has looked up for longer is to be looked up again."""
REACHED: dict[Reached, Text] = {
    Reached.WAIT: gettext_lazy("排队，等可以发时再发"),
    Reached.REFUSE: gettext_lazy("不发，写明原因"),
    Reached.SPLIT: gettext_lazy("自动分几次"),
    Reached.EXPIRE: gettext_lazy("不再发，记为已过期"),
    Reached.PLATFORM: gettext_lazy("由平台拒绝，结果里写明"),
    Reached.GONE: gettext_lazy("更早的取不到"),
    Reached.TURN: gettext_lazy("活码换上下一个群"),
    Reached.UNUSED: gettext_lazy("本系统暂不涉及，供参考"),
}
PER: dict[str, Text] = {"account": gettext_lazy("按账号"), "group": gettext_lazy("按群")}
UNITS: dict[str, Text] = {"letters": gettext_lazy("字"), "bytes": gettext_lazy("字节")}
WINDOWS: dict[float, Text] = {1: gettext_lazy("每秒"), 60: gettext_lazy("每分钟")}


@dataclass(frozen=True)
class Row:
    """One limit: `about` is whose it is, `where` which kind of group where the platform has several, `window` the time
    it is counted in."""

    what: str
    figure: str
    unit: Text
    window: Text
    about: Text
    where: Text
    reached: Text
    source: Source
    is_old: bool

    @property
    def is_recalled(self) -> bool:
        return self.source.basis == Basis.RECALLED


def table(kind: Connector, *, today: dt.date) -> list[Row]:
    """What of this platform is limited: how often, how long, and what else."""
    return [_row(each, today) for each in _ceilings(kind)]


def _ceilings(kind: Connector) -> Iterator[Ceiling]:
    for rate in kind.rates:
        yield _of_rate(rate, kind)
    if kind.longest is not None:
        yield _of_length(kind.longest)
    yield from kind.ceilings


def _of_rate(rate: Rate, kind: Connector) -> Ceiling:
    window = WINDOWS.get(rate.seconds) or _("每 %(n)s 秒") % {"n": f"{rate.seconds:g}"}
    return Ceiling(
        what_of(kind, rate),
        f"{rate.size:,g}",
        gettext_lazy("次"),
        PER[rate.per],
        Reached.WAIT,
        rate.source,
        window=window,
    )


def _of_length(longest: Longest) -> Ceiling:
    unit, per = UNITS[longest.unit], gettext_lazy("按消息")
    return Ceiling(gettext_lazy("一条消息的长度"), longest.size, unit, per, Reached.REFUSE, longest.source)


def _row(each: Ceiling, today: dt.date) -> Row:
    return Row(
        what=str(each.what),
        figure=f"{each.figure:,}" if isinstance(each.figure, int) else str(each.figure),
        unit=each.unit,
        window=each.window,
        about=each.per,
        where=each.where,
        reached=REACHED[each.reached],
        source=each.source,
        is_old=(today - each.source.as_of).days > STALE_DAYS,
    )
