"""Sentences for what connectors refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.connectors.importers.refusals_archive import ARCHIVE_REFUSALS
from qunying.connectors.importers.refusals_text import TEXT_REFUSALS
from qunying.connectors.live_refusals import LIVE_REFUSALS
from qunying.connectors.page_refusals import PAGE_REFUSALS
from qunying.connectors.push_refusals import PUSH_REFUSALS
from qunying.kit.refusals import Refusal

REFUSALS = (
    *LIVE_REFUSALS,
    *ARCHIVE_REFUSALS,
    *TEXT_REFUSALS,
    *PAGE_REFUSALS,
    *PUSH_REFUSALS,
    Refusal("connectors.undo_window_over", _("“{name}”的原始文件已过保留期，不能再撤销。")),
    Refusal(
        "connectors.overlap_without_files",
        _("“{name}”与{others}有重叠，而后者的原始文件已不在，撤销会丢失数据，因此不能撤销。"),
    ),
)
