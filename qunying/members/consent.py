"""授权与拒收 as questions: who may be told something, and why others may not."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand
from qunying.members.models import Consent, ConsentText, Identity, Member, OptOut
from qunying.members.sealing import Sealing

T = TypeVar("T")
PART = 500
LEAST_DIGITS, MOST_DIGITS = 7, 15
"""Of a phone number."""


class Why(models.TextChoices):
    """未获同意的原因: why a person must not be told something."""

    OPTED_OUT = "opted_out", _("在拒收名单上")
    WITHDRAWN = "withdrawn", _("已撤回同意")
    NO_CONSENT = "no_consent", _("没有同意过")
    ERASED = "erased", _("个人信息已清除")
    UNKNOWN = "unknown", _("不是本品牌的群成员")


@dataclass(frozen=True)
class Told:
    """Who may be told, and why each of the others may not; everybody asked about is in one of the two."""

    allowed: frozenset[int]
    refused: Mapping[int, Why]


def may_be_told(
    brand: Brand, members: Collection[int], *, purpose: str, at: dt.datetime | None = None
) -> Told:
    """Whom of these one may write to unasked, as things stood at that moment; without one by all that is on record, so
    that no clock lets anybody through. Whoever is merged with a person speaks for it; a no weighs more than a yes."""
    refused: dict[int, Why] = {}
    for part in _parts(members):
        people = _people(brand, part)
        given = _given(people, purpose, at)
        out = _opted_out(brand, people, at)
        for pk in part:
            why = _why(people, pk, given, out)
            if why is not None:
                refused[pk] = why
    return Told(frozenset(members) - refused.keys(), refused)


@dataclass(frozen=True)
class _People:
    """Home members → their root, and who of the roots is erased."""

    root_of: Mapping[int, int]
    erased: frozenset[int]


def _people(brand: Brand, members: Collection[int]) -> _People:
    asked = Member.objects.filter(brand=brand, pk__in=members).values_list("pk", "merged_into_id")
    roots = {root or pk for pk, root in asked}
    whole = Member.objects.filter(Q(pk__in=roots) | Q(merged_into__in=roots))
    rows = list(whole.values_list("pk", "merged_into_id", "erased_at"))
    root_of = {pk: root or pk for pk, root, _erased in rows}
    return _People(root_of, frozenset(root_of[pk] for pk, _root, erased in rows if erased))


def _why(people: _People, pk: int, given: Mapping[int, bool], out: Collection[int]) -> Why | None:
    root = people.root_of.get(pk)
    if root is None:
        return Why.UNKNOWN
    if root in people.erased:
        return Why.ERASED
    if root in out:
        return Why.OPTED_OUT
    if root not in given:
        return Why.NO_CONSENT
    return None if given[root] else Why.WITHDRAWN


def _given(people: _People, purpose: str, at: dt.datetime | None) -> dict[int, bool]:
    """Root → yes or no, for those who have said either."""
    rows = Consent.objects.filter(member__in=people.root_of, purpose=purpose)
    if at is not None:
        rows = rows.filter(at__lte=at)
    homes: dict[int, bool] = {}
    for row in in_order(rows):
        if counts(row, people.root_of):
            homes[row.member_id] = row.is_given
    found: dict[int, bool] = {}
    for home, is_given in homes.items():
        root = people.root_of[home]
        found[root] = is_given and found.get(root, True)
    return found


def in_order(rows: models.QuerySet[Consent]) -> models.QuerySet[Consent]:
    """As they were said, not as they were written down; of two said at once the no is the later."""
    return rows.order_by("at", "-is_given", "pk")


def counts(row: Consent, root_of: Mapping[int, int]) -> bool:
    """Whether the row speaks for the person its home member is now."""
    return not row.is_given or root_of.get(row.root_id) == root_of[row.member_id]


def standing(member: Member) -> dict[str, bool]:
    """The person's word by purpose; a purpose nobody spoke of is left out."""
    people = _people(member.brand, [member.pk])
    root = people.root_of[member.pk]
    said = {
        purpose: _given(people, purpose, None)
        for purpose in Consent.objects.filter(member__in=people.root_of).values_list("purpose", flat=True)
    }
    return {purpose: given[root] for purpose, given in said.items() if root in given}


def latest_texts(brand: Brand) -> dict[str, ConsentText]:
    """The text in use of each purpose that has one."""
    return {row.purpose: row for row in ConsentText.objects.filter(brand=brand).order_by("version")}


# -- the list of those who want nothing ---------------------------------------------------------------------------


def cleaned(text: str) -> str:
    """The same without blanks around, and without the one letter that PostgreSQL keeps in no text."""
    return text.replace("\x00", "").strip()


def as_written(value: str) -> str:
    """An account or phone as it is compared: of a phone the digits alone, without China's 86."""
    text = cleaned(unicodedata.normalize("NFKC", value))
    digits = "".join(str(int(one)) for one in text if one.isdecimal())
    if LEAST_DIGITS <= len(digits) <= MOST_DIGITS and all(one.isdecimal() or one in " +-()" for one in text):
        return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits
    return text


def digest_of(brand: Brand, value: str, *, scope: str = "") -> bytes:
    """Salted hash by which an account or phone is recognised, on whatever platform; a mere name only in its chat
    (`scope`)."""
    told = "\x1f".join(("opted out", scope, as_written(value)))
    return hmac.new(bytes(brand.key), told.encode("utf-8", "replace"), hashlib.sha256).digest()


def digests(brand: Brand, homes: Collection[int]) -> Iterator[tuple[bytes, int, str]]:
    """Hash, home member and the value itself, of every account, phone and mail of these."""
    rows, sealing = Identity.objects.filter(member__in=homes), Sealing(brand)
    for scheme, scope, kept, member in rows.values_list("scheme", "scope", "value", "member_id"):
        value = sealing.known(kept)
        yield digest_of(brand, value, scope=f"name:{scope}" if scheme == "name" else ""), member, value
    for member, attributes in Member.objects.filter(pk__in=homes).values_list("pk", "attributes"):
        for value in sealing.all_known(attributes).values():
            written = as_written(value)
            if "@" in value or (written.isdecimal() and len(written) >= LEAST_DIGITS):
                yield digest_of(brand, value), member, value


def _opted_out(brand: Brand, people: _People, at: dt.datetime | None) -> set[int]:
    """The roots one of whose accounts is on the list."""
    rows = OptOut.objects.filter(brand=brand)
    if at is None:
        rows = rows.filter(ended_at=None)
    else:
        rows = rows.filter(at__lte=at).filter(Q(ended_at=None) | Q(ended_at__gt=at))
    if not rows.exists():
        return set()
    owners: dict[bytes, set[int]] = defaultdict(set)
    for digest, home, _value in digests(brand, people.root_of):
        owners[digest].add(people.root_of[home])
    found: set[int] = set()
    for part in _parts(owners):
        for kept in rows.filter(digest__in=part).values_list("digest", flat=True):
            found |= owners[bytes(kept)]
    return found


def opt_outs_of(brand: Brand, homes: Collection[int]) -> models.QuerySet[OptOut]:
    """Every entry of the list, ended ones too, that holds for one of these home members."""
    return OptOut.objects.filter(
        brand=brand, digest__in={digest for digest, _home, _value in digests(brand, homes)}
    )


def _parts(whole: Iterable[T]) -> Iterator[list[T]]:
    rows = list(whole)
    return (rows[start : start + PART] for start in range(0, len(rows), PART))
