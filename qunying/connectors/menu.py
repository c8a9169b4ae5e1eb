"""Menu entries of connectors."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (
    Item("data", _("导入"), "upload", "imports", "imports.read", 10),
    Item("data", _("平台接入"), "plug", "connections", "connections.read", 20),
)
