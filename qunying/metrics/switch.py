"""含员工、机器人与测试: the switch in the address of the pages of numbers; `everybody=1` counts everybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.http import QueryDict

from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, scope_of


def scope_with_switch(request: BrandRequest, at: dt.datetime) -> Scope:
    """The request's scope with the switch as it stands in the address."""
    return switched(scope_of(request, at), request.GET)


def switched(scope: Scope, given: QueryDict) -> Scope:
    """The scope with the switch as the given query has it."""
    return replace(scope, with_everybody=given.get("everybody") == "1")
