"""Menu entries of brands."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (
    Item("settings", _("员工与角色"), "user-check", "staff", "staff.edit", 10),
    Item("settings", _("品牌设置"), "settings", "settings", "brand.edit", 20),
    Item("settings", _("API 令牌"), "key", "tokens", "brand.edit", 30),
    Item("settings", _("操作日志"), "history", "audit", "audit.read", 40),
)
