"""Addresses of webhooks."""

from qunying.brands.access import Route
from qunying.webhooks import pages

MAY = "connections.edit"
ROUTES = (
    Route("webhooks/", pages.webhooks, "webhooks", "connections.read", smoke=True),
    Route("webhooks/new/", pages.new_webhook, "new_webhook", MAY),
    Route("webhooks/<int:pk>/", pages.webhook, "webhook", "connections.read"),
    Route("webhooks/<int:pk>/change/", pages.change, "webhook_change", MAY, method="post"),
    Route("webhooks/<int:pk>/secret/", pages.secret, "webhook_secret", MAY, method="post"),
    Route("webhooks/<int:pk>/pause/", pages.pause, "webhook_pause", MAY, method="post"),
    Route("webhooks/<int:pk>/trials/", pages.trial, "webhook_trial", MAY, method="post"),
    Route("webhooks/<int:pk>/resends/", pages.resends, "webhook_resends", MAY, method="post"),
    Route("webhooks/<int:pk>/removal/", pages.removal, "webhook_removal", MAY, method="post"),
    Route("deliveries/<int:pk>/", pages.delivery, "delivery", "connections.read"),
    Route("deliveries/<int:pk>/resends/", pages.resend, "delivery_resend", MAY, method="post"),
)
