"""The listener is killed in the middle of its messages, again and again: every one arrives, and of those under way at a
kill some arrive twice, under their own number."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qunying.webhooks.actions.delivering import LANES
from tests.webhooks.world import Receiver
from tools.tree import ROOT

COUNT, KILLS = 300, 3
PREPARE = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.connectors.live.world import open_brand
from tests.webhooks.world import hooked, tell
tea = open_brand()
hooked(tea, sys.argv[1])
for number in range(int(sys.argv[2])):
    tell(tea[0], str(number))
"""


@pytest.mark.slow
def test_a_listener_that_is_killed_again_and_again_loses_no_message_102(tmp_path):
    with Receiver() as receiver:
        env = home(tmp_path)
        subprocess.run(
            [sys.executable, "-c", PREPARE, receiver.url, str(COUNT)], cwd=ROOT, env=env, check=True
        )

        for kill in range(KILLS):
            listener = listening(env)
            until(receiver, (kill + 1) * COUNT // (KILLS + 1))
            listener.kill()
            listener.wait()
        last = listening(env)
        until(receiver, COUNT)
        last.terminate()

        assert last.wait(10) == 0
        assert len(set(receiver.numbers)) == COUNT
        assert len(receiver.numbers) - COUNT <= KILLS * LANES


def home(folder: Path) -> dict[str, str]:
    """The environment of an install of its own."""
    ours = {
        "QUNYING_HOME": str(folder),
        "QUNYING_PRIVATE_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "qunying.settings",
    }
    return {**{name: value for name, value in os.environ.items() if name != "DATABASE_URL"}, **ours}


def listening(env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "qunying", "listen"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )


def until(receiver: Receiver, count: int) -> None:
    """Until so many different messages have arrived; four leases and some patience at most."""
    end = time.monotonic() + 120
    while len(set(receiver.numbers)) < count:
        assert time.monotonic() < end, f"{len(set(receiver.numbers))} of {count}"
        time.sleep(0.02)
