"""The kinds of steps a playbook may have."""

from django.utils.translation import gettext_lazy as _

from qunying.playbooks.kinds import StepKind

STEPS = (StepKind("todo", _("员工待办")), StepKind("draft", _("草稿帖")))
