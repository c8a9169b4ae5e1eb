"""What programs outside may be told of imports."""

from django.utils.translation import gettext_lazy as _

from qunying.webhooks.kinds import Tiding

DONE, UNDONE = "import.done", "import.undone"
TIDINGS = (
    Tiding(DONE, _("导入完成"), _("一次导入完成时：编号、文件数、消息数、人数、新增记录数")),
    Tiding(UNDONE, _("导入已撤销"), _("一次导入被撤销时：编号")),
)
