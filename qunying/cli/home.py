"""Sets an install up: database tables and static files, once per version of the code."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from qunying.kit import catalog


def set_up_once() -> None:
    """Migrate and collect static files unless this home already stands at this code's migrations and assets."""
    home = Path(settings.HOME)
    stamp = home / "set_up.stamp"
    state = _state()
    if stamp.exists() and stamp.read_text() == state:
        return
    with (home / "set_up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == state):
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(state)


def _state() -> str:
    """A digest over the names of all migrations, the built assets, and the database's address."""
    hashed = hashlib.sha256(repr(settings.DATABASES["default"]["NAME"]).encode())
    base = Path(settings.BASE)
    for app in catalog.apps():
        folder = base / app.replace(".", "/") / "migrations"
        for path in sorted(folder.glob("*.py")):
            hashed.update(path.name.encode())
    for path in sorted((base / "assets").rglob("*")):
        if path.is_file():
            hashed.update(f"{path.name}{path.stat().st_size}{path.stat().st_mtime_ns}".encode())
    return hashed.hexdigest()
