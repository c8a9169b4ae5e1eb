"""Any program that can sign an HTTP request: rows of the ingest API, signed as standard-webhooks does (id, time and raw
body under HMAC-SHA256), each stored before the request is answered."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from qunying.connectors.incoming import Entry
from qunying.connectors.live.connector import (
    Ability,
    Check,
    Connector,
    Fallback,
    Field,
    Heard,
    Knock,
    Means,
    Payload,
    Unsigned,
)
from qunying.connectors.live.wire import Keys, Wire
from qunying.connectors.rows import decode_row, entries

TOLERANCE_SECONDS = 300
OVERLAP_MS = 24 * 3600 * 1000
"""How long the secret before still counts after it was changed."""
LONGEST_HEADER = 2000
PREFIX = "whsec_"


def decode(body: bytes, _heard_at: int) -> Iterator[Entry]:
    """The entries of one row."""
    yield from entries([(0, decode_row(body))])


def hook(keys: Keys, knock: Knock) -> Heard:
    """Every line of a signed request. The signature is checked over the bytes as they came, before they are read."""
    number, stamp, given = (
        knock.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not number or not given or max(len(number), len(stamp), len(given)) > LONGEST_HEADER:
        raise Unsigned("connectors.bad_signature")
    if not stamp.isascii() or not stamp.isdigit() or abs(knock.at / 1000 - int(stamp)) > TOLERANCE_SECONDS:
        raise Unsigned("connectors.stale", seconds=TOLERANCE_SECONDS)
    signed = b".".join((number.encode(), stamp.encode(), knock.body))
    good = [
        base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)) for secret in _secrets(keys, knock.at)
    ]
    offered = [part.partition(",")[2].encode() for part in given.split(" ") if part.startswith("v1,")]
    matches = [hmac.compare_digest(ours, theirs) for ours in good for theirs in offered]
    if not any(matches):
        raise Unsigned("connectors.bad_signature")
    rows = [line for line in knock.body.splitlines() if line.strip()]
    return Heard(tuple(Payload(f"{number}|{place}", line) for place, line in enumerate(rows)))


def _secrets(keys: Keys, at: int) -> list[bytes]:
    """The secret, and the one before while it still counts."""
    found = [keys["secret"]]
    if keys.get("old_secret") and at < int(keys.get("changed_at") or 0) + OVERLAP_MS:
        found.append(keys["old_secret"])
    return [secret_bytes(word) for word in found]


def secret_bytes(word: str) -> bytes:
    """The key behind a secret as it is copied, whsec_ and base64."""
    try:
        return base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return word.encode()


def check(_wire: Wire) -> Iterator[Check]:
    """There is nobody to ask: the first signed request shows that it works."""
    yield Check(_("等待第一条数据"), True, _("按文档发送一条签名数据，这里会显示收到的时间。"))


HTTP = Connector(
    key="http",
    label=_("数据接口（签名推送）"),
    platform="http",
    fields=(
        Field("name", _("来源名称"), _("用来区分不同的程序，例如 crm。"), pattern=r"[\w.-]{1,60}"),
        Field(
            "secret",
            _("签名密钥"),
            _("以 whsec_ 开头的密钥，至少 24 字节。"),
            is_secret=True,
            pattern=r"whsec_[A-Za-z0-9+/]{32,120}={0,2}",
        ),
    ),
    abilities={
        "hear.messages": Ability(Means.DIRECT, _("程序推送什么就能看到什么")),
        "message.picture": Ability(
            Means.NONE, _("程序只推送、不接收，图片和文字都由员工手动发"), Fallback.TASK
        ),
    },
    hosts=(),
    account=lambda keys: keys["name"],
    decode=decode,
    check=check,
    hook=hook,
)
