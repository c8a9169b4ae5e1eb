"""Writes what many requests brought at once: one transaction and one sync to disk for all of them, then everybody is
answered. What a clerk remembers between batches (people, chats) it forgets when somebody else changed who is who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from qunying.brands.actions import digest
from qunying.brands.models import ApiToken, Brand
from qunying.communities.fact_kinds import SENT
from qunying.communities.models import Channel
from qunying.connectors.actions.hearing import keep_refused
from qunying.connectors.intake import Intake
from qunying.connectors.rows import Row, entries
from qunying.connectors.texts import clean
from qunying.facts.log import Keys
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.kit import days

PERMISSION = "facts.write"
EARLIEST = days.utc_ms(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
PART = 500


@dataclass(frozen=True)
class Fault:
    """Why one row was not taken; `raw` is kept for later if it can be told again."""

    place: int
    code: str
    raw: bytes
    words: str = ""


@dataclass
class Parcel:
    """The rows of one request, and what became of them."""

    token: str
    rows: list[tuple[int, Row, bytes]]
    faults: list[Fault] = field(default_factory=list)
    accepted: int = 0
    known: int = 0
    refusal: str = ""
    """Code of what is wrong with the whole request, "" if nothing is."""


class Clerk:
    """One per process. Its caches are bounded by people and groups, not by rows."""

    def __init__(self) -> None:
        self._intakes: dict[int, Intake] = {}
        self._versions: dict[int, int] = {}
        self._chats: dict[int, set[tuple[str, str]]] = {}

    def take(self, parcels: Sequence[Parcel], *, at: dt.datetime) -> None:
        """Write all parcels; when this returns outside of a transaction they are on disk, and in every set."""
        brands = self._brands(parcels)
        self._write(parcels, brands, at=at)
        for brand in brands.values():
            drive(brand)

    @transaction.atomic
    def _write(self, parcels: Sequence[Parcel], brands: Mapping[bytes, Brand], *, at: dt.datetime) -> None:
        for parcel in parcels:
            brand = brands.get(digest(parcel.token))
            if brand is None:
                parcel.refusal = "api.no_token"
            else:
                self._take_one(brand, parcel, at)

    def forget(self) -> None:
        """Drop what is remembered; after a failure nobody knows how much of it is true."""
        self._intakes.clear()
        self._chats.clear()

    def _brands(self, parcels: Sequence[Parcel]) -> dict[bytes, Brand]:
        """Token → brand, for tokens that may write facts now."""
        digests = {digest(parcel.token) for parcel in parcels}
        rows = ApiToken.objects.select_related("staff__brand", "staff__account").filter(
            digest__in=digests, revoked_at=None, staff__is_active=True, staff__account__is_active=True
        )
        return {bytes(row.digest): row.staff.brand for row in rows if row.may(PERMISSION)}

    def _take_one(self, brand: Brand, parcel: Parcel, at: dt.datetime) -> None:
        good = []
        for each in parcel.rows:
            code = self._fault(brand, each[1], at)
            if code is None:
                good.append(each)
            else:
                parcel.faults.append(Fault(each[0], code, each[2]))
        good = self._without_conflicts(brand, parcel, good)
        summary = self._intake(brand, at).take(entries([(place, row) for place, row, _raw in good]))
        self._versions[brand.pk] = _version(brand)
        parcel.accepted = summary.counts["new"]
        parcel.known = summary.counts["facts"] - summary.counts["new"]
        keep_refused(brand, [(fault.code, fault.raw) for fault in parcel.faults], at=at)

    def _intake(self, brand: Brand, at: dt.datetime) -> Intake:
        """The brand's, unless others changed people or communities since it last wrote."""
        intake = self._intakes.get(brand.pk)
        if intake is None or self._versions.get(brand.pk) != _version(brand):
            intake = self._intakes[brand.pk] = Intake(brand, at=at, remembers=True)
        intake.visit.begin(at)
        return intake

    def _fault(self, brand: Brand, row: Row, at: dt.datetime) -> str | None:
        if not EARLIEST <= row.at <= days.utc_ms(at) + days.DAY_MS:
            return "connectors.time_out_of_range"
        if (row.platform, row.chat) not in self._known_chats(brand, (row.platform, row.chat)):
            return "connectors.chat_unbound"
        return None

    def _known_chats(self, brand: Brand, wanted: tuple[str, str]) -> set[tuple[str, str]]:
        known = self._chats.setdefault(brand.pk, set())
        if wanted not in known:
            known.update(Channel.objects.filter(brand=brand).values_list("platform", "key"))
        return known

    def _without_conflicts(
        self, brand: Brand, parcel: Parcel, rows: list[tuple[int, Row, bytes]]
    ) -> list[tuple[int, Row, bytes]]:
        """Leave out messages whose id stands for another message already: the first one stays."""
        keys = Keys(brand)
        said = {
            keys(f"{row.platform}|{row.chat}|m|{row.id}"): (place, row, raw)
            for place, row, raw in rows
            if row.kind == "message" and row.edited_at is None
        }
        wrong: set[int] = set()
        names = list(said)
        for start in range(0, len(names), PART):
            there = Fact.objects.filter(brand=brand.pk, kind=SENT, source_key__in=names[start : start + PART])
            there = there.filter(
                key_day__in={said[key][1].at // days.DAY_MS for key in names[start : start + PART]}
            )
            for key, value, happened_at in there.values_list("source_key", "value", "happened_at"):
                place, row, raw = said[bytes(key)]
                if (len(clean(row.text)), row.at) != (value, happened_at):
                    wrong.add(place)
                    parcel.faults.append(Fault(place, "connectors.conflict", raw))
        return [each for each in rows if each[0] not in wrong]


def _version(brand: Brand) -> int:
    return Brand.objects.values_list("columns", flat=True).get(pk=brand.pk)
