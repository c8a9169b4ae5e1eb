"""Addresses of jobs. Any staff member reaches them; which jobs they see is decided in queries."""

from qunying.brands.access import SIGNED_IN, Route
from qunying.jobs import pages

ROUTES = (
    Route("jobs/", pages.jobs, "jobs", SIGNED_IN, smoke=True),
    Route("jobs/<int:pk>/", pages.job, "job", SIGNED_IN),
    Route("jobs/<int:pk>/progress/", pages.job_progress, "job_progress", SIGNED_IN),
    Route("jobs/<int:pk>/pause/", pages.job_pause, "job_pause", SIGNED_IN, method="post"),
    Route("jobs/<int:pk>/resume/", pages.job_resume, "job_resume", SIGNED_IN, method="post"),
    Route("jobs/<int:pk>/stop/", pages.job_stop, "job_stop", SIGNED_IN, method="post"),
    Route("jobs/<int:pk>/replay/", pages.job_replay, "job_replay", SIGNED_IN, method="post"),
)
