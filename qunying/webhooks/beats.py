"""What webhooks do again and again."""

from qunying.jobs.actions import database_now
from qunying.jobs.beats import Beat
from qunying.webhooks.actions import forget_old


def forget() -> None:
    forget_old(now=database_now())


BEATS = (Beat("webhooks.forget", 3600, forget),)
