"""Shortcuts of numbers."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Shortcut

SHORTCUTS = (Shortcut(_("打开报告"), "file-text", "report", "numbers.read"),)
