from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community


class State(models.TextChoices):
    """What became of something that waits for a person."""

    WAITING = "waiting", _("待处理")
    DONE = "done", _("已完成")
    DROPPED = "dropped", _("已取消")


class Draft(models.Model):
    """草稿帖: words for a community that wait for a person to send them. `cause` says what wrote it (`run:12`),
    `key` makes writing it twice the same draft."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20, default="interaction")
    text = models.TextField()
    due_on = models.DateField()
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_draft")]
        indexes = [models.Index(fields=["brand", "state", "due_on"], name="draft_by_day")]

    def __str__(self) -> str:
        return f"draft {self.key}"


class Todo(models.Model):
    """员工待办: one thing a staff member is asked to do by a day. `community` is where, `cause` and `key` as
    for drafts."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_todo")]
        indexes = [models.Index(fields=["brand", "state", "due_on"], name="todo_by_day")]

    def __str__(self) -> str:
        return f"todo {self.key}"
