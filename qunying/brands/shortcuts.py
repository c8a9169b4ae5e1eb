"""Shortcuts of brands."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Shortcut

SHORTCUTS = (
    Shortcut(_("添加员工"), "user-plus", "staff", "staff.edit"),
    Shortcut(_("新建 API 令牌"), "key", "tokens", "brand.edit"),
)
