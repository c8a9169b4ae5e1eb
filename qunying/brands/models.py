from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from qunying.brands.roles import BY_KEY, CHOICES
from qunying.kit import days


def fresh_key() -> bytes:
    return secrets.token_bytes(32)


class Brand(models.Model):
    """品牌: the tenant. Every other row belongs to exactly one.

    `key` keys the natural keys of facts, so equal messages of two brands never look equal. `next_bit` is the next
    position in the brand's sets of members, `next_membership_bit` in its sets of memberships; neither is ever reused.
    `columns` names the version of what sets are joined with (community, cohort, merges, exclusions); each change of
    those gives it a fresh random value.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=60, default="Asia/Shanghai")
    key = models.BinaryField(max_length=32, default=fresh_key)
    is_demo = models.BooleanField(default=False)
    next_bit = models.PositiveIntegerField(default=0)
    next_membership_bit = models.PositiveIntegerField(default=0)
    columns = models.PositiveBigIntegerField(default=0)
    preferences = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def clock(self) -> days.Clock:
        return days.clock(self.zone)

    def today(self, at: dt.datetime) -> int:
        """The brand's local day of a moment, as a number."""
        return self.clock.day(days.utc_ms(at))


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(login=username)


class Account(AbstractBaseUser):
    """登录账号: how a person signs in; what the person may do hangs on Staff, per brand."""

    login = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[AccountManager] = AccountManager()
    USERNAME_FIELD = "login"

    def __str__(self) -> str:
        return self.name or self.login


class Staff(models.Model):
    """员工: one account's role in one brand. `reach` lists the communities in scope; null means all of them. `left_at`
    is since when somebody is no longer active.

    `held_to` are the permissions of the token by which somebody comes, None for who signed in. Never stored."""

    held_to: Collection[str] | None = None
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="staff")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="staff")
    role = models.CharField(max_length=20, choices=CHOICES)
    reach = models.JSONField(null=True, default=None)
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "account"], name="one_role_per_brand")]

    def __str__(self) -> str:
        return f"{self.account} · {self.role_label}"

    @property
    def name(self) -> str:
        return str(self.account)

    @property
    def role_label(self) -> str:
        return str(BY_KEY[self.role].label)

    def may(self, permission: str) -> bool:
        """Default deny: an inactive or unknown role may do nothing."""
        role = BY_KEY.get(self.role)
        if self.held_to is not None and permission not in self.held_to:
            return False
        return self.is_active and role is not None and permission in role.may

    def reaches(self, community: int) -> bool:
        return self.reach is None or community in self.reach


class AuditEntry(models.Model):
    """操作日志: who changed what, before and after; each entry seals the one before it.

    The seal covers the `digest` of before and after, not their words, so that the words can be blacked out when a
    person they name is erased (`blacked_at`); the `salt` goes with them, or short words could be guessed from the
    digest. Entries from before there were digests have neither, and their seal covers the words."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="audit")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    who = models.CharField(max_length=80)
    deed = models.CharField(max_length=60)
    about = models.CharField(max_length=120)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    digest = models.BinaryField(max_length=32, null=True)
    blacked_at = models.DateTimeField(null=True)
    seal = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "number"], name="audit_in_order")]

    def __str__(self) -> str:
        return f"{self.number} {self.deed}"


class ApiToken(models.Model):
    """API 令牌: lets a program act as one staff member within listed permissions; only its hash is kept."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def may(self, permission: str) -> bool:
        return self.revoked_at is None and permission in self.scopes and self.staff.may(permission)
