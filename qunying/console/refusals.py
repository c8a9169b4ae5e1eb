"""Sentences for what the shell refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("console.busy", _("系统正忙，或暂时连不上数据存储，这次操作没有保存。请稍等几秒再试。")),
    Refusal(
        "console.disk_full",
        _("服务器磁盘已满，这次操作没有保存，已有的数据不受影响。请让管理员腾出空间后再试。"),
    ),
)
