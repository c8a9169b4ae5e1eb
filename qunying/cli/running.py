"""Runs the server, the worker and the listener, and ends them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from django.conf import settings

from qunying.connectors.listening import listen
from qunying.jobs.worker import work
from qunying.kit import sqlite


def _many() -> bool:
    """Whether web and worker may be processes of their own: always on PostgreSQL, on SQLite from 3.51.3."""
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql") or sqlite.is_safe_for_many()


def _granian(host: str, port: int, *, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "asginl", "qunying.asgi:application",
        "--host", host, "--port", str(port), "--workers", str(workers), "--workers-kill-timeout", "5",
        "--log-level", "warning",
    ]  # fmt: skip


def serve_forever(host: str, port: int) -> None:
    os.execv(sys.executable, _granian(host, port, workers=2 if _many() else 1))


def work_forever() -> None:
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    work(f"worker-{os.getpid()}", until)


def listen_forever() -> None:
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    listen(until)


def up_forever(host: str, port: int) -> None:
    """Web, worker and listener side by side; when one ends, or a signal comes, all end."""
    if not _many():
        found = ".".join(map(str, sqlite.version()))
        sys.stderr.write(
            f"SQLite {found} can corrupt a database that two processes write (needs 3.51.3); running in one process.\n"
        )
        os.environ["QUNYING_WORK_INSIDE"] = "1"
        serve_forever(host, port)
    children = [
        subprocess.Popen(_granian(host, port, workers=2)),
        subprocess.Popen([sys.executable, "-m", "qunying", "work"]),
        subprocess.Popen([sys.executable, "-m", "qunying", "listen"]),
    ]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set() and all(child.poll() is None for child in children):
        stop.wait(0.2)
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
