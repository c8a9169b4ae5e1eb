from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand


class Webhook(models.Model):
    """推送地址: a program outside that is told what happens, and of what.

    `secrets` holds the sealed signing secrets: the one that stands, and those before while they still count. While
    nobody could be reached for long, or the other side said it is gone, it is off with a `reason`; what happens
    meanwhile waits. `rest_until` leaves a target alone that does not answer, so that it holds up nobody else.
    """

    class State(models.TextChoices):
        ON = "on", _("正常推送")
        PAUSED = "paused", _("已暂停")
        OFF = "off", _("已停用")

    class Reason(models.TextChoices):
        GONE = "gone", _("对方回答 410，表示这个地址不再接收")
        FAILING = "failing", _("连续三天没有一次推送成功")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    secrets = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.ON)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "url"], name="one_webhook_per_address")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.state == self.State.ON

    def is_failing_for(self, long: dt.timedelta, *, now: dt.datetime) -> bool:
        return self.failing_since is not None and now - self.failing_since >= long


class Delivery(models.Model):
    """推送记录: one message to one webhook, written in the transaction of what it tells of.

    `number` is the webhook-id the receiver sees: every try and every resend carries the same, so it can tell a repeat.
    `key` makes telling it twice the same delivery; `body` are the very bytes that are signed and sent. All times are
    on the database's clock; `fence` grows with every lease, so a late courier cannot conclude what another has taken
    over. `member` is whom it names, so that an erasure finds it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待推送")
        LEASED = "leased", _("推送中")
        DELIVERED = "delivered", _("对方已收到")
        FAILED = "failed", _("多次失败，已放弃")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    number = models.CharField(max_length=40, unique=True)
    body = models.TextField()
    member = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    failure = models.JSONField(null=True)
    created_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "key"], name="told_once")]
        indexes = [
            models.Index(fields=["webhook", "state", "due_at"], name="delivery_due"),
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["created_at"], name="delivery_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {self.state}"
