"""The shape of what is typed on the settings pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff
from qunying.brands.preferences import Preference, value
from qunying.brands.roles import CHOICES, PERMISSIONS
from qunying.kit import catalog

NUMBER_MOST = 100_000
Choice = tuple[int, str]


class Role(forms.Form):
    """角色与数据范围. `communities` are the ones there are to choose from."""

    role = forms.ChoiceField(label=_("角色"), choices=CHOICES)
    scope = forms.ChoiceField(
        label=_("数据范围"),
        choices=(("all", _("全部社群")), ("chosen", _("指定社群"))),
        widget=forms.RadioSelect,
    )
    communities = forms.TypedMultipleChoiceField(
        label=_("指定社群"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, communities: Sequence[Choice], data: object = None, staff: Staff | None = None
    ) -> None:
        initial: dict[str, object] = {"scope": "all", "role": "operator"}
        if staff is not None:
            scope = "all" if staff.reach is None else "chosen"
            initial = {"scope": scope, "role": staff.role, "communities": staff.reach or []}
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # the request's QueryDict
        self.fields["communities"].choices = list(communities)  # type: ignore[attr-defined]  # a choice field

    @property
    def reach(self) -> list[int] | None:
        told = self.cleaned_data
        return None if told["scope"] == "all" else sorted(told["communities"])


class NewStaff(Role):
    """新员工: the login, and the name others see."""

    field_order = ["login", "name", "role", "scope", "communities"]
    login = forms.RegexField(
        r"^[\w.@+-]{3,80}$",
        label=_("登录名"),
        help_text=_("3 个以上字母、数字或 . @ + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("姓名"), max_length=80)

    @property
    def told(self) -> dict[str, Any]:
        """What `hire` asks for; each value is of the type its field gives."""
        return {**{name: self.cleaned_data[name] for name in ("login", "name", "role")}, "reach": self.reach}


class Settings(forms.Form):
    """品牌设置: the name, and a field for every declared preference by its type."""

    name = forms.CharField(label=_("品牌名称"), max_length=80)

    def __init__(self, brand: Brand, data: object = None) -> None:
        super().__init__(data, initial={"name": brand.name})  # type: ignore[arg-type]  # the request's QueryDict
        self.declared: Iterable[Preference] = catalog.collect("preferences")
        for entry in self.declared:
            field = _field(entry)
            field.initial = value(brand, entry.key)
            self.fields[entry.key] = field

    @property
    def preferences(self) -> dict[str, object]:
        return {entry.key: self.cleaned_data[entry.key] for entry in self.declared}


def _field(entry: Preference) -> forms.Field:
    """A checkbox, a number or a text area, by the default's type."""
    label, hint = str(entry.label), str(entry.hint)
    if isinstance(entry.default, bool):
        return forms.BooleanField(label=label, help_text=hint, required=False)
    if isinstance(entry.default, int):
        return forms.IntegerField(label=label, help_text=hint, min_value=0, max_value=NUMBER_MOST)
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, help_text=hint, required=False, widget=area, max_length=20_000)


class NewToken(forms.Form):
    """新令牌: a name and the permissions it carries, none beyond the staff member's own."""

    name = forms.CharField(label=_("名称"), max_length=80, help_text=_("写明给谁或哪个程序用。"))
    scopes = forms.MultipleChoiceField(
        label=_("权限"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "带“查看个人信息”的令牌读到的手机号、邮箱等仍打码；读完整资料须写明理由，并记入操作日志。"
        ),
    )

    def __init__(self, staff: Staff, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the request's QueryDict
        mine = [(key, label) for key, label in PERMISSIONS.items() if staff.may(key)]
        self.fields["scopes"].choices = mine  # type: ignore[attr-defined]  # a choice field


class LogFilter(forms.Form):
    """Which entries of the log: by whom, which deed, about what, from and to which day."""

    who = forms.CharField(required=False, max_length=80)
    deed = forms.CharField(required=False, max_length=60)
    about = forms.CharField(required=False, max_length=120)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
