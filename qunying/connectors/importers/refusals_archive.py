"""Why a file, folder or archive cannot be imported, with the way out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

ARCHIVE_REFUSALS = (
    Refusal("connectors.file_missing", _("找不到“{file}”。请检查路径，或重新选择文件。")),
    Refusal(
        "connectors.unknown_format",
        _(
            "“{file}”不是我们认识的聊天记录格式（开头是“{start}”）。请改选格式，或转成通用表格（CSV / XLSX）再导入。"
        ),
    ),
    Refusal(
        "connectors.unknown_columns",
        _("“{file}”是一张表格，但它的列名我们认不出来：{columns}。请在导入页指定每一列的用途，再导入。"),
    ),
    Refusal("connectors.unknown_format_key", _("没有名为“{key}”的导入格式。可用的有：{known}。")),
    Refusal(
        "connectors.unknown_folder",
        _(
            "“{folder}”里的 {files} 个文件合起来不是我们认识的导出。请选择导出生成的整个文件夹，或逐个选择文件。"
        ),
    ),
    Refusal(
        "connectors.is_picture",
        _("“{file}”是 {kind} 图片或视频，只是改了后缀。请选择导出工具生成的聊天记录文件。"),
    ),
    Refusal(
        "connectors.is_document",
        _("“{file}”是 {kind} 文档，不是聊天记录。请在导出工具中选择 JSON、TXT 或 CSV 后重新导出。"),
    ),
    Refusal(
        "connectors.is_database",
        _("“{file}”是 {kind} 数据库文件。请先用导出工具导出成 JSON 或 CSV，再导入。"),
    ),
    Refusal("connectors.is_page", _("“{file}”是网页（HTML）。请在导出工具中选择 JSON 格式后重新导出。")),
    Refusal("connectors.unpack_first", _("“{file}”是 {kind} 压缩包。请先解压成文件夹，或改用 ZIP，再导入。")),
    Refusal(
        "connectors.json_broken",
        _(
            "“{file}”在第 {record} 项、约第 {byte} 字节处不是完整的 JSON，可能没有导出完。请重新导出后再导入。"
        ),
    ),
    Refusal(
        "connectors.line_broken",
        _("“{file}”第 {line} 行不是完整的 JSON，可能没有导出完，或混用了编码。请重新导出后再导入。"),
    ),
    Refusal(
        "connectors.json_too_deep",
        _("约第 {byte} 字节处的 JSON 嵌套超过 {limit} 层，不像聊天记录。请重新导出后再导入。"),
    ),
    Refusal(
        "connectors.json_text_too_long",
        _("约第 {byte} 字节处有一段超过 {limit} 字节的文字，不像聊天记录。请重新导出后再导入。"),
    ),
    Refusal(
        "connectors.outline_broken",
        _("“{file}”看上去是 {format} 格式，但必需的内容缺失或写法不对。请重新导出，或改选格式。"),
    ),
    Refusal("connectors.part_missing", _("“{archive}”里缺少“{entry}”。请把导出的全部文件放在一起再导入。")),
    Refusal(
        "connectors.folder_too_big", _("“{folder}”里超过 {limit} 个文件。请只选择聊天记录所在的文件夹。")
    ),
    Refusal(
        "connectors.archive_too_many",
        _("压缩包“{archive}”里有 {entries} 个文件，上限为 {limit} 个。请解压后直接选择文件夹。"),
    ),
    Refusal(
        "connectors.archive_too_big",
        _("压缩包“{archive}”解压后有 {size} 字节，上限为 {limit} 字节。请按群或按日期分开导出。"),
    ),
    Refusal(
        "connectors.archive_bomb",
        _(
            "压缩包“{archive}”里的“{entry}”解压后超过原来的 {limit} 倍，可能有害，已停止读取。请解压检查后再选择文件。"
        ),
    ),
    Refusal(
        "connectors.archive_bad_path",
        _("“{archive}”里的“{entry}”路径不安全或名称不允许，已拒绝。请重新整理，只放入聊天记录。"),
    ),
    Refusal(
        "connectors.archive_nested",
        _("“{archive}”里的“{entry}”也是压缩包，不会逐层解压。请先解压，再选择里面的文件。"),
    ),
    Refusal(
        "connectors.archive_locked",
        _("压缩包“{archive}”里的“{entry}”有密码。请去掉密码重新打包，或解压后再选择。"),
    ),
    Refusal(
        "connectors.archive_damaged",
        _("压缩包“{archive}”里的“{entry}”已损坏或没有下载完。请重新下载或重新打包。"),
    ),
)
