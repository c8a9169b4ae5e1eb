from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Channel, Community
from qunying.members.consent import Why
from qunying.members.models import Member


class State(models.TextChoices):
    """What became of something that waits for a person."""

    WAITING = "waiting", _("待处理")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没做成")
    DROPPED = "dropped", _("已取消")


class Draft(models.Model):
    """草稿帖: words for a community that wait for a person to send them. `cause` says what wrote it (`run:12`),
    `key` makes writing it twice the same draft. `reason` is why it could not be done."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20, default="interaction")
    text = models.TextField()
    due_on = models.DateField()
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_draft")]
        indexes = [models.Index(fields=["brand", "state", "due_on"], name="draft_by_day")]

    def __str__(self) -> str:
        return f"draft {self.key}"


class Todo(models.Model):
    """员工待办: one thing a staff member is asked to do by a day. `community` is where, `sending` what is to be
    carried out by hand or looked after, `cause`, `key` and `reason` as for drafts."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    sending = models.ForeignKey("Sending", null=True, on_delete=models.CASCADE, related_name="todos")
    text = models.TextField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_todo")]
        indexes = [models.Index(fields=["brand", "state", "due_on"], name="todo_by_day")]

    def __str__(self) -> str:
        return f"todo {self.key}"


class Evidence(models.Model):
    """完成截图: the picture that shows that a to-do or draft was done by hand; the latest of each counts. The file
    lies under QUNYING_HOME/evidence as `name`; `digest` finds the same picture handed in twice."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    todo = models.OneToOneField(Todo, null=True, on_delete=models.CASCADE, related_name="evidence")
    draft = models.OneToOneField(Draft, null=True, on_delete=models.CASCADE, related_name="evidence")
    name = models.CharField(max_length=40, unique=True)
    form = models.CharField(max_length=5)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(todo=None, draft__isnull=False) | models.Q(todo__isnull=False, draft=None),
                name="evidence_of_one",
            )
        ]
        indexes = [models.Index(fields=["brand", "digest"], name="evidence_again")]

    def __str__(self) -> str:
        return f"evidence {self.name}"


class Sampling(models.Model):
    """抽查: some of the tasks that were finished from `first` to `last`, drawn by `seed`: the same again draws the
    same. `community` is None for the whole brand, `total` how many there were to draw from."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    first = models.DateField()
    last = models.DateField()
    size = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=40)
    total = models.PositiveIntegerField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sampling {self.seed}"


class Sample(models.Model):
    """抽中的待办: one task of a sampling and what the supervisor found; `reason` says why it is not as it should be."""

    class Verdict(models.TextChoices):
        OPEN = "", _("还没看")
        GOOD = "good", _("合格")
        BAD = "bad", _("不合格")

    sampling = models.ForeignKey(Sampling, on_delete=models.CASCADE, related_name="samples")
    todo = models.ForeignKey(Todo, null=True, on_delete=models.CASCADE, related_name="+")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sampling", "todo"], name="todo_drawn_once"),
            models.UniqueConstraint(fields=["sampling", "draft"], name="draft_drawn_once"),
            models.CheckConstraint(
                condition=models.Q(todo=None, draft__isnull=False) | models.Q(todo__isnull=False, draft=None),
                name="sample_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"sample {self.verdict}"


class Sending(models.Model):
    """外发: one thing to do on a platform, and what became of it. Written in the transaction of the deed that wants it,
    so it is there if and only if that deed is.

    `op` is the verb (`message.create` …), `target` the platform's id of whom or what it is about, `params` the
    rest; `key` makes ordering it twice the same. `wire` is the idempotency key the platform sees. All times are on
    the database's clock. `left_at` is set just before a request goes out: without it a dead worker's lease proves
    that nothing left. `tally` says how far those have come who have to tap (see Outcome). `fence` grows with every
    lease, so a late worker cannot conclude what another has taken over. `reader` is the permission that it takes,
    together with the whole brand in reach, to see it; "" for whoever has its community. `keeps_quiet` says that it does
    not leave in quiet hours.
    """

    class State(models.TextChoices):
        APPROVAL = "approval", _("待审批")
        QUEUED = "queued", _("排队中")
        LEASED = "leased", _("发送中")
        SENT = "sent", _("已送达平台")
        ACCEPTED = "accepted", _("平台已受理")
        PENDING = "pending", _("待员工操作")
        REJECTED = "rejected", _("被平台拒绝")
        UNSUPPORTED = "unsupported", _("平台不支持")
        UNKNOWN = "unknown", _("结果未知")
        DEAD = "dead", _("多次失败")
        EXPIRED = "expired", _("已过期")
        CALLED_OFF = "called_off", _("已取消")
        REFUSED = "refused", _("未获同意，不发")

    class Fallback(models.TextChoices):
        TASK = "task", _("转为员工待办")
        SKIP = "skip", _("跳过")
        FAIL = "fail", _("记为失败")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    op = models.CharField(max_length=40)
    target = models.CharField(max_length=200, blank=True)
    params = models.JSONField(default=dict)
    is_unsolicited = models.BooleanField(default=True)
    keeps_quiet = models.BooleanField(default=False)
    on_unsupported = models.CharField(max_length=10, choices=Fallback, default=Fallback.TASK)
    reader = models.CharField(max_length=40, blank=True)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    approvals = models.PositiveSmallIntegerField(default=0)
    approved_by = models.JSONField(default=list)
    not_before = models.DateTimeField()
    retry_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    ids = models.JSONField(default=list)
    handle = models.CharField(max_length=200, blank=True)
    who = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=300, blank=True)
    tally = models.JSONField(default=dict)
    concluded_at = models.DateTimeField(null=True)
    wire = models.CharField(max_length=32, unique=True)
    cause = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=80)
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_sending")]
        indexes = [
            models.Index(fields=["state", "not_before"], name="sending_due"),
            models.Index(fields=["brand", "-id"], name="sending_of_brand"),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.key} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN_STATES

    @property
    def is_tappable(self) -> bool:
        """Whether it waits for employees to tap, and the platform knows it by a name."""
        return self.state == self.State.PENDING and bool(self.handle)

    @property
    def pictures(self) -> list[int]:
        """The numbers of its pictures, in their order."""
        return list(self.params.get("pictures") or ())

    @property
    def is_missed(self) -> bool:
        """Whether it never left, and is too late now."""
        return self.state == self.State.EXPIRED and self.left_at is None

    def is_for(self, staff: Staff) -> bool:
        """Whether the staff member, whose community it is, may read it."""
        return not self.reader or (staff.reach is None and staff.may(self.reader))


STANDING = ("approval", "queued", "leased", "expired")
"""States in which an alarm stands: it has not left, and nobody has said that it need not."""
OPEN_STATES = ("approval", "queued", "leased", "accepted", "pending", "unknown")


class Picture(models.Model):
    """配图: a picture that goes out with messages, kept once however often it is handed in. The file lies under
    QUNYING_HOME/pictures as `name`. A sending names its pictures by number in `params["pictures"]`, in their order;
    whoever handed one in may put it into a message. `used_at` is when it last goes out, None as long as it stands in no
    message."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    name = models.CharField(max_length=40, unique=True)
    form = models.CharField(max_length=5)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    handed_in_by = models.ManyToManyField(Staff, related_name="+")
    at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "digest"], name="one_picture")]

    def __str__(self) -> str:
        return f"picture {self.name}"


class Alarm(models.Model):
    """应发未发: that a sending had not left although its time had come. Each sending has at most one, for good; it
    stands until the sending has left or is cancelled. `why` and `details` (see `late`) say what kept it when last
    looked at, `due_at` when it should have left. `told_at` is when the group of staff was told, or would have been."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    sending = models.OneToOneField(Sending, on_delete=models.CASCADE, related_name="alarm")
    due_at = models.DateTimeField()
    why = models.CharField(max_length=20)
    details = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["brand"], condition=models.Q(told_at=None), name="alarm_untold"),
        ]

    def __str__(self) -> str:
        return f"alarm {self.why}"


class Receiver(models.Model):
    """接收人: one person a sending is for; what goes to a group has none. `account` is the platform's name of them,
    `refused` why they get nothing although the sending may leave for others. Without a member nobody knows any more who
    it was, so nobody may write to them."""

    sending = models.ForeignKey(Sending, on_delete=models.CASCADE, related_name="receivers")
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    account = models.CharField(max_length=200)
    refused = models.CharField(max_length=12, choices=Why, blank=True)

    def __str__(self) -> str:
        return f"receiver of {self.sending_id}"


class Reminder(models.Model):
    """提醒: that whoever has to do something was reminded of it: by a colleague, or by itself at a `point` (`before` or
    `after` its time) once. `sending` is what told the group of staff, if there is one."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    todo = models.ForeignKey(Todo, null=True, on_delete=models.CASCADE, related_name="reminders")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="reminders")
    point = models.CharField(max_length=40)
    sending = models.ForeignKey(Sending, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["todo", "point"], name="one_reminder_of_todo"),
            models.UniqueConstraint(fields=["draft", "point"], name="one_reminder_of_draft"),
            models.CheckConstraint(
                condition=models.Q(todo=None, draft__isnull=False) | models.Q(todo__isnull=False, draft=None),
                name="reminder_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"reminder {self.point}"


class Stop(models.Model):
    """一键停发: while it stands nothing leaves for the community, or for the whole brand where it names none. A second
    person lifts it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="stops")
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    reason = models.CharField(max_length=200)
    stopped_by = models.ForeignKey(Staff, on_delete=models.RESTRICT, related_name="+")
    stopped_at = models.DateTimeField()
    resumed_by = models.ForeignKey(Staff, null=True, on_delete=models.RESTRICT, related_name="+")
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand"],
                condition=models.Q(resumed_at=None, community=None),
                name="one_stop_of_brand",
            ),
            models.UniqueConstraint(
                fields=["community"], condition=models.Q(resumed_at=None), name="one_stop_of_community"
            ),
        ]

    def __str__(self) -> str:
        return f"stop {self.pk}"


class Bucket(models.Model):
    """令牌桶: how many calls are left of one platform limit, refilled as time passes on the database's clock."""

    key = models.CharField(max_length=200, unique=True)
    level = models.FloatField()
    filled_at = models.DateTimeField()
    shut_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.level}"

    def level_at(self, now: dt.datetime, *, size: float, seconds: float) -> float:
        """What is left, refilled evenly since it was last looked at."""
        passed = max(0.0, (now - self.filled_at).total_seconds())
        return min(size, self.level + passed * size / seconds)
