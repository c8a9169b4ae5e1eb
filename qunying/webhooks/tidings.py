"""What is told of the log of facts, and the trial message."""

from django.utils.translation import gettext_lazy as _

from qunying.webhooks.kinds import Tiding

TRIAL = "webhook.test"
TIDINGS = (
    Tiding("member.joined", _("入群"), _("有人入群时：社群、群成员编号、时间")),
    Tiding("member.left", _("退群"), _("有人退群时：社群、群成员编号、时间")),
    Tiding("member.removed", _("被移出群"), _("有人被移出群时：社群、群成员编号、时间")),
    Tiding("contact.added", _("添加好友"), _("有人添加员工为好友时：群成员编号、时间")),
    Tiding("contact.lost", _("好友流失"), _("好友关系结束时：群成员编号、时间")),
)
