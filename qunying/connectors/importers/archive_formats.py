"""The formats of chats exported as JSON documents, folders and archives."""

from __future__ import annotations

from qunying.connectors.importers.chatlab import CHATLAB
from qunying.connectors.importers.discord import DISCORD
from qunying.connectors.importers.discourse import DISCOURSE
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.matrix import MATRIX
from qunying.connectors.importers.mattermost import MATTERMOST
from qunying.connectors.importers.meta import META
from qunying.connectors.importers.qce import QCE
from qunying.connectors.importers.slack import SLACK
from qunying.connectors.importers.telegram import TELEGRAM
from qunying.connectors.importers.wechat_chatlog import WECHAT_CHATLOG
from qunying.connectors.importers.weflow import WEFLOW
from qunying.connectors.importers.zulip import ZULIP
from qunying.connectors.importers.zulip_topics import ZULIP_TOPICS

ARCHIVE_FORMATS: tuple[Format, ...] = (
    CHATLAB,
    TELEGRAM,
    DISCORD,
    SLACK,
    QCE,
    WEFLOW,
    WECHAT_CHATLOG,
    ZULIP,
    ZULIP_TOPICS,
    MATRIX,
    DISCOURSE,
    MATTERMOST,
    META,
)
