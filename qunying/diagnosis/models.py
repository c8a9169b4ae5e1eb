from __future__ import annotations

from django.db import models
from django.db.models import Q

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community


class Finding(models.Model):
    """诊断问题: what a detector saw in a community (none: the whole brand), open until the numbers recover.
    Restated from the whole past at each examination; a dismissal stays. `evidence` are the numbers of the last
    day it was seen, `members` membership bits of those it is about."""

    class Severity(models.IntegerChoices):
        MILD = 1
        BAD = 2
        WORSE = 3

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="findings")
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE, related_name="findings")
    detector = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    opened_on = models.DateField()
    last_seen_on = models.DateField()
    closed_on = models.DateField(null=True)
    evidence = models.JSONField(default=dict)
    series = models.JSONField(default=dict)
    members = models.BinaryField()
    size = models.PositiveIntegerField(default=0)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "detector", "community", "subject"],
                condition=Q(closed_on=None),
                name="one_open_finding",
            ),
            models.UniqueConstraint(
                fields=["brand", "detector", "subject"],
                condition=Q(closed_on=None, community=None),
                name="one_open_brand_finding",
            ),
        ]
        indexes = [models.Index(fields=["brand", "-opened_on"], name="finding_of_brand")]

    def __str__(self) -> str:
        return f"{self.detector} from {self.opened_on}"

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @property
    def is_dismissed(self) -> bool:
        return self.dismissed_at is not None
