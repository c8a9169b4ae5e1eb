"""How a person leaves this app: files and payloads that name them, and the samples of lines shown on result pages."""

from django.utils.translation import gettext_lazy as _

from qunying.connectors.actions import forget_files, forget_payloads, forget_pushes, forget_tags
from qunying.connectors.drafts import forget
from qunying.members.erasing import Eraser

ERASERS = (
    Eraser("connectors", _("导入的原始文件"), forget_files),
    Eraser("connectors.inbound", _("平台推送的原始数据"), forget_payloads),
    Eraser("connectors.pushes", _("等待导入的推送"), forget_pushes),
    Eraser("connectors.tags", _("平台标签的对应与记录"), forget_tags),
    Eraser("connectors.uploads", _("上传未导入的文件与导出文件"), forget),
)
