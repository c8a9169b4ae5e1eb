"""Why a line of a text or table could not be placed: message ids, as in `whys`."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

OTHER_COLUMNS = _("这一行的列数和表头不一样")
NO_CHAT_NAME = _("没有群名称")
NO_MEMBER_NAME = _("没有群成员名称")
NO_EXPORT_DAY = _("不知道群人数是哪一天的：请在文件名里写上导出日期，例如“客户群列表_2025-03-01.xlsx”")
BAD_TIME = _("时间看不懂")
BAD_DAY = _("日期看不懂")
NO_WHOLE_NUMBER = _("不是整数")
NAMESAKES = _("有重名，不能确定是谁")
NO_HEADER = _("不在任何一条消息里")
STRANGE_KIND_WORD = _("没见过的行为类型")
BAD_PHONE = _("手机号不对")
