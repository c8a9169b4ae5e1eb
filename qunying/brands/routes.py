"""Addresses of brands."""

from qunying.brands import pages
from qunying.brands.access import Route

ROUTES = (
    Route("staff/", pages.staff, "staff", "staff.edit", smoke=True),
    Route("staff/<int:pk>/", pages.one_staff, "one_staff", "staff.edit"),
    Route("staff/<int:pk>/dismissal/", pages.dismissal, "staff_dismissal", "staff.edit", method="post"),
    Route("settings/", pages.settings, "settings", "brand.edit", smoke=True),
    Route("settings/tokens/", pages.tokens, "tokens", "brand.edit"),
    Route(
        "settings/tokens/<int:pk>/revocation/",
        pages.token_revocation,
        "token_revocation",
        "brand.edit",
        method="post",
    ),
    Route("audit/", pages.audit, "audit", "audit.read", smoke=True),
    Route("audit/check/", pages.audit_check, "audit_check", "audit.read", method="post"),
    Route("audit/file/", pages.audit_file, "audit_file", "audit.read", method="post"),
)
