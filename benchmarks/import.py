"""How fast a history comes in, through the real command: 1 M messages of 20,000 people into SQLite, until DAU is there.

Rows: seconds for a million messages against what 40,000 messages a second would take; peak memory up to then at 1 M,
of the command and of the process that reads the file for it, against 100 k + 30 MB; and the same import into PostgreSQL
where the machine has it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.histories import write
from benchmarks.table import Row
from tests.databases import postgresql

MANY, FEW, PEOPLE = 1_000_000, 100_000, 20_000
GOAL = 40_000


def measure() -> Iterator[Row]:
    """Import a tenth and the whole; answers must hold what was written."""
    with tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder:
        home = Path(folder)
        few, many = home / "few.jsonl", home / "many.jsonl"
        write(few, messages=FEW, people=PEOPLE)
        write(many, messages=MANY, people=PEOPLE)
        small = bring(few, home / "small", url="")
        large = bring(many, home / "large", url="")
        yield Row(f"import of {MANY:,} messages", large["seconds"], MANY / GOAL, large["messages"] == MANY)
        yield Row(f"import of {FEW:,} messages", small["seconds"], None, small["messages"] == FEW)
        yield Row("peak memory at 1 M (peer: 100 k + 30 MB)", large["mb"], small["mb"] + 30, unit="MB")
        with postgresql(durable=True) as url:
            if url:
                other = bring(many, home / "postgresql", url=url)
                took, equal = other["seconds"], other["messages"] == MANY
                yield Row("the same into PostgreSQL (peer: SQLite)", took, large["seconds"], equal)


def bring(file: Path, home: Path, *, url: str) -> dict[str, float]:
    """One import as a command: wall seconds and peak MB until it has printed what it brought, messages counted, DAU
    asked afterwards. What it does then (looking for problems) is waited for and not measured."""
    env = {**os.environ, "QUNYING_HOME": str(home), "DATABASE_URL": url}
    command = [sys.executable, "-m", "qunying"]
    subprocess.run([*command, "setup"], env=env, check=True, capture_output=True)
    start = time.perf_counter()
    child = subprocess.Popen(
        [*command, "import", str(file), "--brand", "bench", "--json"], env=env, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    peaks = Peaks(child.pid)
    lines: list[bytes] = []
    while not lines or lines[-1] not in (b"", b"}\n"):  # the object ends where its bracket stands alone
        lines.append(child.stdout.readline())
    seconds, peak = time.perf_counter() - start, peaks.sum()
    told = json.loads(b"".join(lines))
    child.communicate()  # it looks for problems now
    asked = subprocess.run(
        [*command, "metric", "dau", "--brand", "bench", "--json"], env=env, check=True, capture_output=True
    )
    assert json.loads(asked.stdout)["rows"][0]["state"] == "ok"
    return {"seconds": seconds, "mb": peak, "messages": told["total"]["messages"]}


class Peaks:
    """The most memory a process and its children have held, in MB, also of those that have ended; Linux only."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def sum(self) -> float:
        """Of all together so far, each at its own worst moment."""
        self._ended.set()
        self._thread.join()
        return sum(self._most.values())

    def _watch(self) -> None:
        while True:
            self._look()
            if self._ended.wait(0.1):
                return self._look()

    def _look(self) -> None:
        children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text("ascii").split()
        for pid in (self._pid, *map(int, children)):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                told = Path(f"/proc/{pid}/status").read_text("ascii").partition("VmHWM:")[2].split()
                if told:  # one that has ended and was not looked after yet has none
                    self._most[pid] = int(told[0]) / 1024
