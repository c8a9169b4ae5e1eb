"""What can be done on a platform, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Text

REMIND, CANCEL = "mass.remind", "mass.cancel"
OPS: dict[str, Text] = {
    "message.create": _("发消息"),
    "message.picture": _("消息带图片"),
    "message.delete": _("撤回消息"),
    "message.pin": _("置顶消息"),
    "reaction.create": _("表情回应"),
    "poll.create": _("发起投票"),
    "member.mute": _("禁言"),
    "member.unmute": _("解除禁言"),
    "member.kick": _("移出群"),
    "member.ban": _("移出并拉黑"),
    "member.request.approve": _("通过入群申请"),
    "mass.create": _("群发"),
    REMIND: _("提醒员工发送群发"),
    CANCEL: _("取消群发"),
    "welcome.send": _("新好友欢迎语"),
    "tag.mark": _("打平台标签"),
    "tag.create": _("新建平台标签"),
    "code.create": _("生成活码"),
    "code.change": _("更换活码"),
    "code.delete": _("作废活码"),
}
"""Verb of a sending → its name; one that nobody named here is shown as it is."""
SPEAKING = ("message.create", "mass.create", "poll.create")
"""Verbs by which members are told something; the others keep order, or concern nobody but us."""


def op_label(op: str) -> str:
    return str(OPS.get(op, op))


def asked_of(op: str, target: str, params: Mapping[str, object]) -> str:
    """What a hand has to do in words: the text to post, else the verb and whom or what it is about."""
    return str(params.get("text") or f"{op_label(op)} {target}".strip())
