"""What a brand sets for its numbers."""

from django.utils.translation import gettext_lazy as _

from qunying.brands.preferences import Preference

RATE = _("百分之几；0 表示不设目标。卡片上会显示完成度。")

PREFERENCES = (
    Preference("rival_terms", _("竞品词"), "", _("每行一个词，用于计算声量占比。")),
    Preference("goal.dau", _("日活跃人数目标"), 0, _("全部社群合计；0 表示不设目标。卡片上会显示完成度。")),
    Preference("goal.speaking_rate", _("发言率目标"), 0, RATE),
    Preference("goal.active_share", _("活跃占比目标"), 0, RATE),
    Preference("goal.retention.d7", _("7日留存目标"), 0, RATE),
)
GOALS = ("dau", "speaking_rate", "active_share", "retention.d7")
"""Metrics a goal can be set for, as the setting "goal.<key>"."""
