"""Sentences for what the API refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal(
        "api.no_token",
        _("缺少有效的令牌。请在请求头写 Authorization: Bearer，后接在“API 令牌”页签发的令牌。"),
    ),
    Refusal("api.too_many", _("每分钟最多调用 {limit} 次，请在 {seconds} 秒后重试。")),
    Refusal("api.bad_request", _("请求参数有误：{what}")),
    Refusal("api.no_zone", _("“{field}”要写明时区，例如 2026-03-02T10:00:00+08:00。")),
    Refusal("api.bad_cursor", _("翻页标记无效，请从第一页重新读取。")),
)
