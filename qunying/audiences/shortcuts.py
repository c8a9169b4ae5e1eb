"""Shortcuts of people."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Shortcut

SHORTCUTS = (Shortcut(_("新建人群包"), "bookmark", "members", "audiences.edit"),)
