from __future__ import annotations

from django.db import models

from qunying.brands.models import Brand, Staff


class Job(models.Model):
    """任务: one piece of long work with its progress. `lease_until` is on the database's clock; paused work that still
    has one has a worker that has not noticed yet. `attempts` counts every worker that took it, `resumed` those of them
    that a person asked for."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        PAUSED = "paused"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=40)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    attempts = models.PositiveSmallIntegerField(default=0)
    resumed = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["brand", "-id"], name="job_of_brand")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def tries(self) -> int:
        return self.attempts - self.resumed

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.STOPPED)

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None


class Tick(models.Model):
    """节拍记录: when a declared beat is due again; taking it is one conditional update on the database's clock, so of
    several workers one gets each tick."""

    beat = models.CharField(max_length=60, unique=True)
    due_at = models.DateTimeField()
    taken = models.PositiveBigIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.beat} due {self.due_at}"
