"""Addresses of the demo."""

from qunying.brands.access import Route
from qunying.demo import pages

ROUTES = (Route("settings/demo/removal/", pages.demo_removal, "demo_removal", "brand.edit", method="post"),)
