"""What the tea brand keeps beside its chats: who is on duty when, what members agreed to, who wants nothing."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands.models import Brand, Staff
from qunying.communities.actions.duty import Plan, add_shift, cover
from qunying.communities.models import Membership
from qunying.members.actions.consenting import give_consent, withdraw_consent, write_consent_text
from qunying.members.actions.opting_out import Unwanted, opt_out_many
from qunying.members.models import ConsentText, Identity, Purpose, Via

DAILY = (0, 1, 2, 3, 4, 5, 6)
SHIFTS = (
    ("", dt.time(9), dt.time(18)),
    ("山茶福利群", dt.time(19), dt.time(22)),
    ("21天早茶打卡营", dt.time(6, 30), dt.time(9)),
    ("杭州湖滨门店群", dt.time(20), dt.time(0, 30)),
)
"""Community ("" for the whole brand), from when until when on every day."""
WEEKS = 8
"""How long before the last day the roster begins."""
WORDS = (
    ("marketing", "我同意山茶通过群和企业微信向我发送新品和优惠消息。"),
    (
        "marketing",
        "我同意山茶通过群和企业微信向我发送新品、优惠和活动消息，每周不超过两条；回复“退订”即可不再接收。",
    ),
    ("profiling", "我同意山茶按我的购买和互动记录推荐茶品；不同意也能照常下单和参加活动。"),
    ("sharing", "我同意山茶把收货信息交给快递公司用于配送，不作他用。"),
    ("sensitive", "我同意山茶保存我的收货地址和联系电话，用于发货和售后。"),
)
EVERY, PEOPLE = 17, 24
"""Of one community every so-manyth person was asked, until there are so many."""
NO_EVERY = 8
"""Every so-manyth of those took it back a week later."""
UNWANTED = 4
STRANGERS = ("13800000001", "13800000002")


@transaction.atomic
def furnish(brand: Brand, *, until: dt.date, at: dt.datetime) -> None:
    """Roster, consents and opt-outs as they stand after `until`; an install without accounts has nobody for the
    roster."""
    by = brand.staff.select_related("account").first()
    if by is not None:
        _plan(brand, until, at, by)
    asked = _asked(brand)
    texts = [
        write_consent_text(brand, purpose=purpose, words=words, at=at, by=by) for purpose, words in WORDS
    ]
    _ask(asked, {Purpose(text.purpose): text for text in texts}, at)
    chosen = [membership.member_id for membership in asked[-UNWANTED:]]
    known = Identity.objects.filter(brand=brand, member__in=chosen).exclude(scheme="name").order_by("pk")
    unwanted = [Unwanted(value) for value in (*known.values_list("value", flat=True), *STRANGERS)]
    opt_out_many(brand, unwanted, reason="来电要求不再联系", via=Via.STAFF, at=at, by=by)


def _plan(brand: Brand, until: dt.date, at: dt.datetime, by: Staff) -> None:
    places = {place.name: place for place in brand.communities.all()}
    first = until - dt.timedelta(weeks=WEEKS)
    saturday = until + dt.timedelta(days=(4 - until.weekday()) % 7 + 1)
    for name, starts, ends in SHIFTS:
        if not name or name in places:
            plan = Plan(places.get(name), by, DAILY, starts, ends, first)
            shift = add_shift(brand, plan=plan, at=at, by=by)
            if not name:
                cover(shift, on=saturday, staff=None, at=at, by=by)


def _asked(brand: Brand) -> list[Membership]:
    """People of the largest community who count, in the order in which they came."""
    places = [place.pk for place in brand.communities.order_by("pk")[:1]]
    rows = Membership.objects.filter(
        community__in=places, member__is_bot=False, member__staff_spans=None, member__merged_into=None
    )
    return list(rows.select_related("member__brand").order_by("bit")[::EVERY][:PEOPLE])


def _ask(asked: list[Membership], texts: dict[Purpose, ConsentText], at: dt.datetime) -> None:
    """Everybody was asked about words from us, each second about what we suggest to them; some say no later."""
    for place, membership in enumerate(asked):
        said_at = at - dt.timedelta(days=2 + len(asked) - place, hours=place % 9)
        for purpose in (Purpose.MARKETING, *((Purpose.PROFILING,) if place % 2 else ())):
            give_consent(membership.member, text=texts[purpose], via=Via.PAGE, said_at=said_at, at=at)
        if place % NO_EVERY == NO_EVERY - 1:
            later = min(said_at + dt.timedelta(days=7), at)
            withdraw_consent(
                membership.member, purpose=Purpose.MARKETING, via=Via.PLATFORM, said_at=later, at=at
            )
