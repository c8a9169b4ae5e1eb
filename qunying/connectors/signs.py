"""账号健康: what tells an operator early that an account does not hear, does not speak, or is shut out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qunying.communities.models import Spell
from qunying.connectors.abilities import what_of
from qunying.connectors.actions import UNTAPPED
from qunying.connectors.live.connector import Connector, Rate
from qunying.connectors.models import Connection, Inbound
from qunying.members.sealing import Sealing
from qunying.outbox.models import Bucket, Sending

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SLOW_SECONDS = 60
MANY_PERCENT = 10
REFUSED_IN_A_ROW = 3
"""So many refusals after another look like an account that is restricted."""
LOST = (Sending.State.REJECTED, Sending.State.DEAD, Sending.State.UNKNOWN)
OVER = (*LOST, Sending.State.SENT, Sending.State.ACCEPTED)
GOOD, SO_SO, BAD = "ok", "warn", "failed"


@dataclass(frozen=True)
class Sign:
    """One line: what was looked at, how it is (`mark` is the colour of `word`), and what to know or do."""

    label: str
    mark: str
    word: str
    words: str


def signs(row: Connection, kind: Connector, *, now: dt.datetime) -> list[Sign]:
    """Everything we can tell of the account now."""
    channels = list(row.seats.values_list("channel", flat=True))
    found = [_heard(row, now), _lag(row, now), _unread(row, now)]
    if kind.perform is not None:
        found += [_unsent(channels, now), _restricted(channels), *_untapped(channels, now)]
        found += _quotas(row, kind, channels, now)
    return [*found, *_left(row, kind)]


def _sign(label: str, mark: str, words: str) -> Sign:
    word = {GOOD: _("正常"), SO_SO: _("留意"), BAD: _("需处理")}[mark]
    return Sign(label, mark, word, words)


def _heard(row: Connection, now: dt.datetime) -> Sign:
    label = _("最近收到")
    if row.heard_at is None:
        return _sign(label, SO_SO, _("还没有收到过数据"))
    passed = now - row.heard_at
    return _sign(label, SO_SO if passed > DAY else GOOD, _ago(passed))


def _ago(passed: dt.timedelta) -> str:
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 60:
        return _("%(n)s 分钟前") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s 小时前") % {"n": minutes // 60}
    return _("%(n)s 天前") % {"n": minutes // (24 * 60)}


def _lag(row: Connection, now: dt.datetime) -> Sign:
    first = row.inbound.filter(state=Inbound.State.WAITING).order_by("pk").first()
    seconds = int((now - first.received_at).total_seconds()) if first else 0
    words = _("最早一条已排队 %(n)s 秒") % {"n": max(0, seconds)} if first else _("没有积压")
    return _sign(_("读取延迟"), SO_SO if seconds > SLOW_SECONDS else GOOD, words)


def _unread(row: Connection, now: dt.datetime) -> Sign:
    lately = row.inbound.filter(received_at__gte=now - HOUR)
    return _share(_("读取出错"), lately.filter(state=Inbound.State.POISON).count(), lately.count())


def _unsent(channels: list[int], now: dt.datetime) -> Sign:
    lately = Sending.objects.filter(channel__in=channels, concluded_at__gte=now - HOUR, state__in=OVER)
    return _share(_("外发出错"), lately.filter(state__in=LOST).count(), lately.count())


def _share(label: str, bad: int, total: int) -> Sign:
    """The rate of errors in the last hour."""
    words = _("最近一小时 %(bad)s / %(total)s") % {"bad": bad, "total": total}
    return _sign(label, BAD if bad * 100 > total * MANY_PERCENT else GOOD, words)


def _restricted(channels: list[int]) -> Sign:
    last = Sending.objects.filter(channel__in=channels, state__in=OVER).order_by("-concluded_at", "-pk")
    states = list(last.values_list("state", "words", "code")[:REFUSED_IN_A_ROW])
    label = _("账号是否受限")
    if len(states) < REFUSED_IN_A_ROW or any(state != Sending.State.REJECTED for state, *_why in states):
        return _sign(label, GOOD, _("没有连续被平台拒绝"))
    why = states[0][1] or states[0][2]
    words = _("最近 %(n)s 条外发都被平台拒绝（%(why)s），账号可能受限，请登录平台核对")
    return _sign(label, BAD, words % {"n": REFUSED_IN_A_ROW, "why": why})


def _untapped(channels: list[int], now: dt.datetime) -> Iterator[Sign]:
    """Who has had something to tap for more than a day."""
    waiting = Sending.objects.filter(channel__in=channels, state=Sending.State.PENDING)
    late = Counter(waiting.filter(concluded_at__lt=now - UNTAPPED).values_list("who", flat=True))
    for who, count in late.most_common(5):
        words = _("%(who)s 有 %(n)s 条超过 24 小时没有点发送") % {"who": who or _("群主"), "n": count}
        yield _sign(_("员工点发送"), BAD, words)


def _quotas(row: Connection, kind: Connector, channels: list[int], now: dt.datetime) -> Iterator[Sign]:
    """What is left of each limit; of those per group, the one with the least."""
    held = {bucket.key: bucket for bucket in Bucket.objects.filter(key__startswith=f"{row.pk}:")}
    for rate in kind.rates:
        spots = [f"{row.pk}:{channel}" for channel in channels] if rate.per == "group" else [f"{row.pk}"]
        buckets = [held[key] for spot in spots if (key := f"{spot}:{rate.per}:{rate.op}") in held]
        yield _quota(rate, what_of(kind, rate), buckets, now)


def _quota(rate: Rate, what: str, buckets: list[Bucket], now: dt.datetime) -> Sign:
    left = min(
        (bucket.level_at(now, size=rate.size, seconds=rate.seconds) for bucket in buckets), default=rate.size
    )
    is_shut = any(bucket.shut_until and bucket.shut_until > now for bucket in buckets)
    whose = _("每个群") if rate.per == "group" else _("整个账号")
    words = _("%(whose)s每 %(seconds)s 秒 %(size)s 次（%(what)s），现在还剩 %(left)s") % {
        "whose": whose,
        "seconds": f"{rate.seconds:g}",
        "size": f"{rate.size:g}",
        "what": what,
        "left": int(left),
    }
    if is_shut:
        return _sign(_("剩余额度"), SO_SO, words + _("；平台要求暂停片刻"))
    return _sign(_("剩余额度"), SO_SO if left < 1 else GOOD, words)


def _left(row: Connection, kind: Connector) -> Iterator[Sign]:
    """Communities out of which our own account has gone or was taken."""
    ours = Spell.objects.filter(
        brand=row.brand,
        membership__member__identities__value__in={row.account, Sealing(row.brand).account("", row.account)},
        membership__member__identities__scheme__startswith=f"{kind.platform}.",
        membership__community__channels__seats__connection=row,
    )
    latest = {}
    for spell in ours.select_related("membership__community").order_by("joined_at", "pk").distinct():
        latest[spell.membership.community.name] = spell
    gone = [name for name, spell in sorted(latest.items()) if spell.left_at is not None]
    if gone:
        yield _sign(_("账号是否在群"), BAD, _("已退出或被移出：%(names)s") % {"names": "、".join(gone)})
