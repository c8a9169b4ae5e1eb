"""Names of files that come from outside."""

from __future__ import annotations

import re
from pathlib import Path


def file_name(name: str) -> str:
    """The name alone, without folders and control characters, short enough for any file system."""
    bare = re.sub(r"[\x00-\x1f\x7f]", "", Path(name.replace("\\", "/")).name).strip(". ")
    stem, suffix = Path(bare).stem[:60], Path(bare).suffix[:12]
    return f"{stem}{suffix}" or "file"
