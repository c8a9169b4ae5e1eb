"""The form of a community: every field that can be set, checked within the staff member's reach."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qunying.communities.models import Community

FIELDS = (
    *("name", "level", "parent", "kind", "purpose", "persona", "platform", "capacity", "owner", "labels"),
    *("silent_days", "is_test"),
)


class CommunityForm(forms.Form):
    """The fields of one node of the tree."""

    name = forms.CharField(label=_("名称"), max_length=120)
    level = forms.ChoiceField(label=_("层级"), choices=Community.Level.choices)
    parent = forms.ChoiceField(label=_("上级"), required=False)
    kind = forms.ChoiceField(label=_("类型"), choices=Community.Kind.choices)
    purpose = forms.CharField(
        label=_("定位"), max_length=200, required=False, help_text=_("这个社群为谁、解决什么。")
    )
    persona = forms.CharField(
        label=_("目标人群"), max_length=200, required=False, help_text=_("留空时继承上级的设置。")
    )
    platform = forms.CharField(label=_("平台"), max_length=30, required=False)
    capacity = forms.IntegerField(label=_("人数上限"), min_value=1, max_value=10_000_000, required=False)
    owner = forms.CharField(
        label=_("负责人"), max_length=80, required=False, help_text=_("留空时继承上级的设置。")
    )
    labels = forms.CharField(
        label=_("社群标签"), max_length=300, required=False, help_text=_("多个标签用逗号隔开。")
    )
    silent_days = forms.IntegerField(
        label=_("沉默窗口（天）"),
        min_value=1,
        max_value=365,
        required=False,
        help_text=_("留空时继承上级的设置；上级也没有设置时，按类型取默认值。"),
    )
    is_test = forms.BooleanField(
        label=_("测试社群，不计入任何数据"), required=False, help_text=_("下级社群也一并不计入。")
    )

    def __init__(
        self, *given: object, nodes: Sequence[Community], row: Community | None = None, **more: object
    ) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]  # what Django's forms take
        for name, text in told(row, nodes).items():
            self.fields[name].help_text = text
        self._nodes = {str(row.pk): row for row in nodes if row.level != Community.Level.COMMUNITY}
        parent = self.fields["parent"]
        if isinstance(parent, forms.ChoiceField):
            parent.choices = [("", _("（顶层）")), *((pk, row.name) for pk, row in self._nodes.items())]

    def values(self) -> dict[str, object]:
        """What `change_community` and `open_community` take."""
        data = dict(self.cleaned_data)
        data["parent"] = self._nodes.get(data["parent"])
        data["labels"] = labels_of(data["labels"])
        return data


def told(row: Community | None, nodes: Sequence[Community]) -> dict[str, str]:
    """What each setting left open takes from above, with the node that sets it; the kind's default last."""
    if row is None:
        return {}
    names = {node.pk: node.name for node in nodes}
    found = {
        name: gettext("留空时继承“{node}”的设置：{value}").format(
            node=names.get(held["from"], gettext("上级")), value=held["value"]
        )
        for name, held in row.inherited.items()
    }
    if "silent_days" not in found:
        usual = gettext("留空时按类型取默认值：{n} 天").format(n=row.usual_silence)
        found["silent_days"] = usual
    if row.is_below_test:
        found["is_test"] = gettext("上级是测试社群，这里也不计入任何数据。")
    return found


def labels_of(text: str) -> list[str]:
    """Labels between commas of either width, blanks and repeats removed."""
    return list(
        dict.fromkeys(word.strip()[:30] for word in text.replace("，", ",").split(",") if word.strip())
    )


def initial(row: Community) -> dict[str, object]:
    """The form's values of a standing community."""
    found: dict[str, object] = {name: getattr(row, name) for name in FIELDS}
    return {**found, "parent": str(row.parent_id or ""), "labels": "，".join(row.labels)}


BULK = (
    "kind",
    "platform",
    "owner",
    "purpose",
    "persona",
    "capacity",
    "labels",
    "parent",
    "silent_days",
    "is_test",
)
"""Fields that may be set on many at once."""
