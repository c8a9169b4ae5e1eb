"""What a brand may set for itself, with the default and what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand
from qunying.kit import catalog
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Preference:
    """品牌设置: key in `Brand.preferences`, its label, default and hint. The default's type is the setting's type."""

    key: str
    label: Text
    default: int | str | bool
    hint: Text = ""


PREFERENCES = (
    Preference(
        "text_days", _("聊天原文保留天数"), 180, _("到期后只清除原文，各项数据不变。0 表示不保留原文。")
    ),
    Preference("file_days", _("导入原始文件保留天数"), 30, _("在此期间内可以撤销导入。")),
    Preference("brand_terms", _("品牌词"), "", _("每行一个词，用于统计品牌声量。")),
)


def value(brand: Brand, key: str) -> int | str | bool:
    """The brand's setting, or the declared default."""
    declared = {entry.key: entry for entry in catalog.collect("preferences")}
    default: int | str | bool = declared[key].default
    found: int | str | bool = brand.preferences.get(key, default)
    return found


def number(brand: Brand, key: str) -> int:
    return int(value(brand, key))


def words(brand: Brand, key: str) -> list[str]:
    """A setting with one word a line, blanks and repeats removed."""
    return list(dict.fromkeys(line.strip() for line in str(value(brand, key)).splitlines() if line.strip()))
