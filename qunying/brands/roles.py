"""The ten staff roles of domain.md §1 as data. What is not listed is refused.

核心团队, 管理员 and 志愿者 are here 社群运营 (operator), 群管理员 (moderator) and 志愿者 (volunteer), each with a data
scope of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Text

PERMISSIONS: dict[str, Text] = {
    "numbers.read": _("查看数据与报告"),
    "members.read": _("查看群成员"),
    "members.personal": _("查看个人信息"),
    "members.edit": _("打标签、合并与编辑群成员"),
    "members.erase": _("清除群成员个人信息"),
    "members.export": _("导出群成员"),
    "audiences.edit": _("新建与编辑人群包"),
    "communities.edit": _("新建与编辑社群"),
    "imports.read": _("查看导入记录"),
    "imports.edit": _("导入与撤销导入"),
    "advice.read": _("查看诊断与建议"),
    "advice.decide": _("采纳或忽略建议"),
    "tasks.do": _("完成分配给自己的待办"),
    "roster.read": _("查看值班表"),
    "roster.edit": _("排班与换班"),
    "reports.share": _("分享报告"),
    "staff.edit": _("管理员工与角色"),
    "brand.edit": _("修改品牌设置"),
    "audit.read": _("查看操作日志"),
    "connections.read": _("查看平台接入"),
    "connections.edit": _("接入平台与处理外发"),
    "facts.write": _("通过接口写入行为数据"),
}


@dataclass(frozen=True)
class Role:
    """员工角色: a key, its name on screens and what it may do."""

    key: str
    label: Text
    may: frozenset[str]


def _role(key: str, label: Text, *may: str) -> Role:
    unknown = set(may) - PERMISSIONS.keys()
    if unknown:
        raise ValueError(f"role {key} names unknown permissions {sorted(unknown)}")
    return Role(key, label, frozenset({*_EVERYBODY, *may}))


_EVERYBODY = ("roster.read",)
"""Who is on duty is no secret among colleagues."""
_READ = ("numbers.read", "advice.read")
_PEOPLE = ("members.read", "members.personal", "members.edit")

ROLES: tuple[Role, ...] = (
    _role("founder", _("创始人"), *_READ, "reports.share", "audit.read"),
    _role("owner", _("运营负责人"), *PERMISSIONS),
    _role(
        "operator",
        _("社群运营"),
        *_READ,
        *_PEOPLE,
        "members.export",
        "audiences.edit",
        "communities.edit",
        "imports.read",
        "imports.edit",
        "connections.read",
        "connections.edit",
        "facts.write",
        "advice.decide",
        "tasks.do",
        "roster.edit",
        "reports.share",
    ),
    _role("planner", _("内容策划"), *_READ, "tasks.do"),
    _role("moderator", _("群管理员"), *_READ, *_PEOPLE, "tasks.do", "roster.edit"),
    _role("support", _("客服"), "members.read", "members.personal", "tasks.do"),
    _role("store_staff", _("导购"), "members.read", "members.personal", "tasks.do"),
    _role("volunteer", _("志愿者"), "tasks.do"),
    _role(
        "analyst", _("数据分析师"), *_READ, "members.read", "audiences.edit", "imports.read", "reports.share"
    ),
    _role("approver", _("审批人"), *_READ, "advice.decide", "tasks.do"),
)
BY_KEY = {role.key: role for role in ROLES}
CHOICES = [(role.key, role.label) for role in ROLES]
