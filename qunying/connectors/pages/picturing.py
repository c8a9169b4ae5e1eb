"""The pictures of a message while it is written: files as a browser sends them, and those the page has already."""

from __future__ import annotations

import datetime as dt

from qunying.brands.access import BrandRequest
from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid
from qunying.kit.file_names import file_name
from qunying.kit.pictures import TYPES
from qunying.outbox.actions import Handed, hand_in
from qunying.outbox.actions.attaching import MOST
from qunying.outbox.models import Picture
from qunying.outbox.queries import handed_in
from qunying.outbox.shelf import MOST_BYTES

LIMITS = {"most_pictures": MOST, "most_mb": MOST_BYTES >> 20, "forms": ",".join(TYPES.values())}
"""What the page says of what may be chosen."""


def is_picturing(request: BrandRequest) -> bool:
    """Whether the form is sent only to add pictures, or to take one away."""
    return request.POST.get("step") == "picture" or "without" in request.POST


def came(request: BrandRequest, *, at: dt.datetime) -> tuple[list[Picture], str]:
    """The pictures the page had, without the one that is taken away, and those that came with the form. With too many
    of them, or a file that is no picture, only those it had, and why: nothing is kept of what came."""
    kept = handed_in(request.staff, request.POST.getlist("pictures"))
    kept = [row for row in kept if str(row.pk) != request.POST.get("without")]
    try:
        return list(dict.fromkeys([*kept, *_new(request, len(kept), at=at)])), ""
    except Invalid as error:
        return kept, sentence({"code": error.code, "details": error.details})


def _new(request: BrandRequest, before: int, *, at: dt.datetime) -> list[Picture]:
    files = request.FILES.getlist("files")
    over = before + len(files) - MOST
    if over > 0:
        raise Invalid("outbox.too_many_pictures", limit=MOST, over=over)
    handed = [Handed(file_name(each.name or ""), each.read(MOST_BYTES + 1)) for each in files]
    return hand_in(handed, by=request.staff, at=at) if handed else []
