"""操作日志 in words: what each kind of deed, and what it is about, is called on screens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qunying.brands.roles import BY_KEY, PERMISSIONS
from qunying.kit import catalog
from qunying.kit.errors import QunyingError
from qunying.kit.refusals import Text

DEEDS: dict[str, Text] = {
    "staff.appointed": _("任命员工"),
    "staff.dismissed": _("移除员工"),
    "brand.changed": _("修改品牌设置"),
    "token.issued": _("签发 API 令牌"),
    "token.revoked": _("作废 API 令牌"),
    "audit.exported": _("导出操作日志"),
    "import.ordered": _("发起导入"),
    "import.done": _("完成导入"),
    "import.undone": _("撤销导入"),
    "columns.remembered": _("记住列对应"),
    "job.paused": _("暂停任务"),
    "job.resumed": _("继续任务"),
    "job.stopped": _("停止任务"),
    "job.replayed": _("重新运行任务"),
    "community.opened": _("新建社群"),
    "community.changed": _("修改社群"),
    "community.exported": _("导出社群记录"),
    "shift.added": _("安排班次"),
    "shift.changed": _("修改班次"),
    "shift.removed": _("删除班次"),
    "shift.covered": _("换班"),
    "shift.restored": _("取消换班"),
    "roster.exported": _("导出值班表"),
    "member.erased": _("清除群成员个人信息"),
    "member.phone_seen": _("查看群成员的手机号"),
    "member.email_seen": _("查看群成员的邮箱"),
    "member.id_number_seen": _("查看群成员的证件号"),
    "member.bank_card_seen": _("查看群成员的银行卡号"),
    "member.address_seen": _("查看群成员的地址"),
    "member.real_name_seen": _("查看群成员的真实姓名"),
    "member.disclosed": _("经接口查看群成员的完整资料"),
    "members.disclosed": _("经接口批量查看群成员的完整资料"),
    "member.bot_marked": _("标记机器人"),
    "member.test_marked": _("标记测试账号"),
    "member.staff_marked": _("修改员工任职期"),
    "members.tagged": _("打标签"),
    "members.untagged": _("去掉标签"),
    "members.merged": _("合并群成员"),
    "members.unmerged": _("撤销合并"),
    "members.exported": _("导出群成员"),
    "consent.text_written": _("写同意文本"),
    "consent.given": _("记录同意"),
    "consent.withdrawn": _("记录撤回同意"),
    "member.opted_out": _("加入拒收名单"),
    "member.opt_out_ended": _("移出拒收名单"),
    "opt_outs.added": _("批量加入拒收名单"),
    "opt_outs.exported": _("导出拒收名单"),
    "core.appointed": _("任命核心"),
    "core.ended": _("结束核心任命"),
    "audience.saved": _("保存人群包"),
    "audience.deleted": _("删除人群包"),
    "audience.restored": _("恢复人群包"),
    "finding.dismissed": _("忽略诊断问题"),
    "finding.recalled": _("恢复诊断问题"),
    "advice.dismissed": _("忽略建议"),
    "run.started": _("开始执行"),
    "run.stopped": _("停止执行"),
    "report.shared": _("分享报告"),
    "report.share_revoked": _("停止分享报告"),
    "report.commented": _("写报告备注"),
    "report.comment_removed": _("删除报告备注"),
    "report.exported": _("导出报告"),
    "todo.done": _("完成待办"),
    "todo.dropped": _("取消待办"),
    "todo.waiting": _("恢复待办"),
    "todo.failed": _("待办没做成"),
    "todo.reminded": _("提醒待办"),
    "todo.evidence_opened": _("打开完成截图"),
    "todo.judged": _("抽查待办"),
    "todo.shown": _("补传完成截图"),
    "draft.done": _("发出草稿帖"),
    "draft.dropped": _("取消草稿帖"),
    "draft.waiting": _("恢复草稿帖"),
    "draft.failed": _("草稿帖没发成"),
    "draft.reminded": _("提醒草稿帖"),
    "draft.evidence_opened": _("打开完成截图"),
    "draft.judged": _("抽查草稿帖"),
    "sampling.drawn": _("抽查"),
    "draft.shown": _("补传完成截图"),
    "connection.opened": _("接入平台"),
    "connection.keys_changed": _("更换接入密钥"),
    "connection.paused": _("暂停接入"),
    "connection.resumed": _("恢复接入"),
    "connection.tried": _("立即重试接入"),
    "channel.bound": _("群归入社群"),
    "seat.backup_set": _("设置备用负责人"),
    "history.ordered": _("补取历史消息"),
    "welcome.saved": _("保存欢迎语"),
    "welcome.removed": _("删除欢迎语"),
    "code.saved": _("保存活码"),
    "code.dropped": _("作废活码"),
    "tags.synced": _("开启标签双向同步"),
    "tags.unsynced": _("关闭标签双向同步"),
    "tag.added": _("在平台新建标签"),
    "inbound.replayed": _("重新读取原始数据"),
    "inbound.opened": _("查看原始数据"),
    "daily.set": _("设置日报推送"),
    "daily.pushed": _("发送日报"),
    "sending.written": _("写消息"),
    "sending.approved": _("审批外发"),
    "sending.called_off": _("取消外发"),
    "sending.reminded": _("提醒员工点发送"),
    "sending.found": _("确认外发已送达"),
    "sending.again": _("重发外发"),
    "sending.stopped": _("一键停发"),
    "sending.resumed": _("恢复外发"),
    "webhook.added": _("新建推送地址"),
    "webhook.changed": _("修改推送内容"),
    "webhook.paused": _("暂停推送"),
    "webhook.resumed": _("恢复推送"),
    "webhook.rotated": _("更换推送密钥"),
    "webhook.removed": _("删除推送地址"),
    "webhook.off": _("停用推送地址"),
    "delivery.resent": _("重发推送"),
}
PERSONAL = (
    *(deed for deed in DEEDS if deed.startswith("member.") and deed.endswith("_seen")),
    "member.disclosed",
    "members.disclosed",
    "members.exported",
    "community.exported",
)
"""Deeds by which personal data was looked at or taken out."""
THINGS: dict[str, Text] = {
    "account": _("账号"),
    "brand": _("品牌"),
    "token": _("令牌"),
    "audit": _("操作日志"),
    "import": _("导入"),
    "columns": _("列对应"),
    "job": _("任务"),
    "community": _("社群"),
    "shift": _("班次"),
    "roster": _("值班表"),
    "member": _("群成员"),
    "members": _("群成员"),
    "consent_text": _("同意文本"),
    "opt_out": _("拒收"),
    "opt_outs": _("拒收名单"),
    "tag": _("标签"),
    "audience": _("人群包"),
    "finding": _("诊断问题"),
    "report": _("报告"),
    "run": _("执行记录"),
    "advice": _("建议"),
    "share": _("分享"),
    "todo": _("待办"),
    "draft": _("草稿帖"),
    "connection": _("平台接入"),
    "channel": _("群"),
    "code": _("活码"),
    "sending": _("外发"),
    "stop": _("停发"),
    "inbound": _("原始数据"),
    "webhook": _("推送地址"),
    "delivery": _("推送记录"),
}


FIELDS: dict[str, Text] = {
    "name": _("名称"),
    "files": _("文件数"),
    "role": _("角色"),
    "reach": _("数据范围"),
    "scopes": _("权限"),
    "kind": _("类型"),
    "level": _("层级"),
    "purpose": _("定位"),
    "persona": _("人群画像"),
    "platform": _("平台"),
    "capacity": _("人数上限"),
    "owner": _("负责人"),
    "labels": _("标签"),
    "is_test": _("测试群"),
    "silent_days": _("沉默天数"),
    "parent": _("上级"),
    "reason": _("原因"),
    "field": _("资料项"),
    "size": _("人数"),
    "count": _("数量"),
    "tag": _("标签"),
    "member": _("群成员"),
    "members": _("群成员"),
    "state": _("状态"),
    "people": _("人数"),
    "form": _("格式"),
    "filter": _("条件"),
    "every": _("全部符合条件"),
    "playbook": _("运营SOP"),
    "job": _("任务"),
    "format": _("读作"),
    "fields": _("列"),
    "is_bot": _("机器人"),
    "test_account": _("测试账号"),
    "staff": _("员工任职期"),
    "community": _("社群"),
    "from_on": _("自"),
    "until_on": _("至"),
    "score": _("得分"),
    "payloads": _("原始数据条数"),
    "kinds": _("推送内容"),
    "days": _("天数"),
    "hour": _("几点"),
    "channel": _("群"),
    "backup": _("备用负责人"),
    "evidence": _("完成截图"),
    "pictures": _("图片"),
    "on_duty": _("值班人"),
    "weekdays": _("星期"),
    "hours": _("时段"),
    "on": _("日期"),
    "consent": _("用途"),
    "version": _("版本"),
}
"""What the changed values are called."""


def field_label(key: str) -> str:
    """The name of a changed value: of a field, a brand setting, else its key."""
    settings = {entry.key: entry.label for entry in catalog.collect("preferences")}
    return str(FIELDS.get(key) or settings.get(key) or key)


def value_label(key: str, value: object, *, places: Mapping[int, str]) -> str:
    """A value as an operator reads it: roles and permissions by name, a data scope by the names of its communities
    (`places`), and what apps keep by key as they say it. What nobody can say any more stays as it was kept."""
    if key == "reach":
        named = "、".join(places.get(pk, str(pk)) for pk in value) if isinstance(value, list) else ""
        return named or (gettext("全部社群") if value is None else gettext("没有社群"))
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if key == "role":
        return str(BY_KEY[str(value)].label) if value in BY_KEY else str(value)
    if key == "scopes" and isinstance(value, list):
        return "、".join(str(PERMISSIONS.get(scope, scope)) for scope in value)
    for entry in catalog.collect("log_words"):
        if entry.field == key:
            with suppress(QunyingError, ValueError):
                return entry.say(value) or "—"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def deed_label(deed: str) -> str:
    """The deed as an operator says it; a deed that nobody worded yet is shown by its code."""
    return str(DEEDS.get(deed, deed))


def about_label(about: str) -> str:
    """`import:3` as 导入 3."""
    kind, _sign, which = about.partition(":")
    return f"{THINGS.get(kind, kind)} {which}".strip()
