"""What is decided about an upload before it is imported."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from msgspec import structs

from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.communities.queries import visible
from qunying.connectors import actions, counting, drafts
from qunying.connectors.drafts import Draft
from qunying.connectors.importers import sources
from qunying.connectors.importers.tables import header_of
from qunying.connectors.looking import Look, look, signature
from qunying.connectors.mapping import Target
from qunying.connectors.models import ImportBatch
from qunying.connectors.queries import remembered
from qunying.kit.errors import Invalid, QunyingError, Refused


def prepare(draft: Draft, *, staff: Staff, at: dt.datetime) -> None:
    """Apply what the brand said earlier about tables with these columns, then count."""
    try:
        held = sources(draft.files())
        known = remembered(staff.brand, header_of(held[0]) if held else [])
    except QunyingError:
        known = None
    if known is not None:
        draft.format_key = known.format
        draft.options = structs.replace(draft.options, mapping=known.fields)
    counting.begin(draft, staff=staff, at=at)


def look_at(draft: Draft, staff: Staff) -> Look:
    return look(draft.files(), options=draft.options, format_key=draft.format_key, clock=staff.brand.clock)


def map_columns(
    draft: Draft, *, aim: Target, header: list[str], fields: dict[str, str], staff: Staff, at: dt.datetime
) -> None:
    """Read the draft's table with these columns, and remember them for the next file like it."""
    actions.remember_columns(
        staff.brand, header=signature(header), format_key=aim.format, fields=fields, at=at, by=staff
    )
    draft.format_key = aim.format
    draft.options = structs.replace(draft.options, mapping=fields)
    counting.begin(draft, staff=staff, at=at)


def confirm(draft: Draft, *, staff: Staff, has_basis: bool, at: dt.datetime) -> ImportBatch:
    """Start the import. Refused without counts, without a lawful basis for chats, and beyond the data scope."""
    counted = draft.counted
    if counted is None:
        raise Refused("connectors.not_ready")
    if counted.code:
        raise Invalid(counted.code, **counted.details)
    if counted.total.get("messages") and not has_basis:
        raise Refused("connectors.basis_missing")
    _stay_within_reach(draft, staff, counting.places_of(counted))
    batch = actions.order_import(
        staff.brand, draft.files(), order=draft.order, rows=counting.rows_of(counted), at=at, by=staff
    )
    drafts.drop(draft)
    return batch


def _stay_within_reach(draft: Draft, staff: Staff, places: list[str]) -> None:
    """A file whose chat is known goes to that chat's community, whatever was chosen; so names are compared too."""
    if staff.reach is None:
        return
    if draft.community is None:
        raise Refused("connectors.choose_community")
    mine = set(visible(staff).values_list("name", flat=True))
    others = Community.objects.filter(brand=staff.brand, name__in=places).exclude(name__in=mine)
    beyond = sorted(
        {name for name in places if name not in mine} | set(others.values_list("name", flat=True))
    )
    if beyond:
        raise Refused("connectors.beyond_reach", names="、".join(beyond))


def check_word(given: str) -> None:
    """The word that must be typed before something is taken away."""
    word = _("撤销")
    if given.strip().lower() != word.lower():
        raise Invalid("connectors.word_missing", word=word)
