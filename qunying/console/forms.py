"""The shape of what is typed at the door: signing in, the first owner, a new password."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from qunying.console.errors import sentence
from qunying.kit.errors import Invalid

SECRET = forms.PasswordInput(attrs={"autocomplete": "current-password"}, render_value=False)


def fresh_secret() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)


class SignIn(forms.Form):
    """登录."""

    username = forms.CharField(
        label=_("登录名"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(label=_("密码"), max_length=200, widget=SECRET, strip=False)


class NewPassword(forms.Form):
    """新密码, typed twice and held against the rules for passwords."""

    password = forms.CharField(
        label=_("新密码"),
        max_length=200,
        widget=fresh_secret(),
        strip=False,
        help_text=_("至少 10 个字符，避免常见密码。"),
    )
    password_again = forms.CharField(
        label=_("再输一次新密码"), max_length=200, widget=fresh_secret(), strip=False
    )

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean_password_again(self) -> str:
        again = str(self.cleaned_data["password_again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(sentence(Invalid("brands.passwords_differ")))
        return again


class ChangePassword(NewPassword):
    """修改密码: the old one first."""

    field_order = ["current", "password", "password_again"]
    current = forms.CharField(label=_("当前密码"), max_length=200, widget=SECRET, strip=False)


class NewBrand(forms.Form):
    """品牌: its name, and the zone by which its days are cut."""

    brand = forms.CharField(label=_("品牌名称"), max_length=80)
    zone = forms.CharField(
        label=_("时区"),
        max_length=60,
        initial="Asia/Shanghai",
        help_text=_("所有日期按这个时区划分，创建后不能修改。"),
    )

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(_("没有这个时区，请填写 IANA 时区名，例如 Asia/Shanghai。"))
        return zone


class FirstOwner(NewPassword, NewBrand):
    """第一位负责人, and a brand unless the command line has made one already."""

    field_order = ["brand", "zone", "username", "password", "password_again"]
    username = forms.CharField(
        label=_("登录名"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )

    def __init__(self, data: object = None, *, has_brand: bool) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the request's QueryDict
        if has_brand:
            del self.fields["brand"], self.fields["zone"]
