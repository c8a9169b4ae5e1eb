"""Signatures of standard-webhooks: HMAC-SHA256 over id, time and the very bytes of the body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret as it is copied: whsec_ and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, *, number: str, stamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((number.encode(), str(stamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(secrets_: Iterable[str], *, number: str, stamp: int, body: bytes) -> dict[str, str]:
    """What goes along with a message; one signature for every secret that counts."""
    signatures = [signature(each, number=number, stamp=stamp, body=body) for each in secrets_]
    return {
        "content-type": "application/json",
        "user-agent": "Qunying-Webhooks/1",
        "webhook-id": number,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signatures),
    }
