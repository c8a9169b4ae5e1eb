"""Shortcuts of importing."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Shortcut

SHORTCUTS = (Shortcut(_("导入文件"), "upload", "imports", "imports.edit"),)
