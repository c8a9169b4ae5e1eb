"""How the log of changes says what a consent was about."""

from __future__ import annotations

from qunying.kit.log_words import LogWord
from qunying.members.models import Purpose

LOG_WORDS = (LogWord("consent", lambda kept: str(Purpose(str(kept)).label)),)
