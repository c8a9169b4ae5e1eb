"""What has reached people's hands and somebody it is for agrees to no longer: taken back before it leaves them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.outbox.actions.receiving import LISTED, refuse, withhold
from qunying.outbox.actions.sending import Wish, order, taking_back
from qunying.outbox.actions.waiting import close
from qunying.outbox.models import Sending, State
from qunying.outbox.outcomes import Outcome


def in_hands(brand: Brand) -> QuerySet[Sending]:
    """What certain people have not asked for and somebody has still to tap or to carry out."""
    at_hand = Q(state=Sending.State.UNSUPPORTED, todos__state=State.WAITING)
    rows = Sending.objects.filter(Q(state=Sending.State.PENDING) | at_hand, brand=brand, is_unsolicited=True)
    return rows.filter(receivers__refused="").order_by("pk").distinct()


@transaction.atomic
def withdraw(sending: Sending, *, now: dt.datetime) -> bool:
    """Ask once more for whom it is. Where somebody took their word back meanwhile, the platform is asked to take the
    task back, and what waits for a hand is closed with the reason; of a list only with nobody left. Answers whether
    anybody did."""
    row = (
        Sending.objects.select_for_update(of=("self",)).select_related("brand", "channel").get(pk=sending.pk)
    )
    if row.state not in (Sending.State.PENDING, Sending.State.UNSUPPORTED):
        return False
    lock(row.brand)
    before = row.receivers.exclude(refused="").count()
    left = withhold(row, is_out=True)
    if row.receivers.exclude(refused="").count() == before:
        return False
    if row.is_tappable:
        order(row.channel, wish=taking_back(row), key=_key(row), at=now, cause=f"sending:{row.pk}")
    if row.is_tappable or not left:
        close(row, reason=_("有接收人不再同意接收，请不要再发"), at=now)
    if not row.is_tappable and not left:
        refuse(row, at=now)
    return True


def order_rest(sending: Sending, *, told: Outcome | None, now: dt.datetime) -> Sending | None:
    """What was taken back because some withdrew, once more for the others: only where the platform says that nobody got
    it, and nobody of ours wanted it gone. Twice is once."""
    whose = Sending.objects.filter(brand=sending.brand_id)
    ours = whose.filter(key=_key(sending), state=Sending.State.SENT).exists()
    if (
        told is None
        or told.tally.get("sent")
        or not ours
        or whose.filter(key=f"cancel:{sending.pk}").exists()
    ):
        return None
    left = dict(sending.receivers.filter(refused="").order_by("pk").values_list("account", "member"))
    if not left or not sending.params.get(LISTED):
        return None
    wish = Wish(
        sending.op,
        {**sending.params, LISTED: list(left)},
        target=sending.target,
        receivers=left,
        may_disturb=not sending.keeps_quiet,
        reader=sending.reader,
        priority=sending.priority,
        expires_at=sending.expires_at,
    )
    cause, by = sending.cause, sending.created_by
    return order(sending.channel, wish=wish, key=f"rest:{sending.pk}", at=now, cause=cause, by=by)


def _key(sending: Sending) -> str:
    return f"withdrawn:{sending.pk}"
