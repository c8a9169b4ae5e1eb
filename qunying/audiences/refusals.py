"""Sentences for what audiences refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("audiences.broken_set", _("{day} 这一天的人群数据校验不通过，请运行 qunying rebuild 重新生成。")),
    Refusal("audiences.not_found", _("没有找到这个人群包，它可能已被删除。")),
    Refusal("audiences.nothing_hidden", _("这项资料已不在这位群成员名下，请刷新页面后再查看。")),
    Refusal("audiences.no_name", _("请给人群包起一个名称。")),
    Refusal("audiences.name_taken", _("已有名为“{name}”的人群包，请换一个名称。")),
    Refusal("audiences.bad_combination", _("请选择至少两个人群包，再选并集、交集或差集。")),
    Refusal("audiences.nobody", _("没有选中任何群成员。请先勾选，或选择全部符合条件的。")),
    Refusal("audiences.no_tag", _("请填写标签名称，最多 30 个字。")),
    Refusal("audiences.step_over", _("这一步已经撤销过，或隔得太久，不能再撤销。请直接打上或去掉标签。")),
    Refusal(
        "audiences.not_nominated",
        _(
            "还不是“{community}”的核心候选：需近 30 天活跃至少 12 天，且贡献居前 10%。请先看“为什么是这个阶段”。"
        ),
    ),
    Refusal("audiences.bad_filter", _("筛选条件“{text}”无法识别，请重新选择。")),
)
