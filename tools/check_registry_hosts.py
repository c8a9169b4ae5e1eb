"""No file names a package registry; the lock files pin every package by hash and agree with each other."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.tree import ROOT, Finding, line_of, report, tracked

# Written as a pattern, so that this file does not name what it looks for.
OWNERS = (
    "pypi|pythonhosted|npmjs|npmmirror|yarnpkg|debian|crates|rubygems|jsdelivr|unpkg|cdnjs|tsinghua|aliyun"
)
HOST = re.compile(rf"\b(?:[\w-]+\.)*(?:{OWNERS})\.(?:org|com|io|net|cn|edu\.cn)\b", re.IGNORECASE)
BINARY = {".png", ".jpg", ".ico", ".woff2", ".xlsx", ".zip", ".gz", ".parquet"}
ADDRESS = re.compile(r"https?://|git\+|file:")
PINNED = re.compile(
    r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)"  # name and version
    r"(?: ; ([^\\\n]+))? ?"  # for which machines
    r"(\\\n +--hash=sha256:)?[^\n]*$",  # the first of its hashes
    re.MULTILINE,
)


def hosts(files: Iterable[Path]) -> Iterator[Finding]:
    """Registry hosts in any file; addresses of any kind in a lock file."""
    for path in files:
        if path.suffix in BINARY:
            continue
        text = path.read_text("utf-8", "replace")
        for found in HOST.finditer(text):
            yield Finding(path, line_of(text, found.start()), f"names the registry host {found[0]}")
        if path.suffix == ".lock":
            for found in ADDRESS.finditer(text):
                yield Finding(path, line_of(text, found.start()), f"a lock holds no address: {found[0]}")
        if path.name == "package-lock.json":
            for found in re.finditer(r'"resolved":', text):
                yield Finding(path, line_of(text, found.start()), "holds a download address: see .npmrc")


def locks(folder: Path) -> Iterator[Finding]:
    """Packages without a hash, or pinned to two versions: one .venv serves all locks."""
    seen: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.lock")):
        text = path.read_text("utf-8")
        yield from left_out(path.with_suffix(".in"), {found[1].lower() for found in PINNED.finditer(text)})
        for found in PINNED.finditer(text):
            line, (name, version, marker, hashed) = line_of(text, found.start()), found.groups("")
            if not hashed:
                yield Finding(path, line, f"{name} has no hash")
            if seen.setdefault((name, marker), version) != version:
                yield Finding(path, line, f"{name} is {version}, in another lock {seen[name, marker]}")


def left_out(wishes: Path, locked: set[str]) -> Iterator[Finding]:
    """Packages asked for that the lock does not hold: it was not made again."""
    for number, line in enumerate(wishes.read_text("utf-8").splitlines(), 1):
        name = re.match(r"[\w.-]+", line)
        if name and not line.startswith("-") and name[0].lower() not in locked:
            yield Finding(wishes, number, f"{name[0]} is not in the lock")


if __name__ == "__main__":
    sys.exit(report([*hosts(tracked()), *locks(ROOT / "requirements")]))
