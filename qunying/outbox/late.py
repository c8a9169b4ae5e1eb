"""应发未发: what kept a sending whose time has come, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.jobs.queries import sentence
from qunying.kit.refusals import Text
from qunying.outbox.models import Alarm, Sending

APPROVAL, STOPPED, NOBODY, PAUSED, FAILED, QUIET, WAITS, BEHIND = (
    "approval", "stopped", "nobody", "paused", "failed", "quiet", "waits", "behind",
)  # fmt: skip
MISSED: Text = gettext_lazy("仍要发的请重新写一条；不再需要的请点“取消外发”。")
WORDS: dict[str, tuple[Text, Text]] = {
    APPROVAL: (
        gettext_lazy("还差 {n} 位同事审批"),
        gettext_lazy("请有审批权限的同事审批；不再需要的请取消外发。"),
    ),
    STOPPED: (
        gettext_lazy("已一键停发"),
        gettext_lazy("请另一位同事恢复外发；不再需要的请取消外发。"),
    ),
    NOBODY: (
        gettext_lazy("这个群现在没有接入的平台账号"),
        gettext_lazy("请在“平台接入”里重新接入这个群，或到平台上手动发出后取消这条外发。"),
    ),
    PAUSED: (gettext_lazy("接入“{name}”已暂停"), gettext_lazy("请到“平台接入”里恢复，恢复后自动发出。")),
    FAILED: (
        gettext_lazy("接入“{name}”有问题：{failure}"),
        gettext_lazy("请到“平台接入”里处理，恢复后自动发出。"),
    ),
    QUIET: (
        gettext_lazy("等到 {end}：安静时段 {start}–{end}"),
        gettext_lazy("到时自动发出；必须现在发的请取消后重新写，并写明原因。"),
    ),
    WAITS: (
        gettext_lazy("平台没有回应或要求稍后再发"),
        gettext_lazy("会自动重试；等不及的请到平台上手动发出后取消这条外发。"),
    ),
    BEHIND: (
        gettext_lazy("还没有轮到：前面有积压，或群英停过"),
        gettext_lazy("请看“平台接入”是否正常；一直不动的请技术同事检查群英是否在运行。"),
    ),
}
"""What keeps a sending → what it is, and what to do."""


@dataclass(frozen=True)
class Why:
    """没发出的原因: one of WORDS, and what its words need."""

    code: str
    details: Mapping[str, object] = field(default_factory=dict)


def why_words(alarm: Alarm) -> str:
    """What kept it, as it was when last looked at."""
    told = dict(alarm.details)
    if "failure" in told:
        told["failure"] = sentence(told["failure"])
    words = str(WORDS[alarm.why][0]).format(**told)
    if alarm.sending.state == Sending.State.EXPIRED:
        return _("过了最晚发出时间也没有发出（{why}）").format(why=words)
    return words


def what_to_do(alarm: Alarm) -> str:
    return str(MISSED if alarm.sending.state == Sending.State.EXPIRED else WORDS[alarm.why][1])
