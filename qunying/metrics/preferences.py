"""What a brand sets for its numbers."""

from django.utils.translation import gettext_lazy as _

from qunying.brands.preferences import Preference

PREFERENCES = (Preference("rival_terms", _("竞品词"), "", _("每行一个词，用于计算声量占比。")),)
