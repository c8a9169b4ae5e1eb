"""Why a text or table cannot be read, with the way out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

TEXT_REFUSALS = (
    Refusal(
        "connectors.mixed_encodings",
        _(
            "“{file}”第 {line} 行不是 {encoding}：文件里混用了两种编码。"
            "请用同一种编码重新导出，或在预览中改选编码。"
        ),
    ),
    Refusal(
        "connectors.mojibake",
        _("第 {line} 行是被误读过的 UTF-8（乱码）。请在预览中选择编码“{encoding}”修复后再导入。"),
    ),
    Refusal("connectors.unknown_encoding", _("没有名为“{encoding}”的编码。请在列表中选择一种。")),
    Refusal("connectors.not_text", _("这个文件不是文本。请确认选对了文件，或重新导出。")),
    Refusal(
        "connectors.line_too_long",
        _("“{file}”第 {line} 行超过 {limit} 字节，不像聊天记录或表格。请检查文件后重新导出。"),
    ),
    Refusal("connectors.unknown_zone", _("没有名为“{zone}”的时区。请在列表中选择一个，例如 Asia/Shanghai。")),
    Refusal(
        "connectors.table_too_wide", _("表格有 {columns} 列，上限为 {limit} 列。请删去不用的列后再导入。")
    ),
    Refusal("connectors.table_too_long", _("表格超过 {limit} 行。请按日期或群拆成几个文件分别导入。")),
    Refusal(
        "connectors.workbook_too_big",
        _(
            "工作簿解压后有 {size} 字节、{parts} 个部件，"
            "超过上限（{limit} 字节、{most} 个部件）。请另存为 CSV 或拆分后再导入。"
        ),
    ),
    Refusal(
        "connectors.workbook_broken", _("工作簿打不开。请在表格软件中打开后另存为 XLSX 或 CSV，再导入。")
    ),
    Refusal(
        "connectors.columns_missing",
        _("表格缺少这些列：{columns}。请改好表头，或在列对应中逐列指定。"),
    ),
    Refusal("connectors.not_one_file", _("“{file}”里没有可读的文件，或不止一个。请逐个选择要导入的文件。")),
    Refusal("connectors.file_empty", _("“{file}”是空的。请重新导出后再导入。")),
    Refusal(
        "connectors.date_order",
        _("日期的年、月、日顺序无法确定：没有一种读法适合全部 {lines} 行。请检查文件。"),
    ),
)
