"""A brand on WeCom, and its chief at the console."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.connectors.live.wecom.world import World
from tests.connectors.live.world import open_brand


@pytest.fixture
def world(db):
    return World(*open_brand())


@pytest.fixture
def client(world):
    client = Client()
    client.force_login(world.chief.account, backend="django.contrib.auth.backends.ModelBackend")
    return client
