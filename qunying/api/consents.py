"""Operations about what a member agreed to, and whether they want nothing at all."""

from __future__ import annotations

import datetime as dt

from qunying.api.places import scope_for
from qunying.api.schemas import SaidIn
from qunying.audiences.card import Person, person
from qunying.audiences.consents import history, opt_outs_for
from qunying.audiences.queries import member as one_member
from qunying.brands.access import BrandRequest
from qunying.kit.errors import Invalid
from qunying.members.actions import give_consent, withdraw_consent
from qunying.members.consent import may_be_told, standing
from qunying.members.models import ConsentText, Purpose


def consents(request: BrandRequest, brand: str, member_id: int) -> dict[str, object]:
    """The ledger of one member, the latest word first, what stands by purpose, and whether marketing may be sent; a
    merged one answers as its root."""
    return _ledger(person(scope_for(request, ""), one_member(request.brand, member_id)))


def say(request: BrandRequest, brand: str, member_id: int, said: SaidIn) -> dict[str, object]:
    """A yes to one version of a text, or a no to a purpose, as the member said it; said again it changes nothing."""
    one = person(scope_for(request, ""), one_member(request.brand, member_id))
    at, by = dt.datetime.now(dt.UTC), request.staff
    moment = said.at or at
    if moment.tzinfo is None:
        raise Invalid("api.no_zone", field="at")
    told = {"via": said.via, "said_at": moment, "at": at, "evidence": said.evidence, "by": by}
    if not said.given:
        withdraw_consent(one.root, purpose=said.purpose, **told)  # type: ignore[arg-type]  # as listed above
        return _ledger(one)
    if said.purpose not in Purpose.values:
        raise Invalid("members.purpose")
    rows = ConsentText.objects.filter(brand=request.brand, purpose=said.purpose, version=said.version)
    text = rows.first()
    if text is None:
        raise Invalid("members.no_consent_text")
    give_consent(one.root, text=text, **told)  # type: ignore[arg-type]  # as listed above
    return _ledger(one)


def _ledger(one: Person) -> dict[str, object]:
    root = one.root.pk
    told = may_be_told(one.scope.brand, [root], purpose=Purpose.MARKETING)
    return {
        "standing": standing(one.root),
        "may_be_sent_marketing": root in told.allowed,
        "why_not": str(told.refused.get(root, "")),
        "opted_out": any(entry.row.ended_at is None for entry in opt_outs_for(one)),
        "items": [
            {
                "purpose": said.row.purpose,
                "given": said.row.is_given,
                "version": said.row.text.version if said.row.text else None,
                "via": said.row.via,
                "at": said.row.at,
                "recorded_at": said.row.recorded_at,
                "by": said.row.by.name if said.row.by else None,
                "counts": said.counts,
            }
            for said in history(one)
        ],
    }
