"""The grey lines of QQ groups, in their old ("本群") and new ("群聊") wordings; names stand bare or with (number)."""

from __future__ import annotations

import re

from qunying.connectors.importers.system_line import Rule, SystemLine, understand

_GROUP = "(?:本群|群聊|群|该群|了解散的群)"
_N = "(?:.{1,80}?)"


def _rule(pattern: str, kind: str = "", source: str = "") -> Rule:
    compiled = re.compile(pattern.replace("@", _N).replace("GROUP", _GROUP) + "[。.!！]?", re.DOTALL)
    return Rule(pattern=compiled, kind=kind or None, source=source)  # type: ignore[arg-type]  # table below


RULES = (
    _rule(r"(?P<o>@) ?邀请 ?(?P<a>@) ?加入了?GROUP", "join", "邀请"),
    _rule(r"(?P<a>@) ?(?:被|由|受) ?(?P<o>@) ?邀请,? ?加入了?GROUP", "join", "邀请"),
    _rule(r"(?P<a>@) ?通过(?:扫描)?(?P<o>@) ?(?:分享的)二维码.{0,6}加入了?GROUP", "join", "扫描二维码"),
    _rule(r"(?P<a>@) ?通过(?:扫描)?二维码.{0,6}加入了?GROUP", "join", "扫描二维码"),
    _rule(r"(?:欢迎)?(?P<a>@) ?(?:已经?)?加入了?GROUP.{0,20}", "join"),
    _rule(r"(?P<a>@) ?(?:已)?(?:退出|离开)了?GROUP", "leave"),
    _rule(r"(?P<a>@) ?(?:已)?被(?:管理员|群主)?(?:移出|踢出|移除)了?GROUP", "remove"),
    _rule(r"(?P<a>@) ?(?:已)?被 ?(?:管理员|群主)?(?P<o>@) ?(?:移出|踢出|移除)了?GROUP", "remove"),
    _rule(r"(?:管理员|群主)?(?P<o>@) ?(?:已)?(?:将|把) ?(?P<a>@) ?(?:移出|踢出|移除)了?GROUP", "remove"),
    _rule(r"(?:管理员|群主)?(?P<a>@) ?撤回了(?:一条)?(?:成员)? ?(?P<o>@) ?的(?:一条)?消息.*", "recall"),
    _rule(r"(?P<a>@) ?撤回了一条(?:成员)?消息.*", "recall"),
    _rule(r"(?P<a>@) ?(?:将|把).{0,40}设为(?:群)?精华.*", "pin"),
    _rule(r"(?P<a>@) ?(?:修改|更改|设置)了?群(?:聊)?名称?为?[:：]? ?[“\"「]?(?P<t>.*?)[”\"」]?", "notice"),
    _rule(r"(?P<a>@) ?(?:发布|更新|修改)了?(?:新的?)?群公告[:：]?(?P<t>.*)", "notice"),
    _rule(r".*(?:戳了戳|拍了拍|戳一戳|揉了揉|捏了捏|踩了踩).*"),
    _rule(r".*(?:禁言|匿名聊天|全员|群主|管理员|头衔|群等级|活跃等级|龙王|群聊之火|幸运字符|互动标识).*"),
    _rule(r".*(?:红包|群文件|群相册|群投票|群签到|打卡|语音通话|视频通话|屏幕共享|一起听|加密|好友).*"),
)


def parse(text: str) -> tuple[SystemLine, ...] | None:
    """The acts of a grey line, () where it is understood and tells none, None where it is not known."""
    return understand(text.strip(), RULES)
