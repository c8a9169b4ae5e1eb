"""How the log of changes says what a webhook is told."""

from __future__ import annotations

from qunying.kit.log_words import LogWord
from qunying.webhooks.queries import label


def labels(kept: object) -> str:
    return "、".join(label(str(key)) for key in kept) if isinstance(kept, list) else str(kept)


LOG_WORDS = (LogWord("kinds", labels),)
