"""How the log of changes says what the columns of a table were taken for."""

from __future__ import annotations

from qunying.connectors.mapping import LABELS, target
from qunying.kit.log_words import LogWord


def fields(kept: object) -> str:
    return "、".join(str(LABELS.get(name, name)) for name in kept) if isinstance(kept, list) else str(kept)


LOG_WORDS = (LogWord("format", lambda key: str(target(str(key)).label)), LogWord("fields", fields))
