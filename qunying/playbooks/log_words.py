"""How the log of changes says which playbook was run."""

from __future__ import annotations

from qunying.kit.log_words import LogWord
from qunying.playbooks.kinds import playbook

LOG_WORDS = (LogWord("playbook", lambda key: str(playbook(str(key)).label)),)
