"""The shape of what is answered about an upload."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.communities.queries import visible
from qunying.connectors.drafts import Draft
from qunying.connectors.importers import IMPORTERS
from qunying.connectors.importers.decode import REPAIR
from qunying.connectors.incoming import Duplicates, Options
from qunying.connectors.looking import DUPLICATES

ENCODINGS = (
    ("", _("自动识别")),
    ("utf-8", "UTF-8"),
    ("gb18030", _("GB18030 / GBK（简体中文）")),
    ("big5", _("Big5（繁体中文）")),
    ("utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "UTF-16 BE"),
    (REPAIR, _("修复乱码（UTF-8 被误读）")),
)
ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Bangkok",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)
"""Zones that are proposed; any IANA name may be typed."""


class DraftOptions(forms.Form):
    """How the files are to be read and where they go. Fields left out of the post keep the draft's answer."""

    format = forms.ChoiceField(label=_("格式"), required=False)
    community = forms.TypedChoiceField(label=_("导入到"), required=False, coerce=int, empty_value=None)
    zone = forms.CharField(
        label=_("文件里时间的时区"), max_length=60, widget=forms.TextInput(attrs={"list": "zones"})
    )
    encoding = forms.ChoiceField(label=_("文字编码"), required=False, choices=ENCODINGS)
    duplicates = forms.ChoiceField(
        label=_("名单里有已知的群成员时"),
        required=False,
        choices=[*DUPLICATES.items()],
        widget=forms.RadioSelect(attrs={"data-submit-on-change": ""}),
    )

    def __init__(self, staff: Staff, draft: Draft, data: object = None) -> None:
        super().__init__(
            data,  # type: ignore[arg-type]  # the request's QueryDict
            initial={
                "format": draft.format_key,
                "community": draft.community or "",
                "zone": draft.options.zone,
                "encoding": draft.options.encoding,
                "duplicates": draft.options.duplicates,
            },
        )
        formats = [("", _("自动识别")), *((form.key, form.label) for form in IMPORTERS)]
        self.fields["format"].choices = formats  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["community"].choices = self._places(staff)  # type: ignore[attr-defined]  # a ChoiceField
        self.draft = draft

    @staticmethod
    def _places(staff: Staff) -> list[tuple[object, object]]:
        rows = visible(staff).filter(level=Community.Level.COMMUNITY).order_by("name")
        new: list[tuple[object, object]] = [("", _("每个群各建一个社群"))]
        return [
            *(new if staff.reach is None else [("", _("请选择社群"))]),
            *((row.pk, row.name) for row in rows),
        ]

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(_("没有这个时区，请填写 IANA 时区名，例如 Asia/Shanghai。"))
        return zone

    def answer(self) -> None:
        """Put the answers into the draft. Another format forgets what the columns meant."""
        told, before = self.cleaned_data, self.draft.options
        mapping = before.mapping if told["format"] == self.draft.format_key else {}
        duplicates = Duplicates(told["duplicates"]) if told["duplicates"] else before.duplicates
        self.draft.options = Options(told["zone"], told["encoding"], mapping, duplicates)
        self.draft.format_key = told["format"]
        self.draft.community = told["community"]
