"""How the log of changes says what kind of node a community is and where it lives."""

from __future__ import annotations

from qunying.communities.duty import weekday_names
from qunying.communities.models import Community
from qunying.communities.platforms import platform
from qunying.kit.log_words import LogWord

LOG_WORDS = (
    LogWord("kind", lambda key: str(Community.Kind(str(key)).label)),
    LogWord("level", lambda key: str(Community.Level(str(key)).label)),
    LogWord("platform", lambda key: platform(str(key))),
    LogWord("weekdays", weekday_names),
)
