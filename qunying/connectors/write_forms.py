"""The form in which a message is written."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.connectors.actions import Written
from qunying.connectors.composing import Target
from qunying.connectors.texts import clean
from qunying.outbox.models import Picture

MOST = 20_000
LATE = dt.timedelta(minutes=10)
"""So long after its time a message still leaves at once: somebody has looked at the preview meanwhile."""
FAR = dt.timedelta(days=366)
LASTS = ((1, gettext_lazy("1 小时")), (24, gettext_lazy("1 天")), (168, gettext_lazy("7 天")))


class WriteForm(forms.Form):
    """写消息. Only the groups in `targets` can be chosen, and only `pictures` go with it; times are the brand's."""

    key = forms.RegexField(r"^[\w-]{16,24}$", widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("内容"),
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": gettext_lazy("请填写要发的内容。")},
    )
    channels = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": gettext_lazy("请至少选择一个群。"),
            "invalid_choice": gettext_lazy("所选的群不在您负责的社群里，或已不再接入，请重新选择。"),
        },
    )
    pictures = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("有图片已不在了，请去掉后重新选择。")},
    )
    when = forms.ChoiceField(choices=(("now", ""), ("later", "")))
    at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={"invalid": gettext_lazy("时间应写成 2026-03-02T20:00 的样子。")},
    )
    why = forms.CharField(required=False, max_length=200)
    lasts = forms.TypedChoiceField(label=gettext_lazy("最晚多久发出"), choices=LASTS, coerce=int)

    def __init__(
        self,
        staff: Staff,
        targets: Sequence[Target],
        *,
        now: dt.datetime,
        pictures: Sequence[Picture] = (),
        data: object = None,
        start: dict[str, Any] | None = None,
    ) -> None:
        initial = {"key": secrets.token_urlsafe(16), "when": "now", "lasts": 24, **(start or {})}
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # the request's QueryDict
        self.now, self.zone, self.shown = now, staff.brand.clock.zone, pictures
        self.targets = [replace(target, has_pictures=bool(pictures)) for target in targets]
        chosen = [(row.pk, str(number)) for number, row in enumerate(pictures, 1)]
        self.fields["pictures"].choices = chosen  # type: ignore[attr-defined]  # a choice field
        choices = [(target.channel.pk, str(target.channel)) for target in targets]
        self.fields["channels"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean_text(self) -> str:
        """Browsers send lines apart by two signs; platforms count one."""
        return clean(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("when") == "later" and "at" in told:
            self._check_time(told["at"])
        for target in self.chosen:
            if target.is_too_long(told.get("text", "")):
                self.add_error("text", _too_long(target, told["text"]))
            for fault in _unfit(target, self.shown):
                self.add_error("pictures", fault)
        return told

    def _check_time(self, told: dt.datetime | None) -> None:
        if told is None:
            self.add_error("at", _("请填写发送时间，或选择立即发送。"))
            return
        at = told.replace(tzinfo=self.zone)
        if at < self.now - LATE:
            self.add_error("at", _("这个时间已经过去，请改成以后的时间，或选择立即发送。"))
        if at > self.now + FAR:
            self.add_error("at", _("最多可以提前一年安排。"))

    @property
    def chosen(self) -> list[Target]:
        """The groups that are ticked, also while the form has faults."""
        ticked = {str(each) for each in self["channels"].value() or ()}
        return [target for target in self.targets if str(target.channel.pk) in ticked]

    @property
    def not_before(self) -> dt.datetime | None:
        told: dt.datetime = self.cleaned_data["at"]
        return told.replace(tzinfo=self.zone) if self.cleaned_data["when"] == "later" else None

    @property
    def written(self) -> Written:
        told = self.cleaned_data
        lasts = dt.timedelta(hours=told["lasts"])
        pictures = [row.pk for row in self.shown]
        return Written(told["key"], told["text"], self.chosen, self.not_before, lasts, told["why"], pictures)


def _unfit(target: Target, pictures: Sequence[Picture]) -> Iterator[str]:
    """What a group's platform does not take of them."""
    limits = target.kind.pictures
    if limits is None:
        return
    words = {"group": str(target.channel), "limit": limits.limit_words()}
    for number, row in enumerate(pictures, 1):
        if not limits.takes(form=row.form, size=row.size, width=row.width, height=row.height):
            yield _("第 %(n)s 张图片“%(group)s”收不了（%(limit)s）；请换一张或不选这个群。") % {
                **words,
                "n": number,
            }
    if not limits.holds([row.size for row in pictures]):
        yield _("这些图片合起来“%(group)s”收不了（%(limit)s）；请去掉几张或不选这个群。") % words


def _too_long(target: Target, text: str) -> str:
    longest = target.longest
    assert longest is not None  # it was too long for it
    words = {
        "group": str(target.channel),
        "limit": target.limit_words(),
        "over": longest.count(text) - longest.size,
    }
    if longest.unit == "letters":
        return _("“%(group)s”%(limit)s，多了 %(over)s 字；请缩短内容或不选这个群。") % words
    return _("“%(group)s”%(limit)s，多了 %(over)s 字节；请缩短内容或不选这个群。") % words
