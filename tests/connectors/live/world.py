"""A brand with a connected Telegram bot, and words from its group."""

from __future__ import annotations

import datetime as dt

import msgspec

from qunying.brands import actions as brands
from qunying.brands.models import Account, Brand, Staff
from qunying.connectors.actions import connect
from qunying.connectors.live.telegram import secret
from qunying.connectors.models import Connection

AT = dt.datetime(2025, 3, 1, 0, 0, tzinfo=dt.UTC)
NOW = 1_740_787_200
GROUP = -1001900000001


def open_brand(slug: str = "tea") -> tuple[Brand, Staff]:
    account = Account.objects.filter(login="chief").first() or brands.open_account(
        "chief", password="a long enough word", at=AT
    )
    brand = brands.open_brand("茶", at=AT, slug=slug)
    brand.preferences = {"quiet_from": 0, "quiet_to": 0}  # tests run at night too
    brand.save(update_fields=["preferences"])
    return brand, brands.appoint(brand, account=account, role="owner", at=AT, by=None)


def telegram(brand: Brand, by: Staff, *, token: str = "99:a-secret-of-the-bot") -> Connection:
    return connect(brand, connector_key="telegram", name="茶友机器人", keys={"token": token}, at=AT, by=by)


def said(
    text: str, *, number: int = 1, who: int = 7001, at: int = NOW, chat: int = GROUP, **more: object
) -> bytes:
    """One update with a message."""
    message = {
        "message_id": number,
        "date": at,
        "chat": {"id": chat, "type": "supergroup", "title": "茶友福利群"},
        "from": {"id": who, "is_bot": False, "first_name": f"群友{who}"},
        "text": text,
        **more,
    }
    return msgspec.json.encode({"update_id": number, "message": message})


def signed(connection: Connection) -> dict[str, str]:
    return {"X-Telegram-Bot-Api-Secret-Token": secret(connection.hook)}
