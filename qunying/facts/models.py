from __future__ import annotations

from django.db import models

from qunying.brands.models import Brand


class Fact(models.Model):
    """行为记录: one thing that happened. All numbers; plain integers instead of foreign keys, because a fact outlives
    what it points to. `subject` is the first eight bytes of the natural key of the message it is about. What survives a
    message's text is `value` (its length), `marks` (see facts.marks) and `likeness` (equal for near-equal texts).

    One member's facts are found by day and member together (`log.days_of`): an index by member alone is written all
    over by every import and takes most of its time."""

    brand = models.BigIntegerField()
    community = models.BigIntegerField(null=True)
    channel = models.BigIntegerField(null=True)
    member = models.BigIntegerField(null=True)
    other = models.BigIntegerField(null=True)
    kind = models.SmallIntegerField()
    happened_at = models.BigIntegerField()
    day = models.IntegerField()
    subject = models.BigIntegerField(null=True)
    value = models.BigIntegerField(default=1)
    marks = models.SmallIntegerField(default=0)
    likeness = models.BigIntegerField(null=True)
    key_day = models.IntegerField()
    source_key = models.BinaryField(max_length=16)
    batch = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=40, null=True)
    data = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key_day", "source_key"], name="fact_once")]
        indexes = [
            models.Index(fields=["brand", "day", "member"], name="fact_of_day"),
            models.Index(fields=["brand", "subject"], condition=models.Q(kind=3), name="fact_recalls"),
            models.Index(
                fields=["brand", "member"], condition=models.Q(kind__in=[6, 7, 8]), name="fact_moves"
            ),
        ]

    def __str__(self) -> str:
        return f"fact {self.pk} kind {self.kind}"


class Cursor(models.Model):
    """进度: how far one projector has read one brand's log. A batch and its cursor move in one transaction."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    projector = models.CharField(max_length=40)
    position = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "projector"], name="one_cursor")]

    def __str__(self) -> str:
        return f"{self.projector} at {self.position}"


class Segment(models.Model):
    """封存段: a run of facts of one batch sealed by a hash that covers the segment before. Withdrawing a batch
    keeps the segment and says that its rows must be absent."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    number = models.PositiveBigIntegerField()
    batch = models.BigIntegerField(null=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    seal = models.BinaryField(max_length=32)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "number"], name="segments_in_order")]

    def __str__(self) -> str:
        return f"segment {self.number}"
