from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Staff
from qunying.communities.models import Channel
from qunying.outbox.models import Sending


class Code(models.Model):
    """活码: a code that is out in the world: who comes by it carries `state`, adds one of its employees or joins one of
    its groups, and who or what is behind it may change.

    `most` members fill a group, `at_once` groups are behind it at a time, on `turn_on` the next ones come whether these
    are full or not. `handle` is the platform's only name for it, `picture` the address of its picture, both "" until it
    is made. `behind` are the accounts or groups that are behind it on the platform, `asked` those that `sending`, the
    last one, was to put there (`waits`: no answer yet); `failure` is why it did not. `is_stale`: somebody changed it,
    and the platform has not been told. `trouble` is what a person should see to, as last looked at, since
    `troubled_at`; "" for nothing.
    """

    class Trouble(models.TextChoices):
        FAILED = "failed", _("没有生效")
        BACKUPS = "backups", _("备用员工不够，请补充")
        FULL = "full", _("最后一个群快满了，后面没有群，请加上下一个群")
        DAY = "day", _("换群日期到了，但后面没有等候的群")

    class Kind(models.TextChoices):
        CONTACT = "contact", _("加员工为好友")
        CHAT = "group", _("进群")

    connection = models.ForeignKey("connectors.Connection", on_delete=models.CASCADE, related_name="codes")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=30)
    state = models.CharField(max_length=30)
    skip_verify = models.BooleanField(default=True)
    employees = models.JSONField(default=list)
    backups = models.JSONField(default=list)
    most = models.PositiveIntegerField(default=0)
    at_once = models.PositiveSmallIntegerField(default=1)
    new_chats = models.CharField(max_length=40, blank=True)
    first_number = models.PositiveIntegerField(default=1)
    turn_on = models.DateField(null=True)
    handle = models.CharField(max_length=120, blank=True)
    picture = models.CharField(max_length=500, blank=True)
    behind = models.JSONField(default=list)
    asked = models.JSONField(default=list)
    sending = models.ForeignKey(Sending, null=True, on_delete=models.SET_NULL, related_name="+")
    waits = models.BooleanField(default=False)
    is_stale = models.BooleanField(default=True)
    failure = models.CharField(max_length=300, blank=True)
    failed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=10, choices=Trouble, blank=True)
    troubled_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "state"], condition=models.Q(dropped_at=None), name="one_code_per_state"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_for_chats(self) -> bool:
        return self.kind == self.Kind.CHAT


class CodePlace(models.Model):
    """活码的群: a group in the line of a code. One that has had its turn comes in no more until somebody says so."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="places")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()
    had_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "channel"], name="once_in_line")]

    def __str__(self) -> str:
        return f"{self.code_id} {self.place}"


class CodeTurn(models.Model):
    """活码轮换: who or what was behind a code before and after, since when and why; `by` is nobody where it went by
    itself."""

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="turns")
    at = models.DateTimeField()
    before = models.JSONField(default=list)
    after = models.JSONField(default=list)
    why = models.CharField(max_length=8)
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    sending = models.ForeignKey(Sending, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.code_id} {self.why}"
