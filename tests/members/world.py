"""People of a brand with accounts, and the words they are asked with."""

from __future__ import annotations

import datetime as dt

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand, Staff
from qunying.members.actions import Account, give_consent, meet, opt_out, write_consent_text
from qunying.members.models import ConsentText, Member, OptOut, Purpose, Via

AT = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
WORDS = "我同意茶铺向我发送活动与优惠消息。"


def people(brand: Brand, *names: str, phones: dict[str, str] | None = None) -> list[Member]:
    """One member for each name, with a WeCom account `wm-NAME` and perhaps a phone among the attributes."""
    told = phones or {}
    accounts = [
        Account(
            "wecom.external_userid",
            "",
            f"wm-{name}",
            name,
            attributes=(("phone", told[name]),) if name in told else (),
        )
        for name in names
    ]
    homes = meet(brand, accounts, batch=None, at=AT)
    return [Member.objects.select_related("brand").get(pk=homes[account.key]) for account in accounts]


def a_brand(slug: str = "tea") -> Brand:
    return open_brand("茶", at=AT, slug=slug)


def a_text(brand: Brand, words: str = WORDS, purpose: str = Purpose.MARKETING) -> ConsentText:
    return write_consent_text(brand, purpose=purpose, words=words, at=AT, by=None)


def agree(member: Member, *, on: dt.datetime = AT, purpose: str = Purpose.MARKETING) -> None:
    """The person says yes to marketing on a page."""
    give_consent(member, text=a_text(member.brand, purpose=purpose), via=Via.PAGE, said_at=on, at=on)


def an_opt_out(by: Staff, member: Member) -> int:
    """What the matrix of all routes needs: the person's standing entry on the list, made when asked for."""
    opt_out(member, reason="来电要求", via=Via.STAFF, at=AT, by=by)
    return int(OptOut.objects.get(member=member, ended_at=None).pk)
