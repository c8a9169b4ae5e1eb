from __future__ import annotations

from django.db import models

from qunying.brands.models import Brand
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
