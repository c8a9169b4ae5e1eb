"""Addresses of the pages of numbers."""

from django.views.decorators.http import require_POST

from qunying.brands.access import OPEN, Route
from qunying.metrics.pages import (
    activity,
    communities,
    daily,
    dashboard,
    dictionary,
    people,
    reports,
    retention,
    shares,
)

ROUTES = (
    Route("", dashboard.dashboard, "dashboard", "numbers.read", smoke=True),
    Route("overview/more/", dashboard.dashboard_more, "dashboard_more", "numbers.read"),
    Route("communities/", communities.communities, "communities", "numbers.read", smoke=True),
    Route("communities/<int:pk>/", communities.community, "community", "numbers.read"),
    Route("people/", people.people, "people", "members.read"),
    Route("people/saved/", require_POST(people.save), "people_saved", "audiences.edit", method="post"),
    Route("people/export/", require_POST(people.export), "people_export", "members.export", method="post"),
    Route("retention/", retention.retention, "retention", "numbers.read", smoke=True),
    Route("activity/", activity.activity, "activity", "numbers.read", smoke=True),
    Route("metrics/", dictionary.metrics, "metrics", "numbers.read", smoke=True),
    Route("metrics/<str:key>/", dictionary.metric, "metric", "numbers.read"),
    Route("daily/", daily.daily, "daily", "numbers.read", smoke=True),
    Route("report/", reports.report, "report", "numbers.read", smoke=True),
    Route("report/file/", reports.file, "report_file", "numbers.read", method="post"),
    Route("report/comments/", reports.comments, "report_comments", "reports.share", method="post"),
    Route(
        "report/comments/<int:pk>/removal/",
        reports.comment_removal,
        "report_comment_removal",
        "reports.share",
        method="post",
    ),
    Route("report/shares/", shares.shares, "report_shares", "reports.share"),
    Route(
        "report/shares/<int:pk>/revocation/",
        shares.revocation,
        "report_share_revocation",
        "reports.share",
        method="post",
    ),
    Route("s/<str:token>/", shares.shared, "report_shared", OPEN, is_global=True),
)
