from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.diagnosis.models import Finding


class Advice(models.Model):
    """建议: a playbook proposed for a finding, ranked; a person accepts it or dismisses it with a reason."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待决定")
        ACCEPTED = "accepted", _("已采纳")
        DISMISSED = "dismissed", _("已忽略")

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="advice")
    playbook = models.CharField(max_length=60)
    rank = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "playbook"], name="advice_once")]

    def __str__(self) -> str:
        return f"{self.playbook} for {self.finding_id}"


class Run(models.Model):
    """执行记录: one playbook carried out in one community. Its steps are rows, so it survives any restart."""

    class State(models.TextChoices):
        RUNNING = "running", _("执行中")
        REVIEWED = "reviewed", _("已复盘")
        STOPPED = "stopped", _("已停止")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="runs")
    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    advice = models.OneToOneField(Advice, null=True, on_delete=models.SET_NULL, related_name="run")
    playbook = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    owner = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    started_on = models.DateField()
    review_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    stopped_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["brand", "state", "review_on"], name="run_by_day")]

    def __str__(self) -> str:
        return f"{self.playbook} from {self.started_on}"


class StepRow(models.Model):
    """执行步骤: one step of a run, due on a day. Once given out, the outbox's to-do or draft says whether it
    is done."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    text = models.TextField()
    content = models.CharField(max_length=20, blank=True)
    due_on = models.DateField()
    todo = models.OneToOneField("outbox.Todo", null=True, on_delete=models.SET_NULL)
    draft = models.OneToOneField("outbox.Draft", null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="steps_in_order")]

    def __str__(self) -> str:
        return f"step {self.number} of {self.run_id}"


class Review(models.Model):
    """复盘: the playbook's metric over the window before the start and over the window after it, without a
    control group, so it tells a direction and not an effect."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="review")
    metric = models.CharField(max_length=40)
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    before_n = models.PositiveIntegerField(default=0)
    after_n = models.PositiveIntegerField(default=0)
    is_share = models.BooleanField(default=False)
    good = models.CharField(max_length=4, default="up")
    reviewed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"review of {self.run_id}"

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def verdict(self) -> str:
        """better | worse | unclear: clear only when the interval of the difference leaves out zero."""
        if self.change is None or self.low is None or self.high is None or self.low <= 0 <= self.high:
            return "unclear"
        return "better" if (self.change > 0) == (self.good == "up") else "worse"
