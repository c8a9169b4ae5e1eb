"""Menu entries of findings, playbooks and runs."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (
    Item("improve", _("诊断问题"), "stethoscope", "findings", "advice.read", 10, also=("advice/",)),
    Item("improve", _("运营SOP"), "book-open", "playbooks", "advice.read", 20),
    Item("improve", _("执行记录"), "rocket", "runs", "advice.read", 30),
)
