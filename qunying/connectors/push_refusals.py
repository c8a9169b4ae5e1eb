"""Sentences for what is refused of a pushed history."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

PUSH_REFUSALS = (
    Refusal("connectors.push_name", _("会话名请用 1 到 {limit} 个字符，不含斜杠和控制字符。")),
    Refusal("connectors.push_empty", _("这一批里没有消息；每一批至少要有一条 messages。")),
    Refusal(
        "connectors.push_too_many",
        _("一批最多 {limit} 条消息、{limit} 位群成员，这一批没有保存；请分成几批。"),
    ),
    Refusal("connectors.push_shape", _("这一批的结构不对，整批都没有保存：{words}")),
    Refusal("connectors.push_record", _("{place} 不是完整的 JSON，整批都没有保存。")),
    Refusal(
        "connectors.push_begins",
        _("这是会话“{name}”的第一批，必须带 chatlab，以及写明 name 和 platform 的 meta。"),
    ),
    Refusal("connectors.push_meta_long", _("{field} 最多 {limit} 个字符，这一批没有保存。")),
    Refusal(
        "connectors.push_values", _("这一批里有过长的群成员编号或名称，没有保存；请检查 members 和 sender。")
    ),
    Refusal(
        "connectors.push_other_chat",
        _("会话“{name}”属于群 {chat}，这一批写的却是 {other}；请为另一个群换一个会话名。"),
    ),
    Refusal(
        "connectors.push_other_community",
        _("会话“{name}”已有内容在等待导入，不能中途改换社群；请先结束这次推送。"),
    ),
    Refusal("connectors.push_community", _("你只管理部分社群，请在地址后加 ?community=社群编号。")),
    Refusal(
        "connectors.push_key_taken",
        _("Idempotency-Key“{key}”已用于另一批内容，这一批没有保存；请换一个。"),
    ),
    Refusal("connectors.push_key_long", _("Idempotency-Key 最多 {limit} 个字符。")),
    Refusal("connectors.push_unstarted", _("会话“{name}”还没有可导入的内容。")),
    Refusal(
        "connectors.push_token_gone", _("令牌已作废或权限不足，等待导入的内容已丢弃；请换新令牌重新推送。")
    ),
    Refusal("connectors.push_staff_gone", _("推送这些内容的员工已停用，没有导入；请用有效的令牌重新推送。")),
    Refusal("connectors.push_erased", _("等待导入的内容提到了已清除个人信息的人，已丢弃；请重新推送。")),
    Refusal("connectors.push_lost", _("等待导入的内容在服务器上已不存在；请重新推送。")),
)
