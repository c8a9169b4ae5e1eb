"""Menu entry of the to-dos."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (Item("improve", _("待办"), "list-checks", "todos", "tasks.do", 40),)
