from __future__ import annotations

from django.db import models

from qunying.members.models import Member, Tag
from qunying.outbox.models import Sending


class TagSync(models.Model):
    """标签同步: that a connection's tags and the brand's are kept the same. `written` is the last change here that was
    looked at, `looked_at` when all friends of the account were last looked at, `listed_at` as of when we know all tags
    there are."""

    connection = models.OneToOneField(
        "connectors.Connection", on_delete=models.CASCADE, related_name="tag_sync"
    )
    is_on = models.BooleanField(default=False)
    written = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"tags of {self.connection_id}"


class TagBond(models.Model):
    """标签对应: a tag of the platform (`number` is its own) and ours. One that was deleted there binds nobody."""

    connection = models.ForeignKey(
        "connectors.Connection", on_delete=models.CASCADE, related_name="tag_bonds"
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=100)
    family = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=60)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "number"], name="one_bond_per_tag")]

    def __str__(self) -> str:
        return f"{self.family} {self.name}"


class TagTie(models.Model):
    """成员标签对应: whether the platform has the tag on one account, as last seen at `seen_at` (never: None), by which
    employees of those who are friends; `asked` is what `sending` puts there, `failure` why the last one did not."""

    bond = models.ForeignKey(TagBond, on_delete=models.CASCADE, related_name="ties")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    account = models.CharField(max_length=200)
    is_on = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True)
    holders = models.JSONField(default=list)
    friends = models.JSONField(default=list)
    asked = models.BooleanField(null=True)
    sending = models.ForeignKey(Sending, null=True, on_delete=models.SET_NULL, related_name="+")
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bond", "account"], name="one_tag_tie")]

    def __str__(self) -> str:
        return f"{self.bond_id} {self.account}"


class TagStep(models.Model):
    """标签同步记录: one change carried over, outward or inward. Where both sides had written, `loser` is the one whose
    earlier word did not count."""

    bond = models.ForeignKey(TagBond, on_delete=models.CASCADE, related_name="steps")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    is_outward = models.BooleanField()
    is_on = models.BooleanField()
    writer = models.CharField(max_length=120)
    written_at = models.DateTimeField()
    loser = models.CharField(max_length=120, blank=True)
    lost_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["bond", "-id"], name="steps_of_tag")]

    def __str__(self) -> str:
        return f"{self.bond_id} {self.member_id} {self.is_on}"
