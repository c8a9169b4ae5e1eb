"""The formats of chats exported as text and tables, and of back-end sheets."""

from __future__ import annotations

from qunying.connectors.importers.back_end_sheets import SHEET_FORMATS
from qunying.connectors.importers.discord_csv import DISCORD_CSV
from qunying.connectors.importers.discourse_csv import DISCOURSE_CSV
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.generic_table import GENERIC
from qunying.connectors.importers.line_text import LINE
from qunying.connectors.importers.member_list import MEMBER_LIST
from qunying.connectors.importers.qq_text import QQ_TEXT
from qunying.connectors.importers.wechat_csv import CHATLOG_CSV, WECHAT_LC044
from qunying.connectors.importers.whatsapp import WHATSAPP

TEXT_FORMATS: tuple[Format, ...] = (
    WHATSAPP,
    QQ_TEXT,
    LINE,
    WECHAT_LC044,
    CHATLOG_CSV,
    DISCORD_CSV,
    DISCOURSE_CSV,
    *SHEET_FORMATS,
    MEMBER_LIST,
    GENERIC,
)
