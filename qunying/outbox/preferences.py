"""What a brand sets for what goes out and for what is done by hand."""

from django.utils.translation import gettext_lazy as _

from qunying.brands.preferences import Preference

MOST_APPROVALS = 2
PREFERENCES = (
    Preference(
        "send_approvals",
        _("写消息的审批人数"),
        0,
        _("0 表示提交后直接外发；1 或 2 表示须由几位同事审批，写的人自己不算。更大的数按 2 算。"),
    ),
    Preference(
        "quiet_from",
        _("安静时段从几点开始"),
        22,
        _(
            "品牌时区的整点（0–23）。安静时段里写消息须改到时段结束后发，或写明原因；晚到这时才轮到的也等时段结束。"
        ),
    ),
    Preference(
        "quiet_to", _("安静时段到几点结束"), 8, _("品牌时区的整点（0–23）。与开始相同表示不设安静时段。")
    ),
    Preference(
        "late_minutes",
        _("应发未发：过计划时间几分钟算"),
        15,
        _("外发过了计划时间这么多分钟还没有发出，就列入今日待办，并告知员工群一次。最少按 1 分钟算。"),
    ),
    Preference(
        "remind_before_hours",
        _("到期前几小时提醒待办"),
        0,
        _("待办和草稿帖到截止日 24 点还没做完时，提前这么多小时自动提醒一次负责人。0 表示不提醒。"),
    ),
    Preference(
        "remind_after_hours",
        _("过期后几小时提醒待办"),
        0,
        _("截止日 24 点之后过这么多小时还没做完，再自动提醒一次。0 表示不提醒。"),
    ),
    Preference(
        "evidence_days", _("完成截图保留天数"), 180, _("到期后只删除图片，完成记录不变。0 表示次日删除。")
    ),
    Preference(
        "picture_days",
        _("消息配图保留天数"),
        180,
        _("从发出那天算起，到期后只删除图片，外发记录不变；还没发出的不删。0 表示次日删除。"),
    ),
)
