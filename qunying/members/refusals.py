"""Sentences for what members refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("members.many_staff", _("一次最多标记 {most} 位员工，请缩小选择范围。")),
    Refusal("members.not_found", _("没有找到这位群成员。")),
    Refusal(
        "members.not_mergeable",
        _("群成员 {root} 与 {member} 不能合并：请选择同一品牌下两位未被合并的群成员。"),
    ),
    Refusal("members.merged_elsewhere", _("群成员 {member} 已并入另一位群成员，请先撤销那次合并。")),
    Refusal("members.staff_days", _("请填写任职开始日期；结束日期不能早于开始日期。")),
    Refusal("members.word", _("请输入“清除”以确认。")),
    Refusal("members.erased", _("群成员 {member} 的个人信息已清除，不能再合并。")),
    Refusal("members.nobody_left", _("群成员 {member} 的个人信息已清除，不能再记录授权或拒收。")),
    Refusal("members.purpose", _("请选择一个列出的用途，并使用本品牌的同意文本。")),
    Refusal("members.via", _("请选择在哪里表示的同意或拒绝。")),
    Refusal("members.said_later", _("表示同意或拒绝的时间不能晚于现在。")),
    Refusal("members.consent_words", _("请填写同意文本，最多 {limit} 个字。")),
    Refusal("members.no_accounts", _("没有找到可用的账号或手机号：每行一个，至少 {least} 个字符。")),
    Refusal("members.no_consent_text", _("这个用途还没有同意文本，请先在“同意文本”里写好再记录同意。")),
    Refusal("members.no_opt_out", _("拒收名单上没有这一条，或它不由您负责。")),
    Refusal(
        "members.opt_outs_of_brand", _("只负责部分社群的员工请在群成员卡片里逐个加入，不能按账号批量加入。")
    ),
    Refusal("members.opt_out_reason", _("请写明加入或移出拒收名单的原因。")),
)
