"""How a connection is, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.live.connector import Connector, Fallback, Means
from qunying.connectors.models import Connection, Inbound
from qunying.connectors.queries import connector
from qunying.jobs.queries import sentence
from qunying.kit.refusals import Text

MEANS: dict[Means, tuple[str, Text]] = {
    Means.DIRECT: ("ok", gettext_lazy("可以")),
    Means.PERSON: ("warn", gettext_lazy("需员工点发送")),
    Means.POLLED: ("ok", gettext_lazy("定时读取")),
    Means.PAID: ("warn", gettext_lazy("需付费或申请")),
    Means.NONE: ("", gettext_lazy("平台不支持")),
}
FALLBACKS: dict[Fallback, Text] = {
    Fallback.TASK: gettext_lazy("转为员工待办"),
    Fallback.SKIP: gettext_lazy("跳过"),
    Fallback.FAIL: gettext_lazy("记为失败"),
}


@dataclass(frozen=True)
class Line:
    """A connection as lists show it: `mark` is the colour of `word`, `trouble` what is wrong and what to do."""

    row: Connection
    kind: Connector
    mark: str
    word: str
    trouble: str
    heard_at: dt.datetime | None
    waiting: int
    held: int
    unread: int


def line(row: Connection) -> Line:
    counts = {
        state: row.inbound.filter(state=state).count()
        for state in (Inbound.State.WAITING, Inbound.State.HELD, Inbound.State.POISON)
    }
    mark, word = _standing(row)
    return Line(
        row,
        connector(row.connector),
        mark,
        word,
        sentence(row.failure),
        row.heard_at,
        counts[Inbound.State.WAITING],
        counts[Inbound.State.HELD],
        counts[Inbound.State.POISON],
    )


def _standing(row: Connection) -> tuple[str, str]:
    if not row.is_on:
        return "paused", _("已暂停")
    if row.failure is not None:
        return "failed", _("连接有问题")
    if row.heard_at is None:
        return "queued", _("等待第一条数据")
    return "running", _("正常")


def abilities(kind: Connector) -> Sequence[tuple[str, str, str, str]]:
    """What the platform lets us do: colour, word, words, and what happens instead where it does not."""
    shown = []
    for ability in kind.abilities.values():
        mark, word = MEANS[ability.means]
        instead = str(FALLBACKS[ability.fallback]) if ability.means == Means.NONE else ""
        shown.append((mark, str(word), str(ability.words), instead))
    return shown
