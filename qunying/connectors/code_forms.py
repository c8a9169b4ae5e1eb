"""The form of a code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.communities.models import Channel
from qunying.connectors import actions, codes
from qunying.connectors.actions import Wanted
from qunying.connectors.models import Code, Connection
from qunying.connectors.texts import clean
from qunying.jobs.queries import sentence
from qunying.kit.errors import QunyingError

MOST_MEMBERS = 500
KEPT = (
    *("name", "state", "employees", "backups", "skip_verify"),
    *("most", "at_once", "new_chats", "first_number", "turn_on"),
)


class CodeForm(forms.Form):
    """活码表单: what every code has."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=30)
    state = forms.CharField(
        label=gettext_lazy("渠道标记（state）"),
        help_text=gettext_lazy("从这个活码来的人，来源记为它；留空则与名称相同。"),
        max_length=30,
        required=False,
    )

    def __init__(self, connection: Connection, *, code: Code | None, data: object = None) -> None:
        super().__init__(data, initial=self.initial_of(code))  # type: ignore[arg-type]  # the request's QueryDict
        self.connection, self.code = connection, code

    @staticmethod
    def initial_of(code: Code | None) -> dict[str, Any]:
        return {name: getattr(code, name) for name in KEPT} if code else {}

    def refuse(self, error: QunyingError) -> None:
        """Show the refusal's sentence above the form."""
        self.add_error(None, sentence({"code": error.code, "details": error.details}))


class ContactCodeForm(CodeForm):
    """员工活码表单."""

    skip_verify = forms.BooleanField(label=gettext_lazy("自动通过好友申请"), required=False, initial=True)
    employees = forms.MultipleChoiceField(
        label=gettext_lazy("接待员工"),
        help_text=gettext_lazy("客户扫码后由平台分给其中一位。"),
        widget=forms.CheckboxSelectMultiple,
    )
    backups = forms.MultipleChoiceField(
        label=gettext_lazy("备用员工"),
        help_text=gettext_lazy("接待员工离开后，自动换成名单里的第一位备用员工；回来后自动换回。"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, connection: Connection, *, code: Code | None, data: object = None) -> None:
        super().__init__(connection, code=code, data=data)
        known = set(actions.serving(connection) or codes.employees_met(connection))
        known.update([*code.employees, *code.backups] if code else [])
        named = sorted(codes.names_of(connection, known).items())
        choices = [(who, name if name == who else f"{name}（{who}）") for who, name in named]
        for field in ("employees", "backups"):
            self.fields[field].choices = choices  # type: ignore[attr-defined]  # a choice field

    @property
    def people(self) -> list[forms.BoundField]:
        return [self["employees"], self["backups"]]

    @property
    def is_empty(self) -> bool:
        """Whether nobody is known who could stand behind a code."""
        return not self.fields["employees"].choices  # type: ignore[attr-defined]  # a choice field

    @property
    def wanted(self) -> Wanted:
        told = self.cleaned_data
        return Wanted(
            kind=Code.Kind.CONTACT,
            name=clean(told["name"]),
            state=clean(told["state"]),
            employees=told["employees"],
            backups=told["backups"],
            skip_verify=told["skip_verify"],
        )


class ChatCodeForm(CodeForm):
    """群活码表单: `order-<group>` says the how-manieth each group is; empty ones stand aside."""

    most = forms.IntegerField(
        label=gettext_lazy("每个群的人数上限"),
        help_text=gettext_lazy("群里到了这个人数（含员工），就换上下一个群。"),
        min_value=1,
        max_value=MOST_MEMBERS,
    )
    at_once = forms.IntegerField(label=gettext_lazy("同时在用几个群"), min_value=1, initial=1)
    turn_on = forms.DateField(
        label=gettext_lazy("换群日期"),
        help_text=gettext_lazy("到了这一天，即使没满也换上下一个群；留空则只按人数换。"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    new_chats = forms.CharField(
        label=gettext_lazy("群都满了由平台自动建群，群名"),
        help_text=gettext_lazy("平台在群名后面加序号；留空则不自动建群。"),
        max_length=40,
        required=False,
    )
    first_number = forms.IntegerField(
        label=gettext_lazy("自动建群的起始序号"), min_value=1, max_value=10_000, initial=1
    )

    def __init__(self, connection: Connection, *, code: Code | None, data: object = None) -> None:
        super().__init__(connection, code=code, data=data)
        means = codes.means(connection)
        self.fields["most"].initial = means.members
        self.fields["at_once"].max_value = means.chats  # type: ignore[attr-defined]  # a number
        self.chats = codes.chats_of(connection)
        places = {place.channel_id: place.place + 1 for place in code.places.all()} if code else {}
        for channel in self.chats:
            self.fields[f"order-{channel.pk}"] = forms.IntegerField(
                label=str(channel),
                min_value=1,
                max_value=999,
                required=False,
                initial=places.get(channel.pk),
            )

    @property
    def is_empty(self) -> bool:
        """Whether there is no group that could stand behind a code."""
        return not self.chats

    @property
    def lines(self) -> list[tuple[Channel, forms.BoundField]]:
        """The groups with their fields, those in line first and in their order."""
        found = [(channel, self[f"order-{channel.pk}"]) for channel in self.chats]
        return sorted(found, key=lambda line: _number(line[1].value()))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        numbers = {channel: told.get(f"order-{channel.pk}") for channel in self.chats}
        told["chats"] = sorted(
            (channel for channel, number in numbers.items() if number), key=lambda each: numbers[each] or 0
        )
        if not told["chats"] and not self.errors:
            self.add_error(None, _("请给至少一个群写上顺序。"))
        return told

    @property
    def wanted(self) -> Wanted:
        told = self.cleaned_data
        return Wanted(
            kind=Code.Kind.CHAT,
            name=clean(told["name"]),
            state=clean(told["state"]),
            chats=told["chats"],
            most=told["most"],
            at_once=told["at_once"],
            new_chats=clean(told["new_chats"]),
            first_number=told["first_number"],
            turn_on=told["turn_on"],
        )


def _number(value: object) -> int:
    return int(str(value)) if str(value).isdecimal() else 1000


FORMS: dict[str, type[ContactCodeForm] | type[ChatCodeForm]] = {
    Code.Kind.CONTACT: ContactCodeForm,
    Code.Kind.CHAT: ChatCodeForm,
}
