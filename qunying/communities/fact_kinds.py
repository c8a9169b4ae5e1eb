"""What can happen in a community. Numbers are stored in the log and never change."""

from django.utils.translation import gettext_lazy as _

from qunying.facts.kinds import FactKind

SENT = 1
EDITED = 2
RECALLED = 3
REACTED = 4
UNREACTED = 5
JOINED = 6
LEFT = 7
REMOVED = 8
INVITED = 9
PINNED = 10
SHARED = 11
CONTACT_ADDED = 12
CONTACT_LOST = 13
"""Friends of an employee, who is `other`. The value of an addition is its source; of a loss 1 if he ended it."""

FACT_KINDS = (
    FactKind(SENT, "message.sent", _("发言"), interaction=True),
    FactKind(EDITED, "message.edited", _("编辑消息")),
    FactKind(RECALLED, "message.recalled", _("撤回消息")),
    FactKind(REACTED, "reaction.added", _("表情回应"), interaction=True),
    FactKind(UNREACTED, "reaction.removed", _("取消表情回应")),
    FactKind(JOINED, "member.joined", _("入群"), observable=False),
    FactKind(LEFT, "member.left", _("退群"), observable=False),
    FactKind(REMOVED, "member.removed", _("被移出群"), observable=False),
    FactKind(INVITED, "member.invited", _("邀请入群")),
    FactKind(PINNED, "message.pinned", _("置顶消息")),
    FactKind(SHARED, "post.shared", _("转发"), interaction=True),
    FactKind(CONTACT_ADDED, "contact.added", _("添加好友"), observable=False),
    FactKind(CONTACT_LOST, "contact.lost", _("好友流失"), observable=False),
)
