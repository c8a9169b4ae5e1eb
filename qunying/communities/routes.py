"""Addresses of deeds on communities; the list and the page with their figures are on the floor of metrics."""

from django.views.decorators.http import require_POST

from qunying.brands.access import Route
from qunying.communities.pages import duty, tree

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
    Route("roster/", duty.roster, "roster", "roster.read", smoke=True),
    Route("roster/file/", require_POST(duty.roster_file), "roster_file", "roster.read", method="post"),
    Route("roster/new/", duty.new, "shift_new", "roster.edit"),
    Route("roster/shifts/<int:pk>/", duty.shift, "shift", "roster.edit"),
    Route(
        "roster/shifts/<int:pk>/cover/",
        require_POST(duty.shift_cover),
        "shift_cover",
        "roster.edit",
        method="post",
    ),
    Route(
        "roster/shifts/<int:pk>/removal/",
        require_POST(duty.shift_removal),
        "shift_removal",
        "roster.edit",
        method="post",
    ),
)
