"""Verbs of figures: keep what a platform's back end says, and take that back with its import."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.kit.blacking import BLACKED
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.metrics.models import Figure


@transaction.atomic
def keep_figures(
    brand: Brand,
    *,
    community: Community | None,
    source: str,
    rows: Sequence[tuple[int, str, str, int]],
    batch: int | None,
) -> None:
    """Rows of (day, name, owner, value): the latest import of a day's figure stands."""
    Figure.objects.bulk_create(
        [
            Figure(
                brand=brand,
                community=community,
                source=source[:40],
                name=name[:60],
                owner=owner[:80],
                day=day,
                value=value,
                batch=batch,
            )
            for day, name, owner, value in {(row[0], row[1], row[2]): row for row in rows}.values()
        ],
        update_conflicts=True,
        unique_fields=["brand", "community", "source", "name", "owner", "day"],
        update_fields=["value", "batch"],
        batch_size=500,
    )


@transaction.atomic
def forget_batch(brand: Brand, *, batch: int) -> None:
    Figure.objects.filter(brand=brand, batch=batch).delete()


@transaction.atomic
def forget_owner(member: Member, traces: Traces) -> int:
    """Figures told of the person as a group's owner stand, under a mark that is nobody else's; answers how many."""
    rows = Figure.objects.filter(brand=member.brand_id)
    return sum(
        rows.filter(owner=word).update(owner=f"{BLACKED}{member.pk}.{number}")
        for number, word in enumerate(traces.words)
    )
