from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Brand, Staff


class Member(models.Model):
    """群成员: one person of a brand. `bit` is the position in the brand's sets and never moves; a merged member
    points to the root; an erased one keeps only its numbers."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="members")
    bit = models.PositiveIntegerField()
    name = models.CharField(max_length=200, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, related_name="merged")
    erased_at = models.DateTimeField(null=True)
    is_bot = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict)
    batch = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "bit"], name="one_member_per_bit")]
        indexes = [models.Index(fields=["brand", "name"], name="member_by_name")]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def is_root(self) -> bool:
        return self.merged_into_id is None


class Identity(models.Model):
    """账号: one platform account; it belongs to its home member for ever, whatever is merged later."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    scheme = models.CharField(max_length=40)
    scope = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=1200)
    """Sealed if it is a phone, mail or the like: `members.sealing`."""
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="identities")
    name = models.CharField(max_length=200, blank=True)
    aliases = models.JSONField(default=list)
    batch = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "scheme", "scope", "value"], name="one_identity")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Telling(models.Model):
    """说法: what one import (0: none) says an account is called and knows of the person; the account shows all of
    them together. One that only `fills` changes nothing that was told before it."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="tellings")
    batch = models.BigIntegerField(default=0)
    fills = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    aliases = models.JSONField(default=list)
    attributes = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "batch", "fills"], name="one_telling_per_import")
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.name}"


class StaffSpan(models.Model):
    """员工任职期: from when to when a member acted for the brand; those days are left out of member figures."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="staff_spans")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    batch = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.member_id} {self.from_on}"


class Tag(models.Model):
    """标签: a word of the brand for its members."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_tag_per_name")]

    def __str__(self) -> str:
        return self.name


class MemberTag(models.Model):
    """成员标签: a tag on a member and where it came from."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="uses")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tags")
    origin = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "member"], name="tag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.member_id}"


class TagWrite(models.Model):
    """标签变更: a tag put on a member or taken off; rows are added and never changed. `origin` says what did it where
    `by` is nobody."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="writes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    origin = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "tag", "at"], name="tag_writes_of_member")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.member_id} {self.is_on}"


class Merge(models.Model):
    """合并: two members known to be one person, with the evidence; can be taken back."""

    root = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="merges")
    evidence = models.CharField(max_length=200)
    score = models.PositiveSmallIntegerField(default=100)
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.member_id} into {self.root_id}"


class Suppression(models.Model):
    """不再导入: salted hash of an erased identity, so that no later file brings the person back. `member` is the
    tombstone whose numbers stand."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    digest = models.BinaryField(max_length=32)
    member = models.ForeignKey(Member, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "digest"], name="suppressed_once")]

    def __str__(self) -> str:
        return f"suppression of {self.member_id}"


class Purpose(models.TextChoices):
    """What people are asked for consent to; each is asked and taken back apart (PIPL 13–17, 23, 24, 28)."""

    MARKETING = "marketing", _("营销消息")
    PROFILING = "profiling", _("个性化推荐与自动化决策")
    SHARING = "sharing", _("向第三方提供个人信息")
    SENSITIVE = "sensitive", _("处理敏感个人信息")


class Via(models.TextChoices):
    """Where a person said yes or no."""

    PLATFORM = "platform", _("平台上")
    IMPORT = "import", _("导入")
    PAGE = "page", _("页面上")
    STAFF = "staff", _("员工代记")


class ConsentText(models.Model):
    """同意文本: the exact words people agree to for one purpose. Other words are a new version; none ever changes."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="consent_texts")
    purpose = models.CharField(max_length=12, choices=Purpose)
    version = models.PositiveIntegerField()
    words = models.TextField()
    created_at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "purpose", "version"], name="one_consent_text_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}"


class Consent(models.Model):
    """授权记录: a person's yes to one version of a text, or their no (`is_given` false), `at` the moment it was said.
    Rows are added and never changed. `member` is the home member it is kept under, `root` the person as whom it was
    said: a yes counts only while both are one person, a no always. `by` is nobody where the person said it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    root = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose)
    is_given = models.BooleanField()
    text = models.ForeignKey(ConsentText, null=True, on_delete=models.RESTRICT, related_name="consents")
    via = models.CharField(max_length=10, choices=Via)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    evidence = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["member", "purpose", "at"], name="consent_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.purpose} {self.is_given}"


class OptOut(models.Model):
    """拒收: an account or phone that gets nothing unsolicited, whatever was agreed to. Kept as a salted hash, so it
    holds for whoever comes with it; `member` is whose it was known to be, `hint` what a mask leaves of it. Taking it
    off the list ends the row."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="opt_outs")
    digest = models.BinaryField(max_length=32)
    hint = models.CharField(max_length=40, blank=True)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="opt_outs")
    reason = models.CharField(max_length=200)
    via = models.CharField(max_length=10, choices=Via)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "digest"],
                condition=models.Q(ended_at__isnull=True),
                name="one_standing_opt_out",
            )
        ]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"
