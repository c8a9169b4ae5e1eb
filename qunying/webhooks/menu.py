"""Menu entry of webhooks."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.menu import Item

MENU = (Item("data", _("数据推送"), "share-2", "webhooks", "connections.read", 25, also=("deliveries/",)),)
