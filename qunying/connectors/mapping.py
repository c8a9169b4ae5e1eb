"""列对应: which fields a table's columns may be given, and what they are called on screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qunying.connectors.importers import generic_table, member_list
from qunying.connectors.importers.column_mapping import assign
from qunying.connectors.importers.sheet_templates import Column
from qunying.kit.errors import Invalid
from qunying.kit.refusals import Text

LABELS: dict[str, Text] = {
    "platform": _("平台"),
    "chat_id": _("群编号"),
    "chat_name": _("群名称"),
    "message_id": _("消息编号"),
    "timestamp": _("时间"),
    "user_id": _("账号"),
    "user_name": _("昵称"),
    "kind": _("行为类型"),
    "text": _("内容"),
    "reply_to": _("回复的消息编号"),
    "reaction": _("表情回应"),
    "target_user": _("对象（被邀请人、被移出的人）"),
    "source": _("入群方式"),
    "unionid": "unionid",
    "external_userid": _("企业微信外部联系人编号"),
    "openid": "openid",
    "qq": _("QQ号"),
    "member_no": _("会员号"),
    "phone": _("手机号"),
    "email": _("邮箱"),
    "name": _("昵称或姓名"),
    "alias": _("群昵称"),
    "chat": _("所在群"),
    "joined": _("入群时间"),
}


@dataclass(frozen=True)
class Target:
    """A kind of table: the format it is read as, its name and its columns."""

    format: str
    label: Text
    columns: tuple[Column, ...]


TARGETS = (
    Target("members", _("群成员名单"), member_list.COLUMNS),
    Target("generic", _("聊天或行为记录"), generic_table.COLUMNS),
)


def target(key: str) -> Target:
    for entry in TARGETS:
        if entry.format == key:
            return entry
    raise Invalid(
        "connectors.unknown_format_key", key=key, known=", ".join(entry.format for entry in TARGETS)
    )


def choices(aim: Target) -> list[tuple[str, Text]]:
    """(field, label) of every field a column may be given."""
    return [(column.field, LABELS[column.field]) for column in aim.columns]


def proposed(aim: Target, header: Sequence[str], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """(column, field) for each column: as it was said before, else as its name tells; "" for none."""
    found = {at: field for field, at in assign(list(header), aim.columns, known).items()}
    return [(name, found.get(at, "")) for at, name in enumerate(header)]


def parsed(aim: Target, header: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """column → field from the form's `column-<number>`; a field given twice or unknown is refused."""
    fields = {column.field for column in aim.columns}
    chosen = {name: given.get(f"column-{at}", "") for at, name in enumerate(header)}
    used = [field for field in chosen.values() if field]
    if len(used) != len(set(used)) or not set(used) <= fields:
        raise Invalid("connectors.field_twice")
    return chosen


def spoken(format_key: str, pairs: Sequence[str]) -> dict[str, str]:
    """column → field from `column=field` words of the format's kind of table; a field goes by its key or its name.
    A field given twice or unknown is refused."""
    if not pairs:
        return {}
    aim = target(format_key)
    fields = {
        word: column.field for column in aim.columns for word in (column.field, str(LABELS[column.field]))
    }
    chosen: dict[str, str] = {}
    for pair in pairs:
        column, _sign, word = (part.strip() for part in pair.rpartition("="))
        if not column or word not in fields:
            raise Invalid(
                "connectors.unknown_field",
                field=pair,
                known=", ".join(column.field for column in aim.columns),
            )
        chosen[column] = fields[word]
    if len(set(chosen.values())) != len(pairs):
        raise Invalid("connectors.field_twice")
    return chosen
