"""The grey lines of WeChat groups, as its export tools hand them on.

Joins, leaves, removals, recalls, pins, group names and announcements are acts. Pats, red packet grabs, owner and
admin changes, calls, privacy and safety hints are understood and yield nothing.
"""

from __future__ import annotations

import re

from qunying.connectors.importers.system_line import Rule, SystemLine, understand

_N = '(?:["“].+?["”]|你|您|我)'
_REST = "(?:[,，]群聊参与人还有.*)?[。.]?"
_XML_TEXT = re.compile(
    r"<(?:replacemsg|plain|text)>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</(?:replacemsg|plain|text)>", re.S
)


def _rule(pattern: str, kind: str = "", source: str = "") -> Rule:
    compiled = re.compile(pattern.replace("@", _N), re.DOTALL)
    return Rule(pattern=compiled, kind=kind or None, source=source)  # type: ignore[arg-type]  # table below


RULES = (
    _rule(rf"(?P<o>@) ?邀请 ?(?:你和)?(?P<a>@) ?加入了?群聊{_REST}", "join", "邀请"),
    _rule(rf"(?P<a>@) ?通过扫描 ?(?P<o>@) ?分享的二维码加入了?群聊{_REST}", "join", "扫描二维码"),
    _rule(rf"(?P<a>@) ?通过扫描二维码加入了?群聊{_REST}", "join", "扫描二维码"),
    _rule(rf"(?P<a>@) ?通过 ?(?P<o>@) ?的邀请加入了?群聊{_REST}", "join", "邀请"),
    _rule(r"(?P<a>@) ?通过.{0,20}链接加入了?群聊.*", "join", "链接"),
    _rule(rf"(?P<a>@) ?加入了?群聊{_REST}", "join"),
    _rule(r"(?P<a>@) ?(?:已)?退出了?群聊[。.]?", "leave"),
    _rule(r"(?P<o>@) ?(?:已)?将 ?(?P<a>@) ?移出了?群聊[。.]?", "remove"),
    _rule(r"(?P<a>@) ?(?:已)?被 ?(?P<o>@) ?移出了?群聊[。.]?", "remove"),
    _rule(r"(?P<a>@) ?(?:已)?被(?:群主|管理员)?移出了?群聊[。.]?", "remove"),
    _rule(r"(?P<a>@) ?撤回了一条消息.*", "recall"),
    _rule(r"(?P<a>@) ?撤回了成员 ?(?P<o>@) ?的一条消息.*", "recall"),
    _rule(r"(?P<a>@) recalled a message\.?", "recall"),
    _rule(r"(?P<a>@) ?置顶了.*", "pin"),
    _rule(r"(?P<a>@) ?修改群名为 ?[“\"](?P<t>.*?)[”\"]", "notice"),
    _rule(r"(?P<a>@) ?(?:发布|修改|更新)了?(?:新的)?群公告[:：]?(?P<t>.*)", "notice"),
    _rule(r".*拍了拍.*"),
    _rule(r".*领取了.*红包.*|.*红包已被领完.*|(?:收到|发出)红包.*|.*红包.*请在(?:手机|移动设备)上查看.*"),
    _rule(r".*(?:新群主|群主已|管理员|群聊邀请确认|进群确认|仅群主.*可|移除了.*置顶).*"),
    _rule(r".*(?:语音通话|视频通话|通话时长|共享实时位置|位置共享|接龙|群待办|群收款).*"),
    _rule(r".*(?:不是朋友关系|朋友验证|打招呼|现在可以开始聊天|被对方拒收|隐私安全|安全风险|企业微信用户).*"),
    _rule(r".*(?:想邀请|邀请你加入).*(?:确认|朋友|位).*"),
)


def parse(text: str) -> tuple[SystemLine, ...] | None:
    """The acts of a grey line, () where it is understood and tells none, None where it is not known."""
    text = text.strip()
    if text.startswith("<"):
        inner = _XML_TEXT.search(text)
        text = inner[1].strip() if inner else text
    return understand(text, RULES)
