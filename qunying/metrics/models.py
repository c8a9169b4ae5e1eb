from __future__ import annotations

import datetime as dt

from django.db import models

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community


class Reading(models.Model):
    """指标值: one metric of one community (or of the whole brand) on one day; written again when the past changes."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    metric = models.CharField(max_length=40)
    day = models.IntegerField()
    value = models.FloatField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    version = models.PositiveSmallIntegerField(default=1)
    restated_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "community", "metric", "day"], name="one_reading"),
            models.UniqueConstraint(
                fields=["brand", "metric", "day"],
                condition=models.Q(community=None),
                name="one_brand_reading",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} on {self.day}: {self.value}"


class Figure(models.Model):
    """平台数据: a daily number from a platform's back end, shown beside ours with its source and never added to it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    source = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    owner = models.CharField(max_length=80, blank=True)
    day = models.IntegerField()
    value = models.BigIntegerField()
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "community", "source", "name", "owner", "day"], name="one_figure"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.name} on {self.day}"


class Share(models.Model):
    """分享链接: lets whoever holds its token read one report, names masked, until it expires or is revoked. `reach` are
    the communities of a report over several (null: all of them). The token is kept, so the list can show it again."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    reach = models.JSONField(null=True, default=None)
    token = models.CharField(max_length=64, unique=True)
    first = models.IntegerField()
    last = models.IntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"share {self.pk} of {self.first}..{self.last}"

    def is_open(self, at: dt.datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


class Comment(models.Model):
    """报告备注: what a staff member wrote under a report of these days; community null is a report over several."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    first = models.IntegerField()
    last = models.IntegerField()
    author = models.ForeignKey(Staff, on_delete=models.CASCADE)
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["brand", "first", "last"], name="comment_of_report")]

    def __str__(self) -> str:
        return f"comment {self.pk} on {self.first}..{self.last}"
