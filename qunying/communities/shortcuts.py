"""Shortcuts of communities."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Shortcut

SHORTCUTS = (Shortcut(_("新建社群"), "plus", "communities_new", "communities.edit"),)
