"""A report as a file: one HTML page that needs nothing else, a PDF made of it, JSON, a workbook or slides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import orjson
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.kit.errors import Invalid, Upstream
from qunying.metrics.reports import pdf, scopes, sheets
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.figures import Figure
from qunying.metrics.reports.report import Report, compose
from qunying.metrics.reports.tables import Drawing

FORMS = ("html", "pdf", "json", "xlsx", "pptx")
SHOWN_ONLY = ("tiles",)
"""Parts of a block that only a page needs: a JSON report holds the figures behind them."""


def write(
    brand: Brand,
    communities: Sequence[Community],
    first: int,
    last: int,
    path: Path,
    at: dt.datetime,
    *,
    staff: Staff | None = None,
) -> None:
    """Write the report of these local days to `path`; its ending says as what: one of FORMS.

    One community makes a report of that community, several one over all of them. Names are masked unless `staff` may
    see them. Where no browser is installed, a PDF is refused and the HTML stands beside it, ending in .html.
    """
    node = communities[0] if len(communities) == 1 else None
    reader = staff or scopes.outsider(brand)
    if node is None:
        reader = scopes.narrowed(brand, staff, communities)
    about = scopes.about(reader, node=node, first=first, last=last, at=at)
    form = path.suffix.lstrip(".").lower()
    if form == "pdf":
        page = as_bytes(about, "html")
        try:
            path.write_bytes(pdf.printed(page))
        except Upstream:
            path.with_suffix(".html").write_bytes(page)
            raise
        return
    path.write_bytes(as_bytes(about, form))


def as_bytes(about: About, form: str) -> bytes:
    """The report in one of the forms."""
    if form not in FORMS:
        raise Invalid("metrics.bad_form", form=form[:10], known="、".join(FORMS))
    report = compose(about)
    if form == "json":
        return as_json(report)
    if form == "xlsx":
        return sheets.workbook(report, made_at=made_at(about))
    if form == "pptx":
        from qunying.metrics.reports import slides  # its library takes 30 MB, so only who needs it loads it

        return slides.deck(report, made_at=made_at(about))
    page = as_page(report).encode()
    return pdf.printed(page) if form == "pdf" else page


def as_page(report: Report) -> str:
    """The HTML with its style inside and its charts drawn; no script."""
    about = report.about
    context = {
        "report": report,
        "brand": about.brand,
        "place": scopes.place(about),
        "made_at": made_at(about),
        "freshness": about.scope.freshness(),
        "is_file": True,
        "style": style(),
        "language": get_language() or "zh-hans",
    }
    return render_to_string("metrics/report_file.html", context)


def as_json(report: Report) -> bytes:
    """Numbers unrounded, days as ISO dates; each block under its key."""
    about = report.about
    body = {
        "brand": about.brand.slug,
        "community": about.scope.node.name if about.scope.node else None,
        "communities": [row.name for row in about.scope.communities],
        "title": report.title,
        "from": about.range.from_day.isoformat(),
        "to": about.range.to_day.isoformat(),
        "until": about.range.period.to_day.isoformat(),
        "is_partial": about.range.is_partial,
        "zone": about.brand.zone,
        "made_at": about.at.isoformat(),
        "blocks": {
            part.key: {name: value for name, value in part.block.items() if name not in SHOWN_ONLY}
            for part in report.parts
        },
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(body, default=_plain, option=options)


def _plain(value: object) -> object:
    """Our own shapes as JSON's: figures by their numbers, other dataclasses by their fields, lazy texts as text."""
    if isinstance(value, Figure):
        return value.as_json()
    if isinstance(value, Drawing):
        return {"key": value.key, "title": str(value.title), "kind": value.kind, "data": value.data}
    fields = getattr(value, "__dataclass_fields__", None)
    return {name: getattr(value, name) for name in fields} if fields else str(value)


def made_at(about: About) -> str:
    """When the report was made, by the brand's clock."""
    return about.at.astimezone(about.brand.clock.zone).strftime("%Y-%m-%d %H:%M")


@cache
def style() -> SafeString:
    """The style of a file, put into the page: a file has no server to fetch it from."""
    sheets = [
        Path(str(finders.find(f"metrics/{name}.css"))).read_text("utf-8")
        for name in ("report", "report_file")
    ]
    # Our own sheets, read from our own package.
    return mark_safe(f"<style>{''.join(sheets)}</style>")  # noqa: S308
