"""The product's settings with a home of their own, thrown away at the end: no test can touch real data."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if "QUNYING_TEST_HOME" not in os.environ:  # pytest-xdist's workers share their parent's
    os.environ["QUNYING_TEST_HOME"] = tempfile.mkdtemp(prefix="qunying-test-")
    atexit.register(shutil.rmtree, os.environ["QUNYING_TEST_HOME"], ignore_errors=True)
os.environ["QUNYING_HOME"] = os.environ["QUNYING_TEST_HOME"]

from qunying.settings import *  # noqa: F403  (the home must be known before)
from qunying.settings import DATABASES, HOME, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # a file, as in use: in memory there is no WAL
    DATABASES["default"]["TEST"] = {"NAME": HOME / "test.sqlite3"}

if not (HOME / "static" / "staticfiles.json").exists():  # ./go test collects them, pytest alone need not
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
