"""Verbs of webhooks: set one up, tell it, hand a delivery to a courier once, send again, forget."""

from qunying.webhooks.actions.delivering import (
    claim,
    conclude,
    forget_old,
    forget_person,
    resend,
    resend_failed,
    secrets_of,
)
from qunying.webhooks.actions.setting_up import add, change, go_on, pause, remove, rotate, try_out
from qunying.webhooks.actions.telling import Told, tell

__all__ = [
    "Told",
    "add",
    "change",
    "claim",
    "conclude",
    "forget_old",
    "forget_person",
    "go_on",
    "pause",
    "remove",
    "resend",
    "resend_failed",
    "rotate",
    "secrets_of",
    "tell",
    "try_out",
]
