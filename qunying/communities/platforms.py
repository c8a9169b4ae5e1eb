"""What operators call the platforms that sources name in their own way."""

from __future__ import annotations

from django.utils.translation import gettext as _


def platform(key: str) -> str:
    """The platform's usual name; a key nobody knows stays as it is. Accounts say more after a dot: that is left out."""
    names = {
        "wecom": _("企业微信"),
        "wecom_robot": _("企业微信群机器人"),
        "wechat": _("微信"),
        "weixin": _("微信"),
        "official_account": _("公众号"),
        "qq": "QQ",
        "douyin": _("抖音"),
        "xiaohongshu": _("小红书"),
        "weibo": _("微博"),
        "feishu": _("飞书"),
        "dingtalk": _("钉钉"),
        "telegram": "Telegram",
        "discord": "Discord",
        "slack": "Slack",
        "whatsapp": "WhatsApp",
        "line": "LINE",
        "zulip": "Zulip",
        "matrix": "Matrix",
        "mattermost": "Mattermost",
        "discourse": "Discourse",
        "meta": "Meta",
        "csv": _("表格"),
        "phone": _("手机"),
        "email": _("邮箱"),
    }
    return names.get(key.partition(".")[0], key)
