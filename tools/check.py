"""Runs every check side by side and prints what each one finds: python -m tools.check [name …]"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.tree import ROOT

BIN = Path(sys.executable).parent
PYTHON_FILES = [
    "go",
    *(name for name in ("qunying", "tests", "tools", "benchmarks") if (ROOT / name).is_dir()),
]
LINTED = [*PYTHON_FILES, "bridges"]
"""What runs in other programs' environments has types that are not here."""
CHECKS: dict[str, list[str | Path]] = {
    "types": [BIN / "mypy", "--no-error-summary", *PYTHON_FILES],
    "lint": [BIN / "ruff", "check", "--quiet", "--output-format=concise", *LINTED],
    "format": [BIN / "ruff", "format", "--check", "--quiet", *LINTED],
    "floors": [BIN / "lint-imports", "--no-logo"],
    "writers": [sys.executable, "-m", "tools.check_writers"],
    "templates": [sys.executable, "-m", "tools.check_templates"],
    "texts": [sys.executable, "-m", "tools.catalogues", "--check"],
    "hosts": [sys.executable, "-m", "tools.check_registry_hosts"],
}


def main(names: list[str]) -> int:
    """0 when nothing was found; `names` picks single checks."""
    unknown = set(names) - set(CHECKS)
    if unknown:
        print(f"There is no check {', '.join(unknown)}; there are {', '.join(CHECKS)}.")
        return 2
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return max(pool.map(run, names or CHECKS))


def run(name: str) -> int:
    """Run one check and print its name, its seconds and, when it failed, what it said."""
    start = time.monotonic()
    words = list(map(str, CHECKS[name]))
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: PLW1510
    mark, said = ("✗", done.stdout) if done.returncode else ("✓", "")
    print(f"{mark} {name} ({time.monotonic() - start:.1f} s)\n{said}", end="", flush=True)
    return min(done.returncode, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
