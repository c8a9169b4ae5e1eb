from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import ApiToken, Brand, Staff
from qunying.communities.models import Channel, Community
from qunying.connectors.models.codes import Code, CodePlace, CodeTurn
from qunying.connectors.models.tags import TagBond, TagStep, TagSync, TagTie
from qunying.jobs.models import Job
from qunying.outbox.models import Sending

__all__ = [
    "IDLE",
    "LONGEST",
    "Code",
    "CodePlace",
    "CodeTurn",
    "ColumnMapping",
    "Connection",
    "DailyPush",
    "ImportBatch",
    "Inbound",
    "Note",
    "PushPiece",
    "PushSession",
    "Seat",
    "TagBond",
    "TagStep",
    "TagSync",
    "TagTie",
    "Welcome",
]

IDLE = dt.timedelta(minutes=10)
"""After so long without a piece what was pushed is imported; ChatLab's protocol knows no last piece."""
LONGEST = dt.timedelta(hours=1)
"""So long after the first piece it is imported although more keeps coming."""


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


class PushSession(models.Model):
    """推送会话: one chat whose history a program pushes piece by piece, under a name the program chose.

    What comes lies in `folder` ("" for nowhere) until it is imported as one batch; then the next piece begins anew.
    `size` and `seen` say how much of the folder's files counts, so that a piece that broke off leaves nothing;
    `parts` where each piece lies, the times of its messages and whether it brought members; `refusal` why the last
    pieces were thrown away instead. `total`, `first` and `last` (seconds) are of what was imported.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="push_sessions")
    name = models.CharField(max_length=128)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.ForeignKey(ApiToken, null=True, on_delete=models.SET_NULL, related_name="+")
    community = models.ForeignKey(Community, null=True, on_delete=models.SET_NULL, related_name="+")
    meta = models.JSONField(default=dict)
    folder = models.CharField(max_length=22, blank=True)
    size = models.BigIntegerField(default=0)
    seen = models.PositiveBigIntegerField(default=0)
    parts = models.JSONField(default=list)
    taken = models.PositiveBigIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    total = models.PositiveBigIntegerField(default=0)
    first = models.BigIntegerField(null=True)
    last = models.BigIntegerField(null=True)
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+")
    refusal = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_push_session")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether pieces wait to be imported."""
        return self.folder != ""

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """The earliest and latest time of what was imported and of what waits."""
        spans = [(self.first, self.last), *((first, last) for first, _start, _size, last, _has in self.parts)]
        known = [(first, last) for first, last in spans if last is not None]
        return min((first for first, _last in known), default=None), max(
            (last for _first, last in known), default=None
        )

    @property
    def imports_at(self) -> dt.datetime | None:
        """When the waiting pieces are imported if no more come and nobody asks for it earlier."""
        if self.heard_at is None or self.opened_at is None:
            return None
        return min(self.heard_at + IDLE, self.opened_at + LONGEST)


class PushPiece(models.Model):
    """推送批次: one request of a push session that named itself, and what was answered, so that it is told again."""

    session = models.ForeignKey(PushSession, on_delete=models.CASCADE, related_name="pieces")
    key = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)
    answer = models.JSONField(default=dict)
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="one_piece_per_key")]

    def __str__(self) -> str:
        return self.key


class Connection(models.Model):
    """平台接入: one account of a platform through which a brand hears and speaks.

    `account` is the platform's own id of the bot or corporation, `settings` what may be shown, `secrets` the rest,
    sealed. `hook` is the unguessable part of its address for incoming requests, `position` where asking goes on.
    """

    class State(models.TextChoices):
        ON = "on"
        PAUSED = "paused"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="connections")
    connector = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    account = models.CharField(max_length=120)
    settings = models.JSONField(default=dict)
    secrets = models.BinaryField(default=bytes)
    hook = models.CharField(max_length=43, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.ON)
    position = models.CharField(max_length=200, blank=True)
    heard_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "connector", "account"], name="one_connection_per_account"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.state == self.State.ON


class Inbound(models.Model):
    """原始数据: one payload as a platform sent it, sealed; stored before it is acknowledged, read afterwards.

    `delivery` is a keyed hash of how the platform names the delivery, so a repeat is stored once. HELD ones speak of a
    group (`platform`, `chat`, `chat_name`) that belongs to no community yet, POISON ones could not be read; both can be
    run again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        DONE = "done", _("已读取")
        HELD = "held", _("待归入社群")
        POISON = "poison", _("无法读取")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="inbound")
    delivery = models.BinaryField(max_length=16)
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    platform = models.CharField(max_length=30, blank=True)
    chat = models.CharField(max_length=200, blank=True)
    chat_name = models.CharField(max_length=200, blank=True)
    facts = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "delivery"], name="delivery_once")]
        indexes = [
            models.Index(fields=["connection", "state", "id"], name="inbound_in_line"),
            models.Index(fields=["brand", "received_at"], name="inbound_by_age"),
        ]

    def __str__(self) -> str:
        return f"inbound {self.pk} {self.state}"


class Welcome(models.Model):
    """欢迎语: what a new friend is told at once, by the code he came by (`way`); "" for everybody else."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="welcomes")
    way = models.CharField(max_length=30, blank=True)
    text = models.TextField()
    is_on = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "way"], name="one_welcome_per_way")]

    def __str__(self) -> str:
        return self.text[:30]


class Note(models.Model):
    """接入备忘: what a connector wrote down for itself, sealed: who was in a group when it last looked, what to look at
    next."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="notes")
    key = models.CharField(max_length=200)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="one_note")]

    def __str__(self) -> str:
        return f"note {self.key}"


class Seat(models.Model):
    """接入的群: a channel in which a connection hears or speaks; of several the first that is on speaks. `backup` is
    asked when the one who has to tap does not for a day."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="seats")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="seats")
    heard_at = models.DateTimeField(null=True)
    backup = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "channel"], name="one_seat")]

    def __str__(self) -> str:
        return f"{self.connection_id} in {self.channel_id}"


def every_day() -> list[int]:
    return [*range(7)]


class DailyPush(models.Model):
    """日报推送: the hour, on the brand's clock, at which the daily report goes to a group of staff on these days of the
    week (0 is Monday), and how it went last.

    `community` is the one the group belonged to when somebody said that only staff are in it; a group that has moved
    since gets nothing. `pushed_on` is the brand's day on which it last went by itself: once a day, whatever happens.
    `failure` says why it does not go.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="daily_push")
    is_on = models.BooleanField(default=False)
    hour = models.PositiveSmallIntegerField(default=9)
    weekdays = models.JSONField(default=every_day)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL)
    community = models.ForeignKey(Community, null=True, on_delete=models.SET_NULL)
    pushed_on = models.DateField(null=True)
    sending = models.ForeignKey(Sending, null=True, on_delete=models.SET_NULL)
    failure = models.JSONField(null=True)
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.hour}:00 {self.channel or '—'}"

    def is_due(self, now: dt.datetime) -> bool:
        """Whether it should go by itself now: later the same day too, as after a night without power, not on another.
        An hour that the clock skips comes with the next."""
        local = now.astimezone(self.brand.clock.zone)
        if not self.is_on or local.hour < self.hour or local.weekday() not in self.weekdays:
            return False
        return self.pushed_on is None or self.pushed_on < local.date()
