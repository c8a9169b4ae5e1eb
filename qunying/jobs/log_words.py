"""How the log of changes says which kind of work was stopped."""

from __future__ import annotations

from qunying.jobs.kinds import kind
from qunying.kit.log_words import LogWord

LOG_WORDS = (LogWord("job", lambda key: str(kind(str(key)).label)),)
