"""Addresses of the shell."""

from qunying.brands.access import OPEN, SIGNED_IN, Route
from qunying.console import pages, waiting
from qunying.console.styleguide import styleguide

ROUTES = (
    Route("login/", pages.login, "login", OPEN, is_global=True, smoke=True),
    Route("logout/", pages.sign_out, "logout", OPEN, is_global=True, method="post"),
    Route("", pages.home, "home", SIGNED_IN, is_global=True),
    Route("brands/", pages.brand, "brand", SIGNED_IN, is_global=True, method="post"),
    Route("password/", pages.password, "password", SIGNED_IN, is_global=True),
    Route("healthz", pages.healthz, "healthz", OPEN, is_global=True, smoke=True),
    Route("styleguide/", styleguide, "styleguide", SIGNED_IN, is_global=True),
    Route("today/", waiting.today, "today", "tasks.do", smoke=True),
    Route("start/", pages.start, "start", SIGNED_IN),
    Route("start/overview/", pages.overview_visit, "overview_visit", SIGNED_IN, method="post"),
    Route("start/checklist/", pages.checklist, "checklist", SIGNED_IN, method="post"),
)
