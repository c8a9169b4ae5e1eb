"""Addresses of a brand's pages."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=4096)
def page(route: str, slug: str) -> str:
    """The address of a page that needs nothing but the brand. Kept, as a screen of charts and lists holds a hundred."""
    return reverse(route, args=[slug])
