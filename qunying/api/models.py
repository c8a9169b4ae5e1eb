from __future__ import annotations

from django.db import models

from qunying.brands.models import ApiToken


class Window(models.Model):
    """调用窗口: how often a token was used in one minute; kept in the database because several processes serve."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    minute = models.BigIntegerField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "minute"], name="one_window_per_minute")]

    def __str__(self) -> str:
        return f"{self.token_id} at {self.minute}: {self.used}"
