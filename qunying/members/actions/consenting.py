"""Keep what people agree to and take back, in the words they were asked with. Nothing written here is ever changed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.kit.errors import Invalid, Refused
from qunying.members.consent import cleaned, counts, in_order
from qunying.members.models import Consent, ConsentText, Member, Purpose, Via
from qunying.members.queries import homes_of

LONGEST = 10_000
LONGEST_EVIDENCE = 200


@transaction.atomic
def write_consent_text(
    brand: Brand, *, purpose: str, words: str, at: dt.datetime, by: Staff | None
) -> ConsentText:
    """The next version of the words for this purpose; the words in use again answer that version. Whoever agreed to
    earlier words agreed to those."""
    lock(brand)
    words = cleaned(words.replace("\r\n", "\n"))
    if purpose not in Purpose.values:
        raise Invalid("members.purpose")
    if not words or len(words) > LONGEST:
        raise Invalid("members.consent_words", limit=LONGEST)
    last = ConsentText.objects.filter(brand=brand, purpose=purpose).order_by("-version").first()
    if last is not None and last.words == words:
        return last
    version = last.version + 1 if last else 1
    row = ConsentText.objects.create(
        brand=brand, purpose=purpose, version=version, words=words, created_at=at, by=by
    )
    after = {"consent": purpose, "version": version}
    log(brand, by=by, deed="consent.text_written", about=f"consent_text:{row.pk}", at=at, after=after)
    return row


@transaction.atomic
def give_consent(
    member: Member,
    *,
    text: ConsentText,
    via: str,
    said_at: dt.datetime,
    at: dt.datetime,
    evidence: str = "",
    by: Staff | None = None,
) -> list[Consent]:
    """The person's yes to these words, for everybody merged into one person with them; answers what is new. Said again
    it changes nothing; an older yes found later does not undo a no said since."""
    lock(member.brand)
    if text.brand_id != member.brand_id:
        raise Invalid("members.purpose")
    _check(member, via, said_at, at)
    return _say(member, text.purpose, text=text, via=via, said_at=said_at, at=at, evidence=evidence, by=by)


@transaction.atomic
def withdraw_consent(
    member: Member,
    *,
    purpose: str,
    via: str,
    said_at: dt.datetime,
    at: dt.datetime,
    evidence: str = "",
    by: Staff | None = None,
) -> list[Consent]:
    """The person's no to a purpose, whether or not they ever agreed; needs no words, no reason and no other step than
    the yes. Holds from now on for whatever has not left. Answers what is new; said again it changes nothing."""
    lock(member.brand)
    if purpose not in Purpose.values:
        raise Invalid("members.purpose")
    _check(member, via, said_at, at)
    return _say(member, purpose, text=None, via=via, said_at=said_at, at=at, evidence=evidence, by=by)


def _check(member: Member, via: str, said_at: dt.datetime, at: dt.datetime) -> None:
    member.refresh_from_db(fields=["merged_into", "erased_at"])
    if member.erased_at is not None:
        raise Refused("members.nobody_left", member=member.pk)
    if via not in Via.values:
        raise Invalid("members.via")
    if said_at > at:
        raise Invalid("members.said_later")


def _say(
    member: Member,
    purpose: str,
    *,
    text: ConsentText | None,
    via: str,
    said_at: dt.datetime,
    at: dt.datetime,
    evidence: str,
    by: Staff | None,
) -> list[Consent]:
    """One row for each home member whose last word by then was another one."""
    brand, root = member.brand, member.merged_into_id or member.pk
    homes = homes_of(brand, [root])
    last = _last(homes, root, purpose, said_at)
    said = (text is not None, text.pk if text else None)
    rows = [
        Consent(
            brand=brand,
            member_id=home,
            root_id=root,
            purpose=purpose,
            is_given=text is not None,
            text=text,
            via=via,
            at=said_at,
            recorded_at=at,
            evidence=cleaned(evidence)[:LONGEST_EVIDENCE],
            by=by,
        )
        for home in homes
        if last.get(home) != said
    ]
    Consent.objects.bulk_create(rows)
    if rows:
        deed = "consent.given" if text is not None else "consent.withdrawn"
        after = {"consent": purpose, "version": text.version if text else None}
        log(brand, by=by, deed=deed, about=f"member:{root}", at=at, after=after)
    return rows


def _last(
    homes: list[int], root: int, purpose: str, said_at: dt.datetime
) -> dict[int, tuple[bool, int | None]]:
    """What each of them had last said by then: whether yes, and to which text."""
    root_of = dict.fromkeys(homes, root)
    rows = in_order(Consent.objects.filter(member__in=homes, purpose=purpose, at__lte=said_at))
    return {row.member_id: (row.is_given, row.text_id) for row in rows if counts(row, root_of)}
