"""Menu entries of to-dos and of what goes out."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (
    Item("improve", _("待办"), "list-checks", "todos", "tasks.do", 40),
    Item("improve", _("外发记录"), "send", "sendings", "tasks.do", 50),
)
