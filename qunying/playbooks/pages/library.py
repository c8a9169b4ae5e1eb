"""运营SOP: the library of playbooks with what they did here."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render

from qunying.brands.access import BrandRequest
from qunying.communities.scope import frame, scope_of
from qunying.diagnosis.queries import metric_label
from qunying.kit import catalog
from qunying.playbooks.queries import past_results


def playbooks(request: BrandRequest) -> HttpResponse:
    results = past_results(request.staff)
    detectors = catalog.collect("detectors")
    books = []
    for book in catalog.collect("playbooks"):
        total, better = results.get(book.key, (0, 0))
        helps = [entry.label for entry in detectors if book.key in entry.advises]
        books.append(
            {
                "book": book,
                "helps": helps,
                "metric": metric_label(book.metric),
                "total": total,
                "better": better,
            }
        )
    context = {**frame(scope_of(request, dt.datetime.now(dt.UTC))), "books": books}
    return render(request, "playbooks/library.html", context)
