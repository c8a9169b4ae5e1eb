"""Menu entry of jobs."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (Item("data", _("任务"), "list-checks", "jobs", "imports.read", 20),)
