"""How long pages take in process with 100,000 members: the median of 30 requests, against the goals of ui.md §5."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.test import Client

from benchmarks.board_ours import set_up
from benchmarks.table import Row, seconds

if TYPE_CHECKING:
    from qunying.brands.models import Brand

GOALS = {
    "members": 0.025,
    "dashboard": 0.015,
    "communities": 0.025,
    "findings": 0.025,
    "imports": 0.025,
    "jobs": 0.025,
}
"""Page → seconds it may take."""


def measure() -> Iterator[Row]:
    """A crowd brand, signed in as its owner; each page must answer 200."""
    with tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder:
        set_up(Path(folder))
        from django.urls import reverse

        brand = crowd()
        client = Client()
        client.force_login(brand.staff.get().account, backend="django.contrib.auth.backends.ModelBackend")
        for page, goal in GOALS.items():
            address = reverse(page, args=[brand.slug])
            taken, status = seconds(partial(answered, client, address), times=30)
            yield Row(f"{page}, 100,000 members (peer: goal)", taken, goal, status == 200)


def answered(client: Client, address: str) -> int:
    status: int = client.get(address).status_code
    return status


def crowd() -> Brand:
    """100,000 members, most of them only listed, and their owner."""
    from qunying.brands.actions import appoint, open_account, open_brand
    from qunying.connectors.intake import Intake
    from qunying.connectors.looking_again import look_again
    from qunying.demo.plans import crowd_plan
    from qunying.demo.world import simulate
    from qunying.facts.projectors import drive

    now = dt.datetime.now(dt.UTC)
    account = open_account("bench", password="only for the benchmark", at=now)
    brand = open_brand("crowd", at=now, slug="crowd")
    appoint(brand, account=account, role="owner", at=now, by=None)
    until = now.astimezone(brand.clock.zone).date() - dt.timedelta(days=1)
    for stream in simulate(crowd_plan(), seed=1, until=until).streams:
        Intake(brand, at=now).take(stream.entries())
    drive(brand)
    look_again(brand, at=now)
    return brand
