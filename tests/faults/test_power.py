"""The disk is full, the process is told to end, the power goes: what was acknowledged is there, the rest was refused.
Numbers at the end of names are the cases of reliability.md §3."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from benchmarks import places
from benchmarks.faults import Pushers, Web, row
from benchmarks.ingest import OURS
from benchmarks.load import Answer, send_all
from benchmarks.places import Place, ask
from tools.tree import ROOT

pytestmark = pytest.mark.slow
MEGABYTES, LEFT = 64, 1_500_000


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A filled home that nobody uses; every test takes a copy."""
    return places.first_place(Path(tmp_path_factory.mktemp("first")))


def push(place: Place, port: int, names: list[str]) -> Answer:
    body = b"\n".join(orjson.dumps(row(name)) for name in names)
    (answer,) = send_all(port, OURS.path, place.token, [body], at_once=1)
    return answer


def stored(place: Place) -> set[str]:
    return {str(text) for (text,) in ask(place, "SELECT text FROM communities_message")}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own of a few megabytes, which only root may make."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_refuses_aloud_keeps_what_it_acknowledged_and_takes_more_once_there_is_room_99(
    first, tmp_path
):
    with small_disk(tmp_path / "disk") as disk:
        place = replace(first, home=disk / "home")
        shutil.copytree(first.home, place.home)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - LEFT))
        with Web(place) as server:
            kept: list[str] = []
            for part in range(400):
                names = [f"full-{part}-{place}" for place in range(100)]
                last = push(first, server.port, names)
                if last.status != 200:
                    break
                kept += names
            there = stored(place)
            ballast.unlink()
            again = push(first, server.port, names)
        after = stored(place)
        whole = ask(place, "PRAGMA integrity_check")

    assert (last.status, last.told["code"]) == (503, "connectors.storage_full")
    assert len(kept) > 0
    assert (set(kept) <= there, set(names) & there) == (True, set())
    assert (again.status, set(names) <= after, whole) == (200, True, [("ok",)])


def test_a_server_that_is_told_to_end_answers_what_it_was_asked_and_ends_within_ten_seconds_103(
    first, tmp_path
):
    place = places.another(first, tmp_path / "home")
    answers: list[Answer] = []
    with Web(place) as server, closing(sqlite3.connect(place.home / "qunying.sqlite3")) as other:
        push(place, server.port, ["before"])
        other.execute("BEGIN IMMEDIATE")  # so the request waits
        asked = threading.Thread(target=lambda: answers.append(push(place, server.port, ["in flight"])))
        asked.start()
        time.sleep(0.5)
        began = time.monotonic()
        os.killpg(server.pid, signal.SIGTERM)
        time.sleep(0.5)
        other.rollback()
        asked.join(20)
        ended = server.wait(20) - began

    assert [answer.status for answer in answers] == [200]
    assert ended < 10
    assert {"before", "in flight"} <= stored(place)


def test_a_copy_as_a_power_cut_leaves_it_opens_and_every_promise_about_the_log_holds_104(first, tmp_path):
    place = places.another(first, tmp_path / "home")
    with Web(place) as server, Pushers(place, server.port).at_work() as pushers:
        while len(pushers.acknowledged) < 1_000:
            time.sleep(0.05)
        os.killpg(server.pid, signal.SIGSTOP)  # at no chosen moment
        cut = tmp_path / "cut"
        shutil.copytree(place.home, cut)
        os.killpg(server.pid, signal.SIGCONT)

    wal = (cut / "qunying.sqlite3-wal").read_bytes()
    safe = safe_bytes(cut / "qunying.sqlite3")
    assert len(wal) > safe
    draw = random.Random(104)
    for torn in (len(wal), draw.randrange(safe, len(wal))):
        home = tmp_path / f"torn-{torn}"
        shutil.copytree(cut, home)
        (home / "qunying.sqlite3-shm").unlink()  # memory
        (home / "qunying.sqlite3-wal").write_bytes(wal[:torn] + draw.randbytes(4096))

        opened = replace(place, home=home)
        assert ask(opened, "PRAGMA integrity_check") == [("ok",)]
        words = [sys.executable, "-m", "qunying", "verify"]
        checked = subprocess.run(words, cwd=ROOT, env=opened.env, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def safe_bytes(database: Path) -> int:
    """How much of the write-ahead log was synced to disk: what a checkpoint has copied from it, by its index."""
    copied = struct.unpack_from("I", (database.parent / f"{database.name}-shm").read_bytes(), 96)[0]
    with database.open("rb") as file:
        page = struct.unpack(">H", file.read(18)[16:])[0]
    return 32 + int(copied) * (24 + int(page))
