"""For whom a sending is: nobody who did not agree, or wants nothing, gets anything they did not ask for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

from django.db import transaction

from qunying.brands.actions import lock
from qunying.kit.errors import Invalid
from qunying.members.consent import Why, may_be_told
from qunying.members.models import Member, Purpose
from qunying.outbox.actions.telling import tell_of
from qunying.outbox.models import Receiver, Sending

LISTED = "customers"
"""The param in which a mass sending names people one by one."""
PART = 500


def address(sending: Sending, *, receivers: Mapping[str, int], at: dt.datetime) -> None:
    """Write down for whom a new sending is, platform's name → member, and who of them gets nothing and why. Invalid
    where something unsolicited names people of whom nobody says who they are."""
    listed = _listed(sending)
    unknown = [account for account in listed if account not in receivers]
    if sending.is_unsolicited and unknown:
        raise Invalid("outbox.unknown_receivers", count=len(unknown))
    ours = set(
        Member.objects.filter(brand=sending.brand_id, pk__in=receivers.values()).values_list("pk", flat=True)
    )
    Receiver.objects.bulk_create(
        [
            Receiver(sending=sending, member_id=pk if pk in ours else None, account=account)
            for account, pk in receivers.items()
        ],
        batch_size=PART,
    )
    if sending.is_unsolicited and receivers and not withhold(sending):
        refuse(sending, at=at)


@transaction.atomic
def release(sending: Sending, *, now: dt.datetime) -> bool:
    """Ask again for whom it is, just before it leaves: whoever withdrew while it waited gets nothing. Whoever is named
    in its list is taken off the row in hand, which is all that the platform sees. False when nobody is left: it never
    leaves. Nobody's word changes between this and the end of the caller's transaction."""
    if not sending.is_unsolicited or not sending.receivers.exists():
        return True
    lock(sending.brand)
    left = withhold(sending)
    if not left:
        refuse(sending, at=now)
        return False
    if listed := _listed(sending):
        sending.params = {**sending.params, LISTED: [account for account in listed if account in left]}
    return True


def withhold(sending: Sending, *, is_out: bool = False) -> set[str]:
    """The accounts that may be written to by what is on record now; the others' reasons are written down. Those whom
    nothing can be taken away from one by one get it all together or not at all. Of what `is_out` already, whoever was
    left out stays out."""
    rows = list(sending.receivers.filter(refused="") if is_out else sending.receivers.all())
    told = may_be_told(
        sending.brand, {row.member_id for row in rows if row.member_id}, purpose=Purpose.MARKETING
    )
    for row in rows:
        row.refused = told.refused.get(row.member_id, "") if row.member_id else Why.UNKNOWN
    Receiver.objects.bulk_update(rows, ["refused"], batch_size=PART)
    allowed = {row.account for row in rows if not row.refused}
    return allowed if _listed(sending) or len(allowed) == len(rows) else set()


def _listed(sending: Sending) -> list[str]:
    found = sending.params.get(LISTED) or []
    return [str(each) for each in found]


def refuse(sending: Sending, *, at: dt.datetime) -> None:
    """Nobody may be told: it is over, with the reasons."""
    reasons = Counter(row.get_refused_display() for row in sending.receivers.exclude(refused=""))
    words = "；".join(f"{why} {count}" for why, count in sorted(reasons.items()))
    sending.state, sending.code, sending.words = Sending.State.REFUSED, "outbox.refused", words[:300]
    sending.concluded_at, sending.lease_until = at, None
    told = {
        name: getattr(sending, name) for name in ("state", "code", "words", "concluded_at", "lease_until")
    }
    Sending.objects.filter(pk=sending.pk, fence=sending.fence).update(**told)
    tell_of(Sending.objects.filter(pk=sending.pk))
