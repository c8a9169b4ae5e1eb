"""OneBot v11: QQ through a client that logs in as a person (NapCat, LLBot, Lagrange), over a WebSocket opened by either
side. Unofficial, so the account is at the operator's own risk."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.connector import (
    MEGABYTE,
    Ability,
    Basis,
    Ceiling,
    Connector,
    Fallback,
    Field,
    Means,
    Rate,
    Reached,
    Source,
)
from qunying.connectors.live.images import Pictures
from qunying.connectors.live.onebot.doing import check, look, perform
from qunying.connectors.live.onebot.reading import decode
from qunying.connectors.live.onebot.talking import admit, talk

MOST_TOGETHER = 30 * MEGABYTE
"""Bytes of the pictures of one message, which leaves as one frame."""
_CHECKED = dt.date(2026, 11, 1)
_SOURCE = Source(_("本系统的谨慎值"), _CHECKED, _("QQ 没有公布；发得太快，账号有被限制的风险"), Basis.OURS)
ONEBOT = Connector(
    key="onebot",
    label=_("QQ（OneBot v11，非官方）"),
    platform="qq",
    fields=(
        Field("number", _("QQ 号"), _("对方登录的 QQ 号，只填数字。"), pattern=r"\d{5,12}"),
        Field(
            "address",
            _("正向地址"),
            _("形如 ws://127.0.0.1:3001；留空则由对方连接我们（反向）。"),
            is_needed=False,
            pattern=r"wss?://[\w.\[\]:-]+(/\S*)?",
        ),
        Field(
            "token",
            _("访问令牌"),
            _("两边填写同一个，至少 8 位，不含空格。"),
            is_secret=True,
            pattern=r"[\x21-\x7e]{8,200}",
        ),
    ),
    abilities={
        "hear.messages": Ability(Means.DIRECT, _("能看到群里的消息；私聊属于账号本人，不读取")),
        "hear.moves": Ability(Means.DIRECT, _("能看到入群、邀请、退群和移出群")),
        "hear.reactions": Ability(Means.DIRECT, _("能看到表情回应（NapCat、LLBot、Lagrange 等支持时）")),
        "history": Ability(
            Means.DIRECT, _("断线后自动补取漏掉的消息（对方支持时，每个群最多 5000 条）；更早的请导入记录")
        ),
        "message.create": Ability(Means.DIRECT, _("可以直接发群消息；账号有被限制的风险，请控制频率")),
        "message.picture": Ability(Means.DIRECT, _("可以带图片，和文字在一条消息里")),
        "message.delete": Ability(Means.DIRECT, _("可以撤回消息（自己的限 2 分钟内；他人的须为群管理员）")),
        "message.pin": Ability(Means.DIRECT, _("可以设为精华消息（须为群管理员）")),
        "member.mute": Ability(Means.DIRECT, _("可以禁言，最长 30 天（须为群管理员）")),
        "member.kick": Ability(Means.DIRECT, _("可以移出群（须为群管理员）")),
        "member.request.approve": Ability(Means.DIRECT, _("可以通过入群申请（须为群管理员）")),
        "poll.create": Ability(Means.NONE, _("不能发起群投票，请在 QQ 里操作"), Fallback.TASK),
        "space.notice.set": Ability(Means.NONE, _("不能发布群公告，请在 QQ 里操作"), Fallback.TASK),
    },
    hosts=(),
    homes=("address",),
    account=lambda keys: keys["number"],
    decode=decode,
    check=check,
    talk=talk,
    admit=admit,
    perform=perform,
    look=look,
    pictures=Pictures(total=MOST_TOGETHER),
    ceilings=(
        Ceiling(
            _("一条消息里图片的总大小"),
            MOST_TOGETHER // MEGABYTE,
            "MB",
            _("按消息"),
            Reached.REFUSE,
            Source(_("本系统的谨慎值"), _CHECKED, _("图片随消息一起经 WebSocket 传给对方"), Basis.OURS),
        ),
    ),
    rates=(
        Rate("account", 20, 60, _SOURCE, op="message.create"),
        Rate("group", 6, 60, _SOURCE, op="message.create"),
        Rate("account", 60, 60, _SOURCE),
    ),
)
