"""The form in which it is said when and where the daily report goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.communities.duty import weekdays
from qunying.communities.models import Channel
from qunying.connectors.daily import Option
from qunying.connectors.models import DailyPush

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class DailyForm(forms.Form):
    """日报推送. Only groups of staff can be chosen, and somebody has to say that they are."""

    is_on = forms.BooleanField(label=gettext_lazy("到点自动发送昨天的日报"), required=False)
    hour = forms.TypedChoiceField(label=gettext_lazy("发送时间"), choices=HOURS, coerce=int)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("在哪几天发送"),
        choices=lambda: list(enumerate(weekdays())),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一天。")},
    )
    channel = forms.TypedChoiceField(
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("所选的群不能接收日报，请重新选择。")},
    )
    only_staff = forms.BooleanField(label=gettext_lazy("我确认这个群里只有员工"), required=False)

    def __init__(self, push: DailyPush, options: Sequence[Option], *, data: object = None) -> None:
        is_same = push.channel is not None and push.channel.community_id == push.community_id
        initial = {
            "is_on": push.is_on,
            "hour": push.hour,
            "weekdays": push.weekdays,
            "channel": push.channel_id,
            "only_staff": is_same,
        }
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # the request's QueryDict
        self.options = options
        open_ = [each.target.channel for each in options if each.is_for_staff]
        choices = [("", ""), *((channel.pk, str(channel)) for channel in open_)]
        self.fields["channel"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("is_on") and "channel" in told and told["channel"] is None:
            self.add_error("channel", _("请选择日报发到哪个群。"))
        if told.get("channel") is not None and not told.get("only_staff"):
            self.add_error("only_staff", _("日报里有经营数据和群成员，请先确认群里只有员工。"))
        return told

    @property
    def chosen(self) -> Channel | None:
        """The group that is ticked, also while the form has faults."""
        ticked = str(self["channel"].value() or "")
        found = (each.target.channel for each in self.options if str(each.target.channel.pk) == ticked)
        return next(found, None)
