"""What every test stands on: Hypothesis profiles, and the guard that watches who writes which table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings as product
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests.write_guard import guard

# No deadline: a shared machine is slow now and then. A failing example is printed, to be replayed anywhere.
SLOW_IS_FINE = [HealthCheck.too_slow]
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("slow", settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


DATABASE = {"db", "transactional_db", "django_db_setup"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what asks for no database as to be run once, beside SQLite."""
    for item in items:
        if not item.get_closest_marker("django_db") and not DATABASE & {*getattr(item, "fixturenames", ())}:
            item.add_marker("once")


@pytest.fixture(scope="session")
def tables() -> Path | None:
    """The SQLite file whose tables `./go test` has made for all workers."""
    made = Path(product.DATABASES["default"]["NAME"])
    return made if connection.vendor == "sqlite" and made.exists() else None


@pytest.fixture(scope="session")
def django_db_keepdb(tables: Path | None) -> bool:
    """A copy of the tables is not thrown away to be made again."""
    return tables is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tables: Path | None
) -> None:
    """Each worker's database is a copy of the one that `./go test` made, where it did."""
    test = connection.settings_dict["TEST"]
    if tables:
        shutil.copy(tables, test["NAME"])
    elif os.environ.get("QUNYING_TEST_TEMPLATE"):
        test["TEMPLATE"] = os.environ["QUNYING_TEST_TEMPLATE"]


@pytest.fixture(autouse=True)
def _only_own_actions_write() -> Iterator[None]:
    """Fails a test in which code outside an app's own actions writes its tables."""
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(guard))
        yield


@pytest.fixture(scope="module")
def once_filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Lets a module's own fixtures fill the database once for all its tests: what a test changes is undone after
    it, what the module filled in after its last test. Not for tests that commit."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
