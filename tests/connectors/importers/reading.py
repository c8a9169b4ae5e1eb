"""How a test reads a sample: by the format's own reader, whole."""

from __future__ import annotations

import json
from pathlib import Path

from qunying.connectors.importers import entries, pick
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Entry, Options

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"


def read(path: Path | str, options: Options | None = None) -> list[Entry]:
    """Every entry of a sample (by name) or of any path, read by the format that recognises it."""
    source = Source(SAMPLES / path)
    return list(entries(pick(source)[0], source, options or Options()))


def written(path: Path, value: object) -> Path:
    """The path, holding the value as JSON."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path
