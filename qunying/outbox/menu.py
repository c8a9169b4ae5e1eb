"""Menu entries of what goes out; what waits for a person is on the page of today."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (Item("improve", _("外发记录"), "send", "sendings", "tasks.do", 50),)
