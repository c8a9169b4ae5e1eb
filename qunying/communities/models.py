from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff
from qunying.members.models import Member


class Community(models.Model):
    """社群: a node of the brand's tree. Only leaves have channels and members; regions and chapters hold them together.

    `covered_from`..`covered_to` are the local days for which we have its facts; figures outside are left out. What a
    node leaves open it takes from above: `inherited` holds the nearest ancestor's value of each such setting with that
    ancestor, `is_below_test` whether any ancestor is a test; the app's actions keep both.
    """

    class Level(models.TextChoices):
        REGION = "region", _("区域")
        CHAPTER = "chapter", _("分部")
        COMMUNITY = "community", _("社群")

    class Kind(models.TextChoices):
        INTEREST = "interest", _("兴趣群")
        INDUSTRY = "industry", _("行业群")
        FUNCTION = "function", _("职能群")
        REGION = "region", _("地域群")
        MEMBERS = "members", _("会员群")
        BENEFITS = "benefits", _("福利群")
        INSIDER = "insider", _("内购群")
        FLASH = "flash", _("快闪群")
        CAMP = "camp", _("训练营")
        STORE = "store", _("门店群")
        AFTER_SALE = "after_sale", _("售后群")
        FANS = "fans", _("粉丝群")
        KOC = "koc", _("KOC群")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="communities")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="children"
    )
    level = models.CharField(max_length=10, choices=Level, default=Level.COMMUNITY)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.INTEREST)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200, blank=True)
    persona = models.CharField(max_length=200, blank=True)
    platform = models.CharField(max_length=30, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    labels = models.JSONField(default=list)
    is_test = models.BooleanField(default=False)
    is_below_test = models.BooleanField(default=False)
    inherited = models.JSONField(default=dict)
    sees_speech = models.BooleanField(default=True)
    silent_days = models.PositiveSmallIntegerField(null=True, blank=True)
    covered_from = models.IntegerField(null=True)
    covered_to = models.IntegerField(null=True)
    batch = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_community_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def silence(self) -> int:
        """Days without a message after which a member is silent: its own, else the nearest ancestor's, else its
        kind's."""
        days = self.setting("silent_days")
        return days if isinstance(days, int) else self.usual_silence

    @property
    def usual_silence(self) -> int:
        return SILENT_DAYS.get(self.kind, 14)

    @property
    def promo_limit(self) -> float:
        """The share of promotional posts that its kind bears."""
        return PROMO_LIMITS.get(self.kind, 0.3)

    @property
    def is_excluded(self) -> bool:
        """Whether it counts nowhere: a test itself, or below one."""
        return self.is_test or self.is_below_test

    def setting(self, name: str) -> object:
        """Its own value of an inheritable setting, else the nearest ancestor's; None or "" where nobody sets it."""
        own = getattr(self, name)
        return own if own not in (None, "") else self.inherited.get(name, {}).get("value", own)


INHERITABLE = ("silent_days", "owner", "persona")
"""Settings that a node takes from above where it leaves them open; being a test goes down to all below."""

PROMO_LIMITS = {"benefits": 0.7}
"""domain.md §3, promotional share of content by kind; kinds not named there are warned above 0.3."""

SILENT_DAYS = {"flash": 3, "camp": 3, "benefits": 14, "members": 14, "interest": 14, "industry": 30}
"""domain.md §3, silent stage windows by kind; kinds not named there take 14."""


class Channel(models.Model):
    """群: one group or room on one platform, where a community lives."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="channels")
    platform = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "platform", "key"], name="one_channel")]

    def __str__(self) -> str:
        return self.name or self.key


class JoinSource(models.Model):
    """入群渠道: a named way people came in (扫码, 邀请 …), as the platform words it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_join_source")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """入群记录: a member in a community. After a merge the root's membership of the same community counts for
    both, which is worked out where columns are read (audiences.columns), never stored.

    `cohort_day` is the first day we know of, `cohort_basis` how we know: asserted by a join, seen by a first act, or
    only listed. `first_active_at` and `first_message_day` follow the log.
    """

    class Basis(models.IntegerChoices):
        ASSERTED = 1
        FIRST_FACT = 2
        LISTED = 3

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    bit = models.PositiveIntegerField()
    cohort_day = models.IntegerField(null=True)
    cohort_basis = models.PositiveSmallIntegerField(choices=Basis, default=Basis.LISTED)
    first_active_at = models.BigIntegerField(null=True)
    last_active_at = models.BigIntegerField(null=True)
    first_message_day = models.IntegerField(null=True)
    is_listed = models.BooleanField(default=False)
    listed_by = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20, blank=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "member"], name="one_membership"),
            models.UniqueConstraint(fields=["brand", "bit"], name="one_membership_per_bit"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.community_id}"


class Spell(models.Model):
    """在群时段: one stay of a membership, projected from joins and leaves. `is_left_asserted` tells a leave somebody
    reported from one we only infer."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="spells")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    joined_at = models.BigIntegerField(null=True)
    joined_day = models.IntegerField(null=True)
    left_at = models.BigIntegerField(null=True)
    left_day = models.IntegerField(null=True)
    basis = models.PositiveSmallIntegerField(choices=Membership.Basis)
    is_left_asserted = models.BooleanField(default=False)
    is_removed = models.BooleanField(default=False)
    source = models.ForeignKey(JoinSource, null=True, on_delete=models.SET_NULL)
    inviter = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["brand", "joined_day"], name="spell_by_day")]

    def __str__(self) -> str:
        return f"spell of {self.membership_id}"


class Message(models.Model):
    """消息原文: the text of a message, kept only as long as the brand says. Everything counted comes from facts."""

    brand = models.BigIntegerField()
    community = models.BigIntegerField()
    member = models.BigIntegerField()
    sent_at = models.BigIntegerField()
    day = models.IntegerField()
    key_day = models.IntegerField()
    source_key = models.BinaryField(max_length=16)
    subject = models.BigIntegerField()
    form = models.CharField(max_length=12, default="text")
    text = models.TextField(blank=True)
    version = models.BigIntegerField(default=0)
    keep_from = models.BigIntegerField()
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "key_day", "source_key"], name="message_once")
        ]
        indexes = [models.Index(fields=["brand", "day"], name="message_of_day")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Shift(models.Model):
    """班次: hours of some weekdays (Monday is 0) in which a staff member is on duty, for one community or, where it
    names none, for the whole brand. Times are what the brand's clock reads; a shift that does not end later than it
    starts ends the next day. `from_on`..`until_on` are the days on which it may begin, without an end if that is open.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE, related_name="shifts")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="shifts")
    weekdays = models.JSONField(default=list)
    starts = models.TimeField()
    ends = models.TimeField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["brand", "until_on"], name="shift_of_brand")]

    def __str__(self) -> str:
        return f"shift {self.pk}"

    @property
    def hours(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def crosses_midnight(self) -> bool:
        return self.ends <= self.starts

    def is_valid_on(self, day: dt.date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def begins_on(self, day: dt.date) -> bool:
        return day.weekday() in self.weekdays and self.is_valid_on(day)


class Cover(models.Model):
    """顶班: on one day somebody else holds a shift, or nobody (缺勤) where it names none."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="covers")
    on = models.DateField()
    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shift", "on"], name="one_cover_a_day")]

    def __str__(self) -> str:
        return f"cover of {self.shift_id} on {self.on}"
