"""What platforms' back ends export as sheets: which headers mean what. To add a sheet, add a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from qunying.connectors.importers.tables import plain
from qunying.kit.refusals import Text

_NO_FIGURES = frozenset({"day", "chat", "chat_id", "owner", "created", "as_of"})
Kind = Literal["groups", "members", "statistics"]


@dataclass(frozen=True)
class Column:
    """One field and its headers, parted by `|` and compared after NFKC, trimming and lower case."""

    field: str
    headers: str

    def find(self, names: list[str]) -> int | None:
        """Index of the column among plain header names; the first of our headers wins."""
        return next(
            (names.index(name) for name in map(plain, self.headers.split("|")) if name in names), None
        )


@dataclass(frozen=True)
class SheetTemplate:
    """One back-end sheet. All `required` fields must be there and, where given, at least one `telling` field.

    Fields of groups: chat, chat_id, owner, members, created, as_of. Of members: chat, chat_id, id, name, alias,
    joined, left, source, inviter, staff, owner, role. Of statistics: day, chat, chat_id, owner; every other is
    a figure's name. `hints` are words in a file's or sheet's name that speak for this template.
    """

    key: str
    label: Text
    platform: str
    kind: Kind
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    telling: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    id_scheme: str = ""
    staff_scheme: str = ""

    def match(self, names: list[str]) -> dict[str, int]:
        """Field → index of its column. Empty where the template does not fit."""
        found = {column.field: at for column in self.columns if (at := column.find(names)) is not None}
        told = not self.telling or any(field in found for field in self.telling)
        return found if told and all(field in found for field in self.required) else {}

    def figures(self, found: dict[str, int]) -> dict[str, int]:
        """Of the matched fields those that are figures."""
        return {field: at for field, at in found.items() if field not in _NO_FIGURES}


CHAT = Column("chat", "群名称|群名|群聊名称|群聊名|粉丝群名称|group name|chat name")
CHAT_ID = Column("chat_id", "群id|群聊id|chat_id|chatid|群号|group id")
OWNER = Column("owner", "群主|群主名称|群主姓名|群主昵称|owner|group owner")
DAY = Column("day", "日期|统计日期|数据日期|时间|统计时间|date|day")
JOINED = Column("joined", "入群时间|加群时间|进群时间|加入时间|入群日期|joined at|join time")
LEFT = Column("left", "退群时间|离群时间|退出时间|left at|leave time")
SOURCE = Column("source", "入群方式|入群来源|加群方式|进群方式|来源|入群渠道|join scene|source")
INVITER = Column("inviter", "邀请人|邀请者|邀请人名称|邀请人姓名|inviter|invited by")
ROLE = Column("role", "群身份|群内身份|群角色|角色|身份|role")

SHEET_TEMPLATES = (
    SheetTemplate(
        key="wecom.groups",
        label=_("企业微信客户群列表"),
        platform="wecom",
        kind="groups",
        columns=(
            CHAT,
            CHAT_ID,
            OWNER,
            Column("members", "群人数|群成员数|群成员人数|群成员总数|群总人数|成员数|人数|members"),
            Column("customers", "客户数|群客户数|客户人数|外部成员数|customers"),
            Column("new_members", "今日入群|今日入群人数|今日新增|今日新增人数"),
            Column("left_members", "今日退群|今日退群人数"),
            Column("created", "创建时间|建群时间|群创建时间|创建日期|created at"),
            Column("as_of", "统计日期|导出日期|导出时间|数据日期|exported at"),
        ),
        required=("chat", "owner"),
        telling=("members", "created"),
        hints=("企业微信", "企微", "客户群", "wecom"),
    ),
    SheetTemplate(
        key="wecom.members",
        label=_("企业微信客户群成员列表"),
        platform="wecom",
        kind="members",
        columns=(
            CHAT,
            CHAT_ID,
            Column("id", "external_userid|外部联系人id|客户id|成员id|userid|external user id|用户id"),
            Column("name", "群成员|成员名称|群成员名称|昵称|成员昵称|客户名称|客户昵称|姓名|成员|name"),
            Column("alias", "群昵称|群内昵称|备注名"),
            JOINED,
            LEFT,
            SOURCE,
            INVITER,
            Column("staff", "是否员工|成员类型|类型|是否企业成员|是否内部成员|member type"),
            OWNER,
            ROLE,
        ),
        required=("name", "joined"),
        telling=("source", "inviter", "staff", "owner", "left", "id"),
        hints=("企业微信", "企微", "客户群", "wecom"),
        id_scheme="wecom.external_userid",
        staff_scheme="wecom.userid",
    ),
    SheetTemplate(
        key="wecom.statistics",
        label=_("企业微信客户群每日统计"),
        platform="wecom",
        kind="statistics",
        columns=(
            DAY,
            CHAT,
            CHAT_ID,
            OWNER,
            Column("new_chats", "新增群聊数|新增客户群数|新增群数|新增群聊|new groups"),
            Column("chats", "群聊总数|客户群总数|群总数|客户群数|total groups"),
            Column(
                "speaking_chats",
                "有发过消息的群|有发过消息的群聊数|有过消息的群聊数|活跃群聊数|活跃客户群数|active groups",
            ),
            Column("new_members", "新增群成员|新增群成员数|新增群人数|新增入群人数|new members"),
            Column("members", "群总人数|群成员总数|群人数|群成员数|total members"),
            Column(
                "speaking_members",
                "发过消息的成员|发过消息的群成员数|发过消息的成员数|有发过消息的群成员数|speaking members",
            ),
            Column("active_members", "活跃成员数|活跃群成员数|活跃人数|active members"),
            Column("messages", "群聊消息总数|群消息总数|消息总数|群聊消息数|messages"),
            Column("left_members", "退群人数|退群成员数|流失群成员数|left members"),
        ),
        required=("day",),
        telling=("new_chats", "chats", "speaking_chats", "speaking_members"),
        hints=("企业微信", "企微", "客户群", "wecom"),
    ),
    SheetTemplate(
        key="qq.members",
        label=_("QQ群成员列表"),
        platform="qq",
        kind="members",
        columns=(
            CHAT,
            CHAT_ID,
            Column("id", "qq号|qq号码|qq|qq帐号|qq账号|账号"),
            Column("name", "成员|昵称|qq昵称|群成员|成员昵称|name"),
            Column("alias", "群昵称|群名片|名片"),
            JOINED,
            LEFT,
            SOURCE,
            INVITER,
            ROLE,
        ),
        required=("id", "name", "joined"),
        hints=("qq",),
        id_scheme="qq.uin",
        staff_scheme="qq.uin",
    ),
    SheetTemplate(
        key="qq.statistics",
        label=_("QQ群每日统计"),
        platform="qq",
        kind="statistics",
        columns=(
            DAY,
            CHAT,
            CHAT_ID,
            Column("members", "总人数|群总人数|群成员总数|群成员数|群人数|成员总数"),
            Column("new_members", "加群人数|新增人数|新增成员|新增成员数|新增成员人数"),
            Column("requests", "申请加群人数|申请人数|加群申请数"),
            Column("left_members", "退群人数|退出人数|流失人数"),
            Column("active_members", "活跃人数|活跃成员|活跃成员数"),
            Column("speaking_members", "发言人数|发消息人数"),
            Column("messages", "消息条数|发言条数|消息总条数|消息数"),
        ),
        required=("day",),
        telling=("new_members", "requests", "messages"),
        hints=("qq",),
    ),
    SheetTemplate(
        key="douyin.statistics",
        label=_("抖音粉丝群每日统计"),
        platform="douyin",
        kind="statistics",
        columns=(
            DAY,
            CHAT,
            CHAT_ID,
            Column("chats", "粉丝群数|粉丝群总数|群数量|群聊数"),
            Column("members", "群成员数|群成员总数|粉丝群人数|粉丝群成员数|群人数|在群人数"),
            Column("new_members", "进群人数|新增进群人数|新增群成员数|新增进群粉丝数|进群粉丝数"),
            Column("left_members", "退群人数|退群粉丝数"),
            Column("active_members", "活跃人数|活跃成员数|活跃粉丝数|群活跃人数"),
            Column("speaking_members", "发言人数|发言粉丝数|发消息人数"),
            Column("messages", "消息数|发言次数|消息总数|发言条数|群消息数"),
        ),
        required=("day",),
        telling=("new_members", "chats"),
        hints=("抖音", "粉丝群", "douyin"),
    ),
    SheetTemplate(
        key="xiaohongshu.statistics",
        label=_("小红书群聊每日统计"),
        platform="xiaohongshu",
        kind="statistics",
        columns=(
            DAY,
            CHAT,
            CHAT_ID,
            Column("members", "群聊人数|群聊成员数|群成员数|群人数|累计群成员数"),
            Column("new_members", "入群人数|新增入群人数|新增成员数|新增群成员数|新入群人数"),
            Column("left_members", "退群人数|退出人数|退群成员数"),
            Column("active_members", "活跃人数|活跃成员数|互动人数"),
            Column("speaking_members", "发言人数|发言成员数"),
            Column("messages", "发言次数|发言条数|消息数|群消息数"),
            Column("views", "访问人数|群聊访问人数|曝光人数"),
        ),
        required=("day",),
        telling=("new_members", "views"),
        hints=("小红书", "xiaohongshu", "rednote"),
    ),
    SheetTemplate(
        key="official_account.followers",
        label=_("公众号用户增长"),
        platform="official_account",
        kind="statistics",
        columns=(
            DAY,
            Column("follows", "新关注|新关注人数|新增关注人数|新增人数|新增关注"),
            Column("unfollows", "取消关注|取消关注人数|取关人数"),
            Column("net_follows", "净增|净增关注|净增关注人数|净增人数"),
            Column("followers", "累积关注|累计关注|累积关注人数|累计关注人数|总关注人数"),
        ),
        required=("day", "unfollows"),
        telling=("follows",),
        hints=("公众号", "用户增长", "user analysis"),
    ),
    SheetTemplate(
        key="official_account.articles",
        label=_("公众号图文数据"),
        platform="official_account",
        kind="statistics",
        columns=(
            Column("day", "发表时间|发表日期|发布时间|发布日期|日期|群发日期"),
            Column("owner", "内容标题|文章标题|标题|图文标题"),
            Column("delivered", "送达人数"),
            Column("readers", "阅读人数|总阅读人数|图文页阅读人数"),
            Column("reads", "阅读|阅读次数|总阅读次数|阅读量|图文页阅读次数"),
            Column("sharers", "分享人数|总分享人数|分享转发人数"),
            Column("shares", "分享|分享次数|总分享次数|分享转发次数"),
            Column("favorites", "收藏|收藏人数|微信收藏人数"),
            Column("likes", "点赞|点赞数|点赞人数|在看|在看数"),
            Column("new_followers", "阅读后关注人数|新增关注"),
        ),
        required=("day", "owner"),
        telling=("reads", "readers"),
        hints=("公众号", "图文", "article"),
    ),
)

FIGURE_LABELS: dict[str, Text] = {
    "new_chats": _("新增群数"),
    "chats": _("群总数"),
    "speaking_chats": _("有发言的群数"),
    "new_members": _("新增入群"),
    "members": _("群人数"),
    "customers": _("客户数"),
    "speaking_members": _("发言人数"),
    "active_members": _("活跃人数"),
    "messages": _("消息数"),
    "left_members": _("退群人数"),
    "requests": _("申请入群人数"),
    "views": _("访问人数"),
    "follows": _("新关注"),
    "unfollows": _("取消关注"),
    "net_follows": _("净增关注"),
    "followers": _("累计关注"),
    "delivered": _("送达人数"),
    "readers": _("阅读人数"),
    "reads": _("阅读次数"),
    "sharers": _("分享人数"),
    "shares": _("分享次数"),
    "favorites": _("收藏人数"),
    "likes": _("点赞数"),
    "new_followers": _("阅读后关注人数"),
}
"""What a figure's name reads on screens."""
