"""Addresses of deeds on communities; the list and the page with their figures are on the floor of metrics."""

from django.views.decorators.http import require_POST

from qunying.brands.access import Route
from qunying.communities.pages import tree

ROUTES = (
    Route("communities/new/", tree.opening, "communities_new", "communities.edit"),
    Route(
        "communities/fields/",
        require_POST(tree.fields),
        "communities_fields",
        "communities.edit",
        method="post",
    ),
    Route("communities/<int:pk>/edit/", tree.edit, "community_edit", "communities.edit"),
)
