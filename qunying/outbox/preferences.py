"""What a brand sets for what is done by hand."""

from django.utils.translation import gettext_lazy as _

from qunying.brands.preferences import Preference

PREFERENCES = (
    Preference(
        "evidence_days", _("完成截图保留天数"), 180, _("到期后只删除图片，完成记录不变。0 表示次日删除。")
    ),
)
