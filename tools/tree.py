"""The files of the repository, and findings about them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qunying"
CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, order=True)
class Finding:
    """Something to mend at a place."""

    path: Path
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.words}"


def tracked() -> list[Path]:
    """Every file that git has or would take."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    return sorted(path for name in names if name and (path := ROOT / name).is_file())


def line_of(text: str, position: int) -> int:
    """The line number of a position in a text, from 1."""
    return text.count("\n", 0, position) + 1


def report(findings: Iterable[Finding]) -> int:
    """Print the findings in order of place; 1 if there are any."""
    found = sorted(set(findings))
    for finding in found:
        print(finding)
    return 1 if found else 0
