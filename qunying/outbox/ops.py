"""What can be done on a platform, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Text

OPS: dict[str, Text] = {
    "message.create": _("发消息"),
    "message.delete": _("撤回消息"),
    "message.pin": _("置顶消息"),
    "reaction.create": _("表情回应"),
    "poll.create": _("发起投票"),
    "member.mute": _("禁言"),
    "member.unmute": _("解除禁言"),
    "member.kick": _("移出群"),
    "member.ban": _("移出并拉黑"),
    "tag.mark": _("打平台标签"),
}
"""Verb of a sending → its name; one that nobody named here is shown as it is."""


def op_label(op: str) -> str:
    return str(OPS.get(op, op))
