"""Writes what many requests brought at once: one transaction and one sync to disk for all of them, then everybody is
answered. What a clerk remembers between batches (people, chats) it forgets when somebody else changed who is who."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from qunying.brands.actions import digest, lock
from qunying.brands.models import ApiToken, Brand
from qunying.communities.fact_kinds import SENT
from qunying.communities.models import Channel
from qunying.connectors.actions.hearing import keep_refused
from qunying.connectors.intake import Intake
from qunying.connectors.rows import Row, entries
from qunying.connectors.texts import clean
from qunying.facts import log
from qunying.facts.keys import Keys
from qunying.facts.marks import FLAGGED_TIME
from qunying.facts.projectors import drive
from qunying.kit import days

PERMISSION = "facts.write"
EARLIEST = days.utc_ms(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
DRIFT_MS = 60_000
"""A clock that is off by less is right."""


@dataclass(frozen=True)
class Fault:
    """Why one row was not taken; `raw` is kept for later if it can be told again."""

    place: int
    code: str
    raw: bytes
    words: str = ""


@dataclass
class Parcel:
    """The rows of one request, and what became of them. `sent_at` is what the sender's clock showed when it left,
    `arrived` our monotonic clock when it came; `drift` is by how much its times were moved."""

    token: str
    rows: list[tuple[int, Row, bytes]]
    sent_at: int | None = None
    arrived: float = field(default_factory=time.monotonic)
    drift: int = 0
    faults: list[Fault] = field(default_factory=list)
    accepted: int = 0
    known: int = 0
    refusal: str = ""
    """Code of what is wrong with the whole request, "" if nothing is."""

    def chats(self) -> Counter[tuple[str, str, str]]:
        """How many rows each group brings."""
        return Counter((self.token, row.platform, row.chat) for _place, row, _raw in self.rows)

    def drift_at(self, now: int) -> int:
        """Milliseconds the sender's clock is slow, in whole seconds; 0 for one that is right, or so wrong that nobody
        knows what it means."""
        if self.sent_at is None:
            return 0
        late = now - (time.monotonic() - self.arrived) * 1000 - self.sent_at
        return round(late / 1000) * 1000 if DRIFT_MS <= abs(late) <= days.DAY_MS else 0


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A row with the parcel it came in, its place there, how it was written, and the key of the message it says; b"" of
    what is no plain message."""

    parcel: Parcel
    place: int
    row: Row
    raw: bytes
    key: bytes


class Clerk:
    """One per process. Its caches are bounded by people and groups, not by rows."""

    def __init__(self) -> None:
        self._intakes: dict[int, Intake] = {}
        self._versions: dict[int, int] = {}
        self._chats: dict[int, set[tuple[str, str]]] = {}

    @transaction.atomic
    def take(self, parcels: Sequence[Parcel], *, at: dt.datetime) -> None:
        """Write all parcels; when this returns outside of a transaction they are on disk, and in every set."""
        brands = self._brands(parcels)
        for parcel in parcels:
            parcel.drift = parcel.drift_at(days.utc_ms(at))
            if digest(parcel.token) not in brands:
                parcel.refusal = "api.no_token"
        for brand in {brand.pk: brand for brand in brands.values()}.values():
            own = [each for each in parcels if brands.get(digest(each.token)) == brand]
            lock(brand)  # no other writer comes between the rows, their numbers and what we remember
            for some, told in together(Keys(brand.key), own):
                self._take_some(brand, some, told, at)
            drive(brand)
            self._versions[brand.pk] = _version(brand)

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

    def _take_some(
        self, brand: Brand, parcels: Sequence[Parcel], told: Sequence[Told], at: dt.datetime
    ) -> None:
        """One parcel, or several that are written as one."""
        good = []
        for each in told:
            code = self._fault(brand, each.row, each.row.at + each.parcel.drift, at)
            if code is None:
                good.append(each)
            else:
                each.parcel.faults.append(Fault(each.place, code, each.raw))
        good, there = self._without_conflicts(brand, good)
        summary = self._intake(brand, at, parcels[0].drift).take(
            entries([(place, each.row) for place, each in enumerate(good)])
        )
        new = summary.counts["new"]
        if len(parcels) == 1:
            parcels[0].accepted, parcels[0].known = new, summary.counts["facts"] - new
        else:
            self._share_out(brand, good, there, new)
        faults = [(fault.code, fault.raw) for parcel in parcels for fault in parcel.faults]
        keep_refused(brand, faults, at=at)

    def _share_out(self, brand: Brand, good: Sequence[Told], there: set[bytes], new: int) -> None:
        """Tell each of the parcels written as one which of its messages were new; `there` are those that were not."""
        keys = {each.key for each in good}
        if len(keys - there) > new:  # some author was erased: only the log knows whose messages it took
            keys = set(self._standing(brand, {each.key: each for each in good}))
        seen = set(there)
        for each in good:
            if each.key in keys:
                each.parcel.accepted += each.key not in seen
                each.parcel.known += each.key in seen
                seen.add(each.key)

    def _intake(self, brand: Brand, at: dt.datetime, drift: int) -> Intake:
        """The brand's, unless others changed people or communities since it last wrote."""
        intake = self._intakes.get(brand.pk)
        if intake is None or self._versions.get(brand.pk) != _version(brand):
            intake = self._intakes[brand.pk] = Intake(brand, at=at, remembers=True)
        intake.visit.begin(at, drift=drift)
        return intake

    def _fault(self, brand: Brand, row: Row, happened_at: int, at: dt.datetime) -> str | None:
        if not EARLIEST <= happened_at <= days.utc_ms(at) + days.DAY_MS:
            return "connectors.time_out_of_range"
        if (row.platform, row.chat) not in self._known_chats(brand, (row.platform, row.chat)):
            return "connectors.chat_unbound"
        return None

    def _known_chats(self, brand: Brand, wanted: tuple[str, str]) -> set[tuple[str, str]]:
        known = self._chats.setdefault(brand.pk, set())
        if wanted not in known:
            known.update(Channel.objects.filter(brand=brand).values_list("platform", "key"))
        return known

    def _without_conflicts(self, brand: Brand, rows: list[Told]) -> tuple[list[Told], set[bytes]]:
        """Leave out messages whose id stands for another message already: the first one stays. Answers also which keys
        stand already."""
        said: dict[bytes, list[Told]] = {}
        for told in rows:
            if told.key:
                said.setdefault(told.key, []).append(told)
        there = self._standing(brand, {key: some[-1] for key, some in said.items()})
        wrong: set[Told] = set()
        for key, (length, at) in there.items():
            wrong.update(
                told
                for told in said[key]
                if len(clean(told.row.text)) != length or told.row.at != (at or told.row.at)
            )
        for told in wrong:
            told.parcel.faults.append(Fault(told.place, "connectors.conflict", told.raw))
        return [told for told in rows if told not in wrong] if wrong else rows, set(there)

    def _standing(self, brand: Brand, said: Mapping[bytes, Told]) -> dict[bytes, tuple[int, int | None]]:
        """Those of the messages that the log holds: key → length, and time unless ours was put in its place."""
        days_of = {key: told.row.at // days.DAY_MS for key, told in said.items()}
        return {
            key: (length, None if bits & FLAGGED_TIME else at)
            for key, length, at, bits in log.by_key(brand, days_of, kind=SENT)
        }


def together(keys: Keys, parcels: Sequence[Parcel]) -> list[tuple[list[Parcel], list[Told]]]:
    """What may be written as one, with its rows: all parcels where they are plain messages that do not contradict each
    other, told by the same clock."""
    read = [
        (
            [parcel],
            [
                Told(parcel, place, row, raw, key_of(keys, row) if is_plain(row) else b"")
                for place, row, raw in parcel.rows
            ],
        )
        for parcel in parcels
    ]
    rows = [each for _parcel, own in read for each in own]
    if all(each.key for each in rows) and len({parcel.drift for parcel in parcels}) == 1:
        told = {(each.key, clean(each.row.text), each.row.at) for each in rows}
        if len(told) == len({key for key, _text, _at in told}):
            return [(list(parcels), rows)]
    return read


def is_plain(row: Row) -> bool:
    """Something said, as it was said first."""
    return row.kind == "message" and row.edited_at is None


def key_of(keys: Keys, row: Row) -> bytes:
    return keys(f"{row.platform}|{row.chat}|m|{row.id}")


def _version(brand: Brand) -> int:
    return Brand.objects.values_list("columns", flat=True).get(pk=brand.pk)
