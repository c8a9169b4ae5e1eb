"""Sentences for what the pages of connectors refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

PAGE_REFUSALS = (
    Refusal("connectors.still_running", _("“{name}”还在处理中，请等它完成或先停止任务。")),
    Refusal("connectors.nothing_chosen", _("没有选择文件。请选择要导入的文件。")),
    Refusal(
        "connectors.upload_too_big",
        _("文件共 {size} MB，超过 {limit} MB。请拆分后分次导入，或在服务器上用命令行导入。"),
    ),
    Refusal("connectors.list_too_big", _("请选择一个表格文件，不超过 {limit} MB。")),
    Refusal("connectors.basis_missing", _("这些文件含有聊天记录。请先确认你有合法依据处理它们。")),
    Refusal("connectors.beyond_reach", _("文件会写入你管理范围之外的社群：{names}。请改选你管理的社群。")),
    Refusal("connectors.choose_community", _("你只管理部分社群，请选择一个要导入的社群。")),
    Refusal(
        "connectors.quiet_hours",
        _("{start}–{end} 是安静时段：请改到时段结束后发送，或写明为什么现在就要发。"),
    ),
    Refusal("connectors.word_missing", _("请输入“{word}”以确认。")),
    Refusal(
        "connectors.unknown_field", _("“{field}”没有写明列的用途，应写成“列名=用途”。可用的用途有：{known}。")
    ),
    Refusal(
        "connectors.columns_to_map",
        _(
            "“{file}”是一张表格，但它的列名我们认不出来：{columns}。"
            "请写明 --format members（群成员名单）或 --format generic（聊天或行为记录），"
            "并逐列写 --map 列名=用途；也可以在导入页逐列选择。"
        ),
    ),
    Refusal("connectors.field_twice", _("每一项最多对应一列。请检查重复的选择。")),
    Refusal("connectors.export_gone", _("任务 {job} 的导出文件只保留 24 小时，已清除。请重新导出。")),
    Refusal(
        "connectors.written_already",
        _("这一页写的消息已经提交过，请到外发记录查看；要再发一条，请重新打开“写消息”。"),
    ),
    Refusal("connectors.daily_not_yet", _("{day} 的数据还没有到齐，当天到齐后会补发。")),
    Refusal("connectors.daily_no_group", _("还没有选择群，或所选的群已不能直接发消息。请重新选择。")),
    Refusal("connectors.daily_moved", _("“{group}”已归入别的社群。请确认群里只有员工，再保存一次。")),
    Refusal(
        "connectors.daily_strangers",
        _("“{group}”所在的社群有 {n} 位群成员不是员工，日报没有发送。请先标为员工，或改选别的群。"),
    ),
    Refusal("connectors.not_ready", _("还在清点文件，请稍候再确认导入。")),
)
