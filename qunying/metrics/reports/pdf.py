"""HTML to PDF by a browser that is installed anyway; we carry none."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from qunying.kit.errors import Upstream

SECONDS = 60
NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pdf-header-footer",
)


def browser() -> str | None:
    """The first Chrome, Chromium or Edge of this machine."""
    named = (shutil.which(name) for name in NAMES)
    placed = (place for place in PLACES if Path(place).exists())
    return next((path for path in (*named, *placed) if path), None)


def printed(page: bytes) -> bytes:
    """The page as a PDF, printed in a profile of its own that is thrown away; Upstream where that cannot be done."""
    program = browser()
    if program is None:
        raise Upstream("metrics.no_browser")
    with tempfile.TemporaryDirectory(prefix="qunying-pdf-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_bytes(page)
        where = (f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}")
        command = [program, *QUIET, *_as_root(), *where, source.as_uri()]
        try:
            # The program was found on this machine, and every word of the command is ours.
            subprocess.run(command, timeout=SECONDS, check=True, capture_output=True)  # noqa: S603
            return target.read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise Upstream("metrics.pdf_failed", program=Path(program).name, seconds=SECONDS) from error


def _as_root() -> tuple[str, ...]:
    """Chrome refuses to run as root inside its sandbox, as containers do; the page holds no script."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
