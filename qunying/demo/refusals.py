"""Sentences for what the demo refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (Refusal("demo.word_missing", _("请输入品牌名称“{word}”以确认删除。")),)
