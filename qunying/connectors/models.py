from __future__ import annotations

from django.db import models

from qunying.brands.models import Brand, Staff
from qunying.jobs.models import Job


class ImportBatch(models.Model):
    """导入批次: what one import brought in. Its file is kept for a while; that is how long it can be undone."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        UNDONE = "undone"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=400, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    summary = models.JSONField(default=dict)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    keep_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ColumnMapping(models.Model):
    """列对应: what the columns of a kind of table mean, remembered by its header so that it is asked only once."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="column_mappings")
    header = models.CharField(max_length=64)
    format = models.CharField(max_length=40)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "header"], name="one_mapping_per_header")]

    def __str__(self) -> str:
        return f"{self.format} {self.header[:8]}"
