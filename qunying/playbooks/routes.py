"""Addresses of findings, advice, playbooks and runs."""

from django.views.decorators.http import require_POST

from qunying.brands.access import Route
from qunying.playbooks.pages import deeds, findings, library, runs

ROUTES = (
    Route("findings/", findings.findings, "findings", "advice.read", smoke=True),
    Route("findings/<int:pk>/", findings.finding, "finding", "advice.read"),
    Route("findings/<int:pk>/members/", findings.members, "finding_members", "members.read"),
    Route(
        "findings/<int:pk>/dismissal/",
        require_POST(deeds.dismissal),
        "finding_dismissal",
        "advice.decide",
        method="post",
    ),
    Route(
        "findings/<int:pk>/audience/",
        require_POST(deeds.audience),
        "finding_audience",
        "audiences.edit",
        method="post",
    ),
    Route("advice/<int:pk>/", findings.advice, "advice", "advice.read"),
    Route("advice/<int:pk>/run/", require_POST(deeds.run), "advice_run", "advice.decide", method="post"),
    Route(
        "advice/<int:pk>/dismissal/",
        require_POST(deeds.advice_dismissal),
        "advice_dismissal",
        "advice.decide",
        method="post",
    ),
    Route("playbooks/", library.playbooks, "playbooks", "advice.read", smoke=True),
    Route("runs/", runs.runs, "runs", "advice.read", smoke=True),
    Route("runs/<int:pk>/", runs.run, "run", "advice.read"),
    Route("runs/<int:pk>/stop/", require_POST(deeds.stopped), "run_stop", "advice.decide", method="post"),
)
