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
        "evidence_days", _("完成截图保留天数"), 180, _("到期后只删除图片，完成记录不变。0 表示次日删除。")
    ),
)
