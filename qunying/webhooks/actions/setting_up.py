"""Add a webhook, say what it wants, pause it, give it a new secret, take it away, send it a trial message."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Brand, Staff
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid, Refused
from qunying.kit.safe_hosts import look_outside
from qunying.webhooks.actions.delivering import seal_secrets, standing
from qunying.webhooks.actions.telling import Told, delivery_of
from qunying.webhooks.kinds import tidings
from qunying.webhooks.models import Webhook
from qunying.webhooks.signing import new_secret
from qunying.webhooks.tidings import TRIAL

LONGEST = 500
OVERLAP = dt.timedelta(hours=24)
"""How long the secret before still counts after it was changed."""
State = Webhook.State


@transaction.atomic
def add(
    brand: Brand, *, name: str, url: str, kinds: Sequence[str], at: dt.datetime, by: Staff
) -> tuple[Webhook, str]:
    """A webhook that is told from now on, and its secret, which is never shown again."""
    url = _checked(url)
    if Webhook.objects.filter(brand=brand, url=url).exists():
        raise Refused("webhooks.address_taken", url=url)
    secret = new_secret()
    made = Webhook.objects.create(
        brand=brand,
        name=name.strip()[:80] or urlsplit(url).netloc[:80],
        url=url,
        kinds=_known(kinds),
        secrets=seal_secrets(brand, [(secret, None)]),
        created_at=at,
    )
    _log(made, "webhook.added", by=by, at=at, after={"name": made.name, "kinds": made.kinds})
    return made, secret


def _checked(url: str) -> str:
    """The address without what never leaves the browser; Invalid for one that leads inside or is not encrypted."""
    url = url.strip().partition("#")[0]
    if len(url) > LONGEST:
        raise Invalid("webhooks.address_too_long", limit=LONGEST)
    host = look_outside(url, own=settings.PRIVATE_HOSTS)
    if urlsplit(url).scheme != "https" and host not in settings.PRIVATE_HOSTS:
        raise Invalid("webhooks.not_encrypted")
    return url


def _known(kinds: Sequence[str]) -> list[str]:
    """The declared ones among them, in their order; none is refused."""
    chosen = [key for key in tidings() if key in set(kinds)]
    if not chosen:
        raise Invalid("webhooks.nothing_to_tell")
    return chosen


@transaction.atomic
def change(webhook: Webhook, *, name: str, kinds: Sequence[str], at: dt.datetime, by: Staff) -> None:
    """Another name, other things to be told. What waits already still goes out."""
    before = {"name": webhook.name, "kinds": webhook.kinds}
    webhook.name, webhook.kinds = name.strip()[:80] or webhook.name, _known(kinds)
    after = {"name": webhook.name, "kinds": webhook.kinds}
    if before != after:
        webhook.save(update_fields=["name", "kinds"])
        _log(webhook, "webhook.changed", by=by, at=at, before=before, after=after)


@transaction.atomic
def pause(webhook: Webhook, *, at: dt.datetime, by: Staff) -> None:
    """Nothing goes out any more; what happens meanwhile waits."""
    if Webhook.objects.filter(pk=webhook.pk, state=State.ON).update(state=State.PAUSED):
        _log(webhook, "webhook.paused", by=by, at=at)


@transaction.atomic
def go_on(webhook: Webhook, *, at: dt.datetime, by: Staff) -> None:
    """What waits goes out, whether a person had paused it or we had turned it off."""
    off = Webhook.objects.filter(pk=webhook.pk).exclude(state=State.ON)
    if off.update(state=State.ON, reason="", failures=0, failing_since=None, rest_until=None):
        _log(webhook, "webhook.resumed", by=by, at=at)


@transaction.atomic
def rotate(webhook: Webhook, *, at: dt.datetime, by: Staff) -> str:
    """A new secret, which is never shown again. Those before still sign beside it for a day."""
    row = Webhook.objects.select_for_update().select_related("brand").get(pk=webhook.pk)
    secret, until = new_secret(), int((at + OVERLAP).timestamp())
    before = [(each, end or until) for each, end in standing(row, at=at)]
    row.secrets = seal_secrets(row.brand, [(secret, None), *before])
    row.save(update_fields=["secrets"])
    _log(row, "webhook.rotated", by=by, at=at)
    return secret


@transaction.atomic
def remove(webhook: Webhook, *, at: dt.datetime, by: Staff) -> None:
    """It is told nothing any more; what waits and its log go with it."""
    _log(webhook, "webhook.removed", by=by, at=at, before={"name": webhook.name})
    webhook.delete()


@transaction.atomic
def try_out(webhook: Webhook) -> None:
    """A message that says nothing, to see whether it arrives."""
    if not webhook.is_on:
        raise Refused("webhooks.not_on", name=webhook.name)
    told = Told(TRIAL, f"test:{secrets.token_hex(8)}", {"webhook": webhook.pk})
    delivery_of(webhook, told, database_now()).save()


def _log(
    webhook: Webhook,
    deed: str,
    *,
    by: Staff,
    at: dt.datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    log(webhook.brand, by=by, deed=deed, about=f"webhook:{webhook.pk}", at=at, before=before, after=after)
