"""配图: a picture of a message, for who wrote it and for who may see the message."""

from __future__ import annotations

from django.http import HttpResponse

from qunying.brands.access import BrandRequest
from qunying.kit.errors import Missing
from qunying.kit.pictures import TYPES
from qunying.outbox import queries
from qunying.outbox.actions.attaching import content
from qunying.outbox.models import Picture

KEPT_SECONDS = 600
"""So long the browser need not ask for it again while somebody goes back and forth between form and preview."""


def handed_picture(request: BrandRequest, pk: int) -> HttpResponse:
    """One that the staff member handed in, for the message they are writing."""
    return _picture(next(iter(queries.handed_in(request.staff, [pk])), None))


def sending_picture(request: BrandRequest, pk: int, place: int) -> HttpResponse:
    """The first, second … of a sending that the staff member may see."""
    rows = queries.pictures_of(queries.sending(request.staff, pk))
    return _picture(rows[place - 1] if 0 < place <= len(rows) else None)


def _picture(row: Picture | None) -> HttpResponse:
    """Told to the browser as what it is by what was found in it, not by what its name said."""
    if row is None:
        raise Missing("outbox.picture_gone")
    answer = HttpResponse(content(row), content_type=TYPES[row.form])
    answer["Content-Disposition"] = f'inline; filename="{row.pk}.{row.form}"'
    answer["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return answer
