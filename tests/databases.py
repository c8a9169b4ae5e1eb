"""Runs the tests on SQLite and on PostgreSQL: python -m tests.databases [--slow] [words for pytest]

A PostgreSQL of its own is started in a temporary folder and removed at the end; DATABASE_URL names another.
What this machine lacks is said loudly, and with CI set it is an error.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 "
    "-c autovacuum=off -c jit=off"
)
"""How a server runs that nobody will miss."""
TEMPLATE = "template_of_tests"
_folders: dict[str, Path] = {}
"""Address of a server that was started here → where it lives."""
NO_TEST_RAN = 5  # pytest's exit code
MOST_WORKERS = 8
"""PostgreSQL has a hundred connections; some tests of races take a dozen."""
MEMORY, ROOM = Path("/dev/shm"), 6 << 30  # folders of their own are made in it
"""A file system in memory, where a machine has one, and how much must be free for tests to live there: nothing of
theirs has to outlive a power cut, and disks are shared with others."""
REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Run:
    """One run of pytest: on which database, its exit code, its last line, its seconds."""

    database: str
    code: int
    summary: str
    seconds: float


def main(words: list[str]) -> int:
    """0 when every test that could run has passed on both databases."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    slow = "--slow" in words
    words = [word for word in words if word != "--slow"]
    missing = [] if browser() else ["Chromium (the browser tests)"]
    if not REAL_DATA.is_dir():
        missing.append(f"{REAL_DATA} (the recount of real histories)")
    if is_roomy(MEMORY):
        tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY)
    with tempfile.TemporaryDirectory(prefix="qunying-test-") as home:
        os.environ.update(QUNYING_TEST_HOME=home, HYPOTHESIS_PROFILE="slow" if slow else profile())
        prepare("collectstatic", "--noinput")
        prepare("migrate")
        runs = [run_pytest("SQLite", "", words, slow=slow)]
        with postgresql() as url:
            if url:
                if url in _folders:  # a server of somebody else keeps only the databases of tests
                    os.environ["QUNYING_TEST_TEMPLATE"] = TEMPLATE
                    prepare("migrate", url=with_template(url))
                runs.append(run_pytest("PostgreSQL", url, words, slow=slow))
            else:
                missing.append("PostgreSQL (every test on the second database)")
    return report(runs, missing)


def is_roomy(place: Path) -> bool:
    """Whether databases, homes and histories of a whole run fit in there."""
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free >= ROOM


def profile() -> str:
    """Hypothesis looks at the same examples every time where a red run must mean something."""
    return "ci" if os.environ.get("CI") else "default"


def browser() -> str | None:
    """The path of an installed Chromium."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def prepare(*words: str, url: str = "") -> None:
    """A command of Django in the tests' home, once for all workers: static files under their hashed names, so that a
    page naming a missing one fails; the tables, which each worker copies (tests/conftest.py)."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url}
    subprocess.run([sys.executable, "-m", "django", *words, "-v0"], env=env, check=True)


def with_template(url: str) -> str:
    """The address of a new database on the server, for others to be copied from."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    return url.rpartition("/")[0] + f"/{TEMPLATE}"


def run_pytest(database: str, url: str, words: list[str], *, slow: bool) -> Run:
    """One run, its output shown as it comes; two workers a core unless single tests were named, as many tests wait."""
    wanted = ["slow" if slow else "not slow"]
    if url:
        wanted.append("not once")
    if url or not browser():
        wanted.append("not browser")  # what a browser shows does not depend on the database
    workers = (
        [] if words else ["-n", str(min(2 * (os.cpu_count() or 1), MOST_WORKERS)), "--dist", "worksteal"]
    )
    # Where CI runs, what took longest is named, to be looked at when all of it takes too long.
    longest = ["--durations=40"] if os.environ.get("CI") else []
    start = time.monotonic()
    print(f"\n── {database} {'─' * 60}", flush=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-m", " and ".join(wanted), *workers, *longest, *words],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )
    last = ""
    try:
        for line in child.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
        child.wait()
    finally:
        child.terminate()
        child.wait()
    return Run(database, child.returncode, last, time.monotonic() - start)


def report(runs: list[Run], missing: list[str]) -> int:
    """Print one line a run and what was left out; the exit code of the whole."""
    print()
    for run in runs:
        print(f"{run.database}: {run.summary} ({run.seconds:.0f} s in all)")
    for thing in missing:
        print(f"!!! NOT TESTED, because this machine has no {thing} !!!")
    bad = [run for run in runs if run.code not in (0, NO_TEST_RAN)]
    nothing_ran = all(run.code == NO_TEST_RAN for run in runs)
    return 1 if bad or nothing_ran or (missing and os.environ.get("CI")) else 0


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """The address of a PostgreSQL to test on, with its safety nets if `durable`; nothing where the machine has none."""
    given, programs = os.environ.get("DATABASE_URL", ""), postgresql_programs()
    if given.startswith("postgres") or not programs:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="qunying-pg-"))
    try:
        url = start(programs, folder, durable=durable)
        _folders[url] = folder
        yield url
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C must not leave the server behind
            signal.signal(number, signal.SIG_IGN)
        as_postgres(programs / "pg_ctl", "stop", "-D", folder / "data", "-m", "immediate", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def postgresql_programs() -> Path | None:
    """The folder of initdb and its like, the newest version where there are several."""
    named = shutil.which("initdb")
    if named:
        return Path(named).resolve().parent
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql*/bin")]
    found = [place for place in places if (place / "initdb").exists()]
    return max(found, key=lambda place: float(place.parent.name.rpartition("@")[2] or 0), default=None)


def start(programs: Path, folder: Path, *, durable: bool = False) -> str:
    """Make a cluster, without safety nets unless `durable`; start it on a free loopback port, tell its address."""
    password, key = secrets.token_hex(16), folder / "password"
    key.write_text(password)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(key, "postgres")
    access = ["-U", "qunying", "-A", "scram-sha-256", f"--pwfile={key}"]
    as_postgres(programs / "initdb", "-D", folder / "data", "-N", "-E", "UTF8", "--locale=C", *access)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    fast = "" if durable else FAST
    place = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    log = ["-l", str(folder / "log"), "-w", "-t", "60"]
    as_postgres(programs / "pg_ctl", "start", "-D", folder / "data", *log, "-o", f"{fast} {place}")
    return f"postgresql://qunying:{password}@127.0.0.1:{port}/postgres"


def kill_and_start(url: str) -> None:
    """kill -9 the throw-away server at this address, which `postgresql` started, and start it again as it was."""
    kill(url)
    start_again(url)


def kill(url: str) -> None:
    """kill -9 the throw-away server at this address, which `postgresql` started."""
    lines = (_folders[url] / "data/postmaster.pid").read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGKILL)


def start_again(url: str) -> None:
    """Start a killed one as it was."""
    folder = _folders[url]
    programs, until = postgresql_programs(), time.monotonic() + 60
    assert programs is not None
    place: list[str | Path] = ["-D", folder / "data", "-l", folder / "log", "-w", "-t", "60"]
    words = shlex.join(shlex.split((folder / "data/postmaster.opts").read_text())[1:])
    while as_postgres(programs / "pg_ctl", "start", *place, "-o", words, check=False):
        if time.monotonic() > until:
            raise TimeoutError("PostgreSQL did not start again")
        time.sleep(0.1)  # processes of the killed one still hold its memory


def as_postgres(*words: str | Path, check: bool = True) -> int:
    """Run a program of PostgreSQL, which refuses to be run by root; its exit code."""
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    quiet = None if check else subprocess.DEVNULL
    done = subprocess.run(
        [*other, *map(str, words)], stdout=subprocess.DEVNULL, stderr=quiet, cwd="/", check=check
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
