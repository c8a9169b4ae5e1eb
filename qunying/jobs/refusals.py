"""Sentences for what jobs refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("jobs.unknown_kind", _("没有名为“{kind}”的任务类型，可能是旧版本留下的。")),
    Refusal("jobs.stopped", _("任务 {job} 已停止。可以重新开始，已完成的部分不会重复。")),
    Refusal("jobs.paused", _("任务 {job} 已在网页上暂停。在“任务”里点“继续”，会从停下的地方接着做。")),
    Refusal("jobs.taken_over", _("任务 {job} 已由另一个后台进程接手，这里不再继续。")),
    Refusal("jobs.cannot_pause", _("“{kind}”不能暂停，只能停止。")),
    Refusal("jobs.starts_over", _("“{kind}”失败后已收回写入的内容，不能重新运行；请重新上传文件。")),
    Refusal("jobs.under_way", _("同样的任务（编号 {job}）正在进行，等它结束后再重新运行。")),
    Refusal("jobs.gave_up", _("任务尝试了 {attempts} 次仍未完成，已放弃。请查看原因后重试。")),
    Refusal("jobs.broke", _("任务 {job} 意外中断。数据没有改变，请重试；若再次发生，请把编号发给管理员。")),
)
