"""The shape of what is typed on the pages of webhooks."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qunying.jobs.queries import sentence
from qunying.kit.errors import QunyingError
from qunying.webhooks.kinds import tidings
from qunying.webhooks.models import Webhook


class Change(forms.Form):
    """推送内容: the name, and what is told."""

    name = forms.CharField(label=_("名称"), max_length=80, required=False)
    kinds = forms.MultipleChoiceField(label=_("推送内容"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: object = None, row: Webhook | None = None) -> None:
        initial = {"name": row.name, "kinds": row.kinds} if row else {}
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # the request's QueryDict
        choices = [(key, f"{entry.label} — {entry.words}") for key, entry in tidings().items()]
        self.fields["kinds"].choices = choices  # type: ignore[attr-defined]  # a choice field


class NewWebhook(Change):
    """新建推送地址."""

    field_order = ["name", "url", "kinds"]
    url = forms.CharField(
        label=_("推送地址"),
        max_length=500,
        help_text=_("以 https:// 开头、能从外网访问的地址。"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def refuse(self, error: QunyingError) -> None:
        """Say at the address why it is not taken."""
        self.add_error("url", sentence({"code": error.code, "details": error.details}))
