"""A program that asks the API as a staff member, with some of that person's permissions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client

from qunying.brands.actions import issue_token
from qunying.brands.models import Staff

AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)


def asked(staff: Staff, path: str, *scopes: str) -> Any:
    """The answer to a GET below the staff member's brand."""
    token = issue_token(staff, name="程序", scopes=list(scopes), at=AT)
    address = f"/api/v1/brands/{staff.brand.slug}/{path}"
    return Client().get(address, headers={"Authorization": f"Bearer {token}"})


def told(staff: Staff, path: str, *scopes: str) -> Any:
    return asked(staff, path, *scopes).json()
