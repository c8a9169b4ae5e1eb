"""The form of a shift, checked within the staff member's reach."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Staff
from qunying.communities.actions.duty import Plan
from qunying.communities.duty import colleagues_for, weekdays
from qunying.communities.models import Community, Shift
from qunying.communities.queries import visible


class ShiftForm(forms.Form):
    """班次: where, who, on which weekdays, from when until when."""

    community = forms.ChoiceField(label=_("范围"), required=False)
    staff = forms.ChoiceField(label=_("值班人"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("星期"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    starts = forms.TimeField(label=_("开始"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=_("结束"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("不晚于开始时间的，算到第二天。"),
    )
    from_on = forms.DateField(
        label=_("开始日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_on = forms.DateField(
        label=_("结束日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("留空则一直有效。"),
    )

    def __init__(self, by: Staff, data: object = None, *, initial: dict[str, object]) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # the request's QueryDict
        rows = visible(by).filter(level=Community.Level.COMMUNITY).order_by("name")
        self._places = {str(row.pk): row for row in rows}
        self._people = {str(row.pk): row for row in colleagues_for(by)}
        whole = [("", gettext("整个品牌"))] if by.reach is None else []
        people = [(pk, f"{row.name} · {row.role_label}") for pk, row in self._people.items()]
        self._choose("community", [*whole, *((pk, row.name) for pk, row in self._places.items())])
        self._choose("staff", [("", gettext("请选择")), *people])
        self._choose("weekdays", [*enumerate(weekdays())])
        self.fields["community"].required = by.reach is not None

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    @property
    def plan(self) -> Plan:
        data = self.cleaned_data
        return Plan(
            community=self._places.get(data["community"]),
            staff=self._people[data["staff"]],
            weekdays=tuple(data["weekdays"]),
            starts=data["starts"],
            ends=data["ends"],
            from_on=data["from_on"],
            until_on=data["until_on"],
        )


def initial(row: Shift) -> dict[str, object]:
    """The form's values of a standing shift."""
    names = ("weekdays", "starts", "ends", "from_on", "until_on")
    found: dict[str, object] = {name: getattr(row, name) for name in names}
    return {**found, "community": str(row.community_id or ""), "staff": str(row.staff_id)}
