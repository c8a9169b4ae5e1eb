"""Menu entries of numbers."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qunying.kit.menu import Item

KEPT = ("everybody",)
MENU = (
    Item("today", _("数据概览"), "layout-dashboard", "dashboard", "numbers.read", 10, keeps=KEPT),
    Item("today", pgettext_lazy("many", "社群"), "message-circle", "communities", "numbers.read", 20),
    Item("today", _("日报"), "newspaper", "daily", "numbers.read", 30),
    Item("today", _("周报与月报"), "file-text", "report", "numbers.read", 40),
    Item("people", _("留存分析"), "heart-pulse", "retention", "numbers.read", 30, keeps=KEPT),
    Item("people", _("活跃分析"), "activity", "activity", "numbers.read", 40, keeps=KEPT),
    Item("data", _("指标词典"), "book-open", "metrics", "numbers.read", 90),
)
