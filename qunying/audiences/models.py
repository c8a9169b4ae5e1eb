from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community, Membership


class DaySet(models.Model):
    """日集合: who did something on one local day, as a roaring bitmap. Scope 0 holds membership bits, scope 1 member
    bits. Everybody is in: bots, tests and staff are taken out when read."""

    class Scope(models.IntegerChoices):
        MEMBERSHIP = 0
        MEMBER = 1

    class Kind(models.IntegerChoices):
        ACTIVE = 0
        SPEAKERS = 1

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    scope = models.PositiveSmallIntegerField(choices=Scope)
    kind = models.PositiveSmallIntegerField(choices=Kind)
    day = models.IntegerField()
    blob = models.BinaryField()
    crc = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "scope", "kind", "day"], name="one_day_set")]

    def __str__(self) -> str:
        return f"set {self.kind} of {self.day}"


class DayCount(models.Model):
    """日计数: how often each membership did something on one local day, as sorted keys and their counts.

    Keys are membership bits, except for HOURS where they are bit * 24 + local hour.
    """

    class Kind(models.IntegerChoices):
        MESSAGES = 1
        VALID = 2
        REPLIED_TO = 3
        REACTIONS = 4
        HOURS = 5

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    kind = models.PositiveSmallIntegerField(choices=Kind)
    day = models.IntegerField()
    blob = models.BinaryField()
    crc = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "kind", "day"], name="one_day_count")]

    def __str__(self) -> str:
        return f"count {self.kind} of {self.day}"


class Appointment(models.Model):
    """核心成员任命: from when to when a person holds the core stage; the rule only nominates."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="appointments")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return f"appointment of {self.membership_id}"


class Audience(models.Model):
    """人群包: a set of members saved from a number or combined from others; frozen on `as_of_on`."""

    class Origin(models.TextChoices):
        METRIC = "metric", _("来自指标")
        FILTER = "filter", _("来自筛选")
        ALGEBRA = "algebra", _("由人群包组合")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="audiences")
    name = models.CharField(max_length=80)
    origin = models.CharField(max_length=10, choices=Origin)
    rule = models.JSONField(default=dict)
    community = models.ForeignKey(Community, null=True, on_delete=models.SET_NULL)
    blob = models.BinaryField()
    size = models.PositiveIntegerField()
    as_of_on = models.DateField()
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_audience_per_name")]

    def __str__(self) -> str:
        return self.name


class StageSpan(models.Model):
    """阶段区间: a membership's lifecycle stage from one day to another, with the rule that put it there."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="stage_spans", db_index=False
    )  # the constraint's index begins with it
    stage = models.CharField(max_length=12)
    from_day = models.IntegerField()
    until_day = models.IntegerField(null=True)
    rule = models.CharField(max_length=30)
    inputs = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "from_day"], name="one_stage_per_day")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.stage} from {self.from_day}"
