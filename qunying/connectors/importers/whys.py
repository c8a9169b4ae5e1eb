"""Why a line could not be placed: the message ids that `Unknown.why` carries and the import report translates."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

STRANGE_SYSTEM_LINE = _("没见过的系统提示")
STRANGE_KIND = _("没见过的消息类型")
NOT_COUNTED = _("这类操作目前不计入行为记录")
NO_SENDER = _("没有发送人")
DELETED_ACCOUNT = _("账号已注销，没有名字")
OUTSIDE_FILE = _("指向文件之外的消息")
BROKEN_RECORD = _("内容不完整，无法识别")
