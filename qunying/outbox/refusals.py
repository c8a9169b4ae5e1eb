"""Sentences for what the outbox refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("outbox.not_found", _("没有找到这条待办，它可能已取消，或不属于当前品牌。")),
    Refusal("outbox.not_yours", _("这条待办分配给了别人，请由负责人或运营负责人处理。")),
    Refusal("outbox.key_taken", _("编号“{key}”已用于另一条内容；请换一个编号，或按原内容重发。")),
    Refusal("outbox.not_waiting_for_approval", _("这条外发不在待审批状态，请刷新页面。")),
    Refusal("outbox.approve_another", _("自己提交的外发须由别人审批。")),
    Refusal("outbox.approved_already", _("您已审批过这条外发，还需要另一位同事审批。")),
    Refusal("outbox.left_already", _("这条外发已经发出或正在发出，不能取消。")),
    Refusal("outbox.nothing_to_decide", _("这条外发不需要人工确认，请刷新页面。")),
    Refusal("outbox.no_sending", _("没有找到这条外发，或它不在您负责的社群里。")),
    Refusal("outbox.look_first", _("请先到平台上看看这条外发是否已发出，再在它的外发页面里确认。")),
    Refusal(
        "outbox.closed_for_good", _("接收人已不再同意接收，这条不能恢复；确实需要联系时请先取得对方同意。")
    ),
    Refusal("outbox.nobody_to_remind", _("没有人还要点发送，请刷新页面。")),
    Refusal("outbox.reminded_enough", _("24 小时内已提醒 {limit} 次，不能再提醒；{at} 之后可以再提醒一次。")),
    Refusal("outbox.sampling_days", _("起止日期不对：结束不能早于开始，最多 {limit} 天。")),
    Refusal("outbox.sampling_size", _("抽查的条数须在 1 到 {limit} 之间。")),
    Refusal("outbox.nothing_to_sample", _("这段时间没有做完的待办可抽查，请换一段时间或另一个社群。")),
    Refusal("outbox.no_sampling", _("没有找到这次抽查，或它不在您负责的社群里。")),
    Refusal("outbox.judged_already", _("这条已有抽查结果，不能再改。")),
    Refusal("outbox.judge_anothers", _("自己做完的待办须由别的同事抽查。")),
    Refusal("outbox.no_fault_named", _("请写明哪里不合格，方便负责人改正。")),
    Refusal("outbox.over_already", _("这条已有结果，请先撤销再改。")),
    Refusal("outbox.no_reason", _("请写明没做成的原因，方便同事接着处理。")),
    Refusal("outbox.not_a_picture", _("这不是能打开的图片。请上传 PNG、JPEG 或 WebP 格式的截图。")),
    Refusal("outbox.picture_too_big", _("截图超过 {limit} MB。请裁剪或压缩后再上传。")),
    Refusal("outbox.no_picture", _("这张截图已过保留期，或没有上传过。")),
    Refusal(
        "outbox.file_not_a_picture",
        _("“{file}”不是能打开的图片，这次选的图片都没有添加。请去掉它，或换成 JPEG、PNG 或 WebP 图片。"),
    ),
    Refusal(
        "outbox.file_too_big",
        _("“{file}”超过 {limit} MB，这次选的图片都没有添加。请裁剪或压缩后再选。"),
    ),
    Refusal(
        "outbox.too_many_pictures",
        _("一条消息最多 {limit} 张图片，多了 {over} 张，这次选的都没有添加。请少选几张，或先去掉几张。"),
    ),
    Refusal("outbox.picture_gone", _("有图片已不在了（过了保留期或已清除），请去掉后重新选择。")),
    Refusal("outbox.no_stop", _("没有找到这次停发，或不由您负责。")),
    Refusal(
        "outbox.unknown_receivers",
        _("有 {count} 位接收人没有对应的群成员，无法核对是否同意接收，不能主动发给他们。"),
    ),
    Refusal("outbox.stop_of_brand", _("只负责部分社群的员工不能停发整个品牌，请选择社群。")),
    Refusal("outbox.resume_by_another", _("停发须由另一位同事恢复。")),
)
