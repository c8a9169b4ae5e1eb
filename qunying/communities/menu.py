"""Menu entry of the duty roster; the tree itself is on the floor of metrics, with its figures."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (Item("today", _("值班表"), "clock", "roster", "roster.read", 18),)
