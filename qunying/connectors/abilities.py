"""各平台能做什么: what each connector declares, side by side, in an operator's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qunying.connectors.health import FALLBACKS, MEANS
from qunying.connectors.live.connector import Connector, Fallback, Means, Rate
from qunying.kit.refusals import Text

SECTIONS: tuple[tuple[Text, tuple[tuple[str, Text], ...]], ...] = (
    (
        _("能看到什么"),
        (
            ("hear.messages", _("群消息")),
            ("hear.moves", _("入群与退群")),
            ("hear.reactions", _("表情回应")),
            ("hear.contacts", _("好友的添加与删除")),
            ("hear.figures", _("每日统计")),
            ("history", _("历史消息")),
        ),
    ),
    (
        _("能发什么"),
        (
            ("message.create", _("发群消息")),
            ("message.picture", _("消息带图片")),
            ("reaction.create", _("加表情回应")),
            ("poll.create", _("发起投票")),
            ("message.delete", _("撤回已发的消息")),
            ("message.pin", _("置顶一条消息")),
            ("space.notice.set", _("发群公告")),
            ("welcome.send", _("好友欢迎语")),
            ("mass.create", _("群发")),
            ("mass.remind", _("提醒员工群发")),
            ("mass.cancel", _("取消群发")),
        ),
    ),
    (
        _("能管什么"),
        (
            ("member.request.approve", _("通过入群申请")),
            ("member.mute", _("禁言")),
            ("member.unmute", _("解除禁言")),
            ("member.kick", _("移出群")),
            ("member.ban", _("封禁")),
            ("tag.mark", _("打平台标签")),
            ("tag.create", _("新建平台标签")),
            ("code.create", _("生成活码")),
            ("code.change", _("更换活码")),
            ("code.delete", _("作废活码")),
        ),
    ),
)
"""Everything a connector may declare, in the order it is shown."""


@dataclass(frozen=True)
class Cell:
    """One thing on one platform: `mark` is the colour of `word`, `words` what an operator should know about it, and
    `instead` what happens where it cannot be done."""

    mark: str
    word: str
    words: str
    instead: str
    can: bool


@dataclass(frozen=True)
class Row:
    """One thing to do or see, on every platform shown."""

    label: Text
    cells: tuple[Cell, ...]


def side_by_side(kinds: Sequence[Connector]) -> list[tuple[Text, list[Row]]]:
    """Section by section what each of these lets us do; what none of them knows is left out."""
    shown = []
    for title, entries in SECTIONS:
        rows = [
            Row(label, tuple(cell(kind, op) for kind in kinds))
            for op, label in entries
            if any(op in kind.abilities for kind in kinds)
        ]
        shown.append((title, rows))
    return [(title, rows) for title, rows in shown if rows]


def cell(kind: Connector, op: str) -> Cell:
    """What is not declared cannot be done there; an order for it becomes a to-do."""
    ability = kind.abilities.get(op)
    means = ability.means if ability else Means.NONE
    mark, word = MEANS[means]
    if means != Means.NONE:
        return Cell(mark, str(word), str(ability.words) if ability else "", "", can=True)
    words = str(ability.words) if ability else gettext("这种接入方式没有这一项")
    is_heard = op.startswith("hear.") or op == "history"
    fallback = ability.fallback if ability else Fallback.TASK
    return Cell(mark, str(word), words, "" if is_heard else str(FALLBACKS[fallback]), can=False)


def what_of(kind: Connector, rate: Rate) -> str:
    """Which actions this rate is about, of those the platform lets us do."""
    if not rate.op:
        return gettext("所有操作")
    ops = [op for op, ability in kind.abilities.items() if ability.means != Means.NONE]
    return "、".join(filter(None, (label_of(op) for op in ops if op.startswith(rate.op))))


def label_of(op: str) -> str:
    """What an action is called; "" for what is not shown here."""
    return next((str(label) for _title, entries in SECTIONS for known, label in entries if known == op), "")
