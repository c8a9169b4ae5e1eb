"""Menu entries of people."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (
    Item("people", _("群成员"), "users", "members", "members.read", 10, also=("people/",)),
    Item("people", _("人群包"), "bookmark", "audiences", "members.read", 20),
    Item("people", _("拒收名单"), "user-x", "opt_outs", "members.read", 30, also=("consent-texts/",)),
)
