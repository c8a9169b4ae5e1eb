"""The set-up form of a connection, made from what its connector declares."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.live.connector import Connector
from qunying.connectors.models import Connection
from qunying.jobs.queries import sentence
from qunying.kit.errors import QunyingError


class ConnectForm(forms.Form):
    """接入表单: with `known` the keys of a connection are changed, and what is left empty stays as it is."""

    called = forms.CharField(label=gettext_lazy("显示名称"), max_length=80, required=False)

    def __init__(self, kind: Connector, data: object = None, *, known: Connection | None = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the request's QueryDict
        self.kind = kind
        for field in kind.fields:
            shown = forms.PasswordInput if field.is_secret else forms.TextInput
            self.fields[field.name] = forms.CharField(
                label=str(field.label),
                help_text=str(field.hint),
                required=field.is_needed and not field.is_made and known is None,
                max_length=500,
                initial=known.settings.get(field.name, "") if known else "",
                widget=shown(attrs={"autocomplete": "off"}),
            )

    @property
    def keys(self) -> dict[str, str]:
        return {field.name: self.cleaned_data[field.name] for field in self.kind.fields}

    def refuse(self, error: QunyingError) -> None:
        """Show the refusal's sentence above the form."""
        self.add_error(None, sentence({"code": error.code, "details": error.details}))

    @property
    def why(self) -> str:
        """The first fault in words."""
        for name, faults in self.errors.items():
            return f"{self.fields[name].label if name in self.fields else ''} {faults[0]}".strip()
        return _("没有错误")
