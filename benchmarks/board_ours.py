"""Our side of the board benchmark: a home of its own, filled by `record_many` and the projectors only."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qunying.brands.models import Brand
    from qunying.facts.log import Row

Ints = NDArray[np.int64]
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PART = 200_000
DAY_MS = 86_400_000


def set_up(folder: Path) -> None:
    """Point the product at an empty home; must come before anything of it is imported."""
    os.environ["QUNYING_HOME"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qunying.settings")
    import django

    django.setup()
    from qunying.cli.home import set_up_once

    set_up_once()


class Place:
    """The brand and its communities."""

    def __init__(self, brand: Brand, communities: list[int]) -> None:
        self.brand, self.communities = brand, communities


def fill(facts: tuple[Ints, Ints, Ints, Ints], *, first: int, members: int, places: int) -> Place:
    """Write the facts, and a join on each membership's first day, through the door of the log."""
    from qunying.brands.actions import open_brand
    from qunying.communities.actions import cover, find_community, take_in
    from qunying.facts import log
    from qunying.facts.projectors import drive
    from qunying.members.actions import Account, meet

    brand = open_brand("bench", at=NOW, slug="bench", zone="UTC")
    communities = [find_community(brand, name=f"c{place}", at=NOW) for place in range(places)]
    accounts = [Account("bench", "", str(member)) for member in range(members)]
    homes = meet(brand, accounts, batch=None, at=NOW)
    ids = np.array([homes[account.key] for account in accounts])
    day, member, community, kind = facts
    pair, start = np.unique(community * members + member, return_index=True)
    for place, row in enumerate(communities):
        take_in(row, members=ids[pair[pair // members == place] % members].tolist())
        cover(row, first=first, last=first + 364, has_speech=True)
    rows = np.array([row.pk for row in communities])
    joins = np.stack([day[start], member[start], community[start], np.full(len(start), 6)])
    both = np.concatenate([joins, np.stack([day, member, community, kind])], axis=1)
    both = both[:, np.argsort(both[0], kind="stable")]
    for begin in range(0, both.shape[1], PART):
        d, m, c, k = both[:, begin : begin + PART]
        at = (first + d) * DAY_MS + np.arange(begin, begin + len(d)) % DAY_MS
        log.record_many(brand, _rows(brand.pk, rows[c], ids[m], k, at, begin))
        drive(brand)
    return Place(brand, rows.tolist())


def _rows(brand: int, community: Ints, member: Ints, kind: Ints, at: Ints, begin: int) -> list[Row]:
    columns = zip(community.tolist(), member.tolist(), kind.tolist(), at.tolist(), strict=True)
    return [
        (brand, c, None, m, None, k, t, t // DAY_MS, number, 0, 2, None, t // DAY_MS, number.to_bytes(16, "big"), None, None, None)
        for number, (c, m, k, t) in enumerate(columns, start=begin + 1)
    ]  # fmt: skip


def year(place: Place, first: int, days: int, depth: int) -> dict[str, Ints]:
    """The whole board, columns included, as a page would ask for it."""
    from qunying.metrics.board import board

    read = board(place.brand, place.communities, first, first + days - 1, triangle=depth)
    assert read.retention is not None
    return {
        "dau": read.dau,
        "wau": read.wau,
        "mau": read.mau,
        "speakers": read.speakers,
        "retention": read.retention,
    }


def today(place: Place, day: int) -> Ints:
    """Only the last column: DAU, WAU, MAU and speakers of all communities and overall."""
    from qunying.metrics.board import board

    return board(place.brand, place.communities, day, day).mau
