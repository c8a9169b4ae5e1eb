"""A brand, and a receiver that its webhooks may reach."""

from __future__ import annotations

import pytest

from tests.connectors.live.world import open_brand
from tests.webhooks.world import Receiver


@pytest.fixture
def tea(db):
    return open_brand()


@pytest.fixture
def receiver(settings):
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    with Receiver() as one:
        yield one
        one.open.set()
