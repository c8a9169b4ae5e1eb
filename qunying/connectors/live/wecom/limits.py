"""What WeCom limits, beside how often and how much we may say: figures we work with from where we work with them, the
others here, as its developer documentation stated them. Several changed within two years, so each has a date."""

from __future__ import annotations

import datetime as dt

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.connector import MEGABYTE, Basis, Ceiling, Reached, Source, per_picture
from qunying.connectors.live.images import Pictures
from qunying.connectors.live.wecom.callbacks import WELCOME_SECONDS
from qunying.connectors.live.wecom.deeds import (
    MOST_ATTACHMENTS,
    MOST_CHATS,
    MOST_CUSTOMERS,
    MOST_EMPLOYEES,
    MOST_JOINABLE,
    MOST_MEMBERS,
    MOST_STATE,
    MOST_TAG,
)
from qunying.connectors.live.wecom.looks import KEPT_DAYS, MOST_OWNERS, SPAN_DAYS
from qunying.kit.refusals import Text
from qunying.outbox.actions.reminding import MOST as MOST_REMINDERS

CHECKED = dt.date(2026, 11, 1)


def doc(number: int, words: Text = "", *, basis: Basis = Basis.READ) -> Source:
    """A page of the developer centre."""
    return Source(f"developer.work.weixin.qq.com {number}", CHECKED, words, basis)


def named(topic: Text, words: Text = "") -> Source:
    """A page of the developer centre whose number we do not know."""
    return Source(format_lazy(_("企业微信开发者文档“{topic}”"), topic=topic), CHECKED, words)


_ACCOUNT, _REQUEST, _MESSAGE = _("按账号"), _("按请求"), _("按消息")
_CODE, _EMPLOYEE = _("按活码"), _("按员工")
_FRIENDS, _BOTH = _("客户好友"), _("客户群和客户好友")
_DAYS, _ITEMS, _TIMES = _("天"), _("个"), _("次")
_CODES, _TAGS, _TRANSFER = doc(92229), named(_("客户标签")), named(_("群主转接"))
_FIGURES, _MASS = doc(96359), doc(92135, _("文档更新于 2025-11-17"))
_EACH = _("同一种操作")
_PAUSED = doc(90454, _("超过后平台停用这种操作一分钟，或一小时"))

PICTURES = Pictures(forms=("jpeg", "png"), bytes=10 * MEGABYTE)
CEILINGS = (
    Ceiling(
        _("群发次数"),
        _("当月天数"),
        _TIMES,
        _("按客户或群"),
        Reached.PLATFORM,
        doc(92135, _("管理员可改为每周 7 次或每天 1 次；发送前会写明谁的次数已用完")),
        window=_("每月"),
        where=_BOTH,
    ),
    per_picture(PICTURES, doc(90253, _("只收 JPEG 和 PNG"), basis=Basis.RECALLED), where=_BOTH),
    Ceiling(_("群发的附件"), MOST_ATTACHMENTS, _ITEMS, _MESSAGE, Reached.REFUSE, _MASS, where=_BOTH),
    Ceiling(_("一次群发的群"), MOST_CHATS, _ITEMS, _REQUEST, Reached.REFUSE, _MASS),
    Ceiling(
        _("一次群发的客户"),
        MOST_CUSTOMERS,
        _ITEMS,
        _REQUEST,
        Reached.REFUSE,
        doc(92135, basis=Basis.RECALLED),
        where=_FRIENDS,
    ),
    Ceiling(
        _("提醒员工发送"),
        MOST_REMINDERS,
        _TIMES,
        _MESSAGE,
        Reached.REFUSE,
        doc(97610),
        window=_("24 小时内"),
        where=_BOTH,
    ),
    Ceiling(
        _("添加好友后多久内可发欢迎语"),
        WELCOME_SECONDS,
        _("秒"),
        _("按客户"),
        Reached.EXPIRE,
        doc(92599, _("只能发一次；管理后台已设欢迎语时没有机会发")),
        where=_FRIENDS,
    ),
    Ceiling(_("入群欢迎语素材"), 100, _ITEMS, _ACCOUNT, Reached.UNUSED, doc(92366)),
    Ceiling(_("一个群活码后面的群"), MOST_JOINABLE, _ITEMS, _CODE, Reached.REFUSE, doc(99547)),
    Ceiling(
        _("扫码可进群的人数"),
        MOST_MEMBERS,
        _("人"),
        _("按群"),
        Reached.TURN,
        doc(99547, _("群活码轮换按活码上设的人数，默认用这个数"), basis=Basis.RECALLED),
    ),
    Ceiling(
        _("一个“联系我”后面的员工"),
        MOST_EMPLOYEES,
        _ITEMS,
        _CODE,
        Reached.REFUSE,
        _CODES,
        where=_FRIENDS,
    ),
    Ceiling(_("“联系我”和群活码的总数"), 500_000, _ITEMS, _ACCOUNT, Reached.PLATFORM, _CODES, where=_BOTH),
    Ceiling(_("活码的渠道标识"), MOST_STATE, _("字"), _CODE, Reached.REFUSE, _CODES, where=_BOTH),
    Ceiling(
        _("获客链接的渠道标识"),
        64,
        _("字节"),
        _("按链接"),
        Reached.UNUSED,
        named(_("获客助手")),
        where=_FRIENDS,
    ),
    Ceiling(_("群统计能查到多久以前"), KEPT_DAYS, _DAYS, _ACCOUNT, Reached.GONE, _FIGURES),
    Ceiling(_("一次查群统计的天数"), SPAN_DAYS, _DAYS, _REQUEST, Reached.SPLIT, _FIGURES),
    Ceiling(_("一次查群统计的群主"), MOST_OWNERS, _("人"), _REQUEST, Reached.SPLIT, _FIGURES),
    Ceiling(_("企业标签"), 3000, _ITEMS, _ACCOUNT, Reached.PLATFORM, _TAGS, where=_FRIENDS),
    Ceiling(_("企业标签的名称"), MOST_TAG, _("字"), _("按标签"), Reached.REFUSE, _TAGS, where=_FRIENDS),
    Ceiling(
        _("员工给一位客户打的标签"),
        3000,
        _ITEMS,
        _("按员工和客户"),
        Reached.PLATFORM,
        doc(92697),
        where=_FRIENDS,
    ),
    Ceiling(_("会话存档能取到多久以前"), 5, _DAYS, _ACCOUNT, Reached.UNUSED, doc(91774, _("需另购会话存档"))),
    Ceiling(_("转接一个群"), 2, _TIMES, _("按群"), Reached.UNUSED, _TRANSFER, window=_("90 天内")),
    Ceiling(_("一天转接的群"), 300, _ITEMS, _EMPLOYEE, Reached.UNUSED, _TRANSFER, window=_("每天")),
    Ceiling(
        _("朋友圈的图片"),
        9,
        _("张"),
        _MESSAGE,
        Reached.UNUSED,
        named(_("客户朋友圈"), _("或 1 个视频，或 1 个链接")),
        where=_FRIENDS,
    ),
    Ceiling(_EACH, 10_000, _TIMES, _ACCOUNT, Reached.WAIT, _PAUSED, window=_("每分钟")),
    Ceiling(_EACH, 150_000, _TIMES, _ACCOUNT, Reached.WAIT, _PAUSED, window=_("每小时")),
)
