"""What staff post: the same again and again, what nobody answers, too much selling; and a community that never says
what it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _

from qunying.communities.fact_kinds import REACTED, SENT
from qunying.diagnosis import chance
from qunying.diagnosis.chance import LEVEL
from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, back_below, graded
from qunying.diagnosis.place import Acts, Floats, Ints, Mask, Place
from qunying.kit.days import HOUR_MS

WEEK, MONTH = 7, 28
REMEMBERED = 14
"""Days within which members notice that a post comes again."""
LEAST_POSTS = 7
"""domain.md §3: a share of posts is judged from seven items on."""
LEAST_LETTERS = 4
FEW = 30
RESPONSE = 24 * HOUR_MS
"""Within which a post is answered, if at all."""
SELLING = re.compile(
    r"限时|限量抢|秒杀|特价|特惠|清仓|立减|直降|半价|\d折|[一二三四五六七八九]折|满\d+(?:元)?减|买\w?[赠送]|优惠|券后|领券|包邮|下单|抢购"
    r"|团购|拼团|到手价|专享价|会员专享|预售|加购|赠[^送]|送完为止|截止抢|扫码购|戳链接|点击购买|返现|红包雨"
    r"|(?:taobao|tmall|jd|pinduoduo|yangkeduo|youzan|weidian)\.com|#小程序://"
    r"|\b(?:sale|discount|coupon|promo(?:tion)?|\d+% off|buy now|order now|free shipping|limited offer)\b",
    re.IGNORECASE,
)
"""Words and shop links of selling in general use; they only tell which posts sell."""


def posts_repeated(place: Place) -> list[Trace]:
    """Far more of a week's staff posts than usual are ones staff had posted within the two weeks before."""
    posts = place.posts.where(place.posts.likeness != 0)
    grown = _Grown("repeats", least=0.5, rise=0.3, bad=0.7, worse=0.9, more={"window": REMEMBERED})
    return grown.trace(place, posts, posts.day, _again(posts))


def _again(posts: Acts) -> Mask:
    """Over posts: whether one like it had been posted on one of the days before."""
    order = np.lexsort((posts.day, posts.likeness))
    same = np.diff(posts.likeness[order]) == 0
    near = np.diff(posts.day[order]) <= REMEMBERED
    found = np.zeros(len(order), dtype=np.bool_)
    found[order[1:]] = same & near
    return found


@dataclass(frozen=True)
class _Grown:
    """A share of a week's posts, called `name` in the evidence, that is at least `least` and `rise` above that of the
    four weeks before; healed once half of the rise is gone."""

    name: str
    least: float
    rise: float
    bad: float
    worse: float
    more: Mapping[str, int]

    def trace(self, place: Place, posts: Acts, day: Ints, hit: Mask) -> list[Trace]:
        """Of these posts, each counted on its `day`, those that are `hit`."""
        tries, hits, before, before_hits = _shares(place, day, hit)
        share, usual = chance.ratio(hits, tries), chance.ratio(before_hits, before)
        alarm = (tries >= LEAST_POSTS) & (before >= 2 * LEAST_POSTS)
        alarm &= (share >= self.least) & (share - usual >= self.rise)
        alarm &= chance.shares(hits, tries, before_hits, before) >= LEVEL

        def evidence(on: int) -> Evidence:
            return {
                "posts": int(tries[on]),
                self.name: int(hits[on]),
                "now": round(float(share[on]), 3),
                "usual": round(float(usual[on]), 3),
                "days": WEEK,
                **self.more,
            }

        def people(opened: int, last: int) -> Ints:
            return np.unique(posts.who[hit & (day > opened - WEEK) & (day <= last)])

        heals = back_below(share, usual, 1.0, extra=self.rise / 2)
        level = graded(share, bad=self.bad, worse=self.worse)
        return [Trace(alarm, heals, evidence, people, level, Line(share, usual, True))]


def _shares(place: Place, day: Ints, hit: Mask) -> tuple[Floats, Floats, Floats, Floats]:
    """(tries, hits) of the week that ends on each day, and of the four weeks before it."""
    daily = [chance.week_and_before(place.daily(days)) for days in (day, day[hit])]
    return daily[0][0], daily[1][0], daily[0][1], daily[1][1]


def posts_ignored(place: Place) -> list[Trace]:
    """Far more of a week's staff posts than usual got no response of members within a day. A post counts once that day
    is over, and only if the source told of any response in it, be it among members."""
    told = place.own.day[place.own.other >= 0]
    tells = chance.rolling(place.daily(told), 2) > 0
    known = place.posts.day + 1
    seen = known < place.days
    seen[seen] &= tells[known[seen]]
    hours = {"hours": RESPONSE // HOUR_MS}
    grown = _Grown("ignored", least=0.6, rise=0.4, bad=0.8, worse=0.95, more=hours)
    return grown.trace(place, place.posts.where(seen), known[seen], ~answered(place)[seen])


def answered(place: Place) -> Mask:
    """Over posts: whether within a day a member reacted to it, or replied to its author before the author's next post:
    of a reply the log holds whom it answers, not which of their messages."""
    posts, own = place.posts, place.own
    found = np.zeros(len(posts.at), dtype=np.bool_)
    if not len(found):
        return found
    span = int(place.acts.at.max(initial=0)) + 1
    reacted, replied = own.where(own.kind == REACTED), own.where((own.kind == SENT) & (own.other >= 0))
    to = _last_not_above(posts.subject, reacted.subject)
    _mark(found, posts, reacted, to, posts.subject[to] == reacted.subject)
    to = _last_not_above(posts.who * span + posts.at, replied.other * span + replied.at)
    _mark(found, posts, replied, to, posts.who[to] == replied.other)
    return found


def _last_not_above(keys: Ints, wanted: Ints) -> Ints:
    """For each wanted number the place of the largest key up to it; any place where there is none."""
    order = np.argsort(keys, kind="stable")
    return order[np.maximum(np.searchsorted(keys[order], wanted, side="right") - 1, 0)]


def _mark(found: Mask, posts: Acts, acts: Acts, to: Ints, same: Mask) -> None:
    wait = acts.at - posts.at[to]
    found[to[same & (wait >= 0) & (wait <= RESPONSE)]] = True


def posts_sold(place: Place) -> list[Trace]:
    """Of a week's staff posts whose text is kept, more sell than the community's kind bears: beyond what chance
    makes of a share at that limit, or far beyond its own usual. Without kept texts there is nothing to judge."""
    day, who, sells = _judged(place)
    if not len(day):
        return []
    tries, hits, before, before_hits = _shares(place, day, sells)
    share, usual = chance.ratio(hits, tries), chance.ratio(before_hits, before)
    limit = place.selling_limit
    beyond = (hits - limit * tries) / np.sqrt(np.maximum(limit * (1 - limit) * tries, 1e-9))
    odd = (before >= 2 * LEAST_POSTS) & (chance.shares(hits, tries, before_hits, before) >= LEVEL)
    alarm = (tries >= LEAST_POSTS) & (share > limit) & ((beyond >= 3) | odd)

    def evidence(at: int) -> Evidence:
        return {
            "posts": int(tries[at]),
            "selling": int(hits[at]),
            "now": round(float(share[at]), 3),
            "limit": limit,
            "days": WEEK,
        }

    def people(opened: int, last: int) -> Ints:
        return np.unique(who[sells & (day > opened - WEEK) & (day <= last)])

    def heals(_opened: int) -> Mask:
        return np.nan_to_num(share) <= limit

    line = Line(share, np.where(np.isfinite(usual), usual, np.nan), True)
    return [Trace(alarm, heals, evidence, people, graded(share - limit, bad=0.4, worse=0.6), line)]


def _judged(place: Place) -> tuple[Ints, Ints, Mask]:
    """(day, author, whether it sells) of staff posts with a kept text of at least four characters. A month is
    read at a time."""
    posts = set(place.posts.subject.tolist())
    rows: list[tuple[int, int, bool]] = []
    for first in range(0, place.days, MONTH):
        for row in place.staff_texts(first, min(first + MONTH, place.days) - 1):
            if row.subject in posts and len(row.text.strip()) >= LEAST_LETTERS:
                rows.append((row.day, row.who, bool(SELLING.search(row.text))))
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.bool_)


def positioning_left_open(place: Place) -> list[Trace]:
    """A community of some size and age for which nobody wrote down what it is for nor for whom."""
    if len(place.left_open) < 2:
        return []
    alarm = place.present >= FEW

    def evidence(day: int) -> Evidence:
        return {"missing": len(place.left_open), "present": int(place.present[day]), "days": day + 1}

    def people(_opened: int, _day: int) -> Ints:
        return np.zeros(0, dtype=np.int64)

    return [Trace(alarm, lambda _opened: ~alarm, evidence, people, np.ones(place.days), Line(place.present))]


DETECTORS = (
    Detector(
        "posts.repeated",
        _("内容重复"),
        _(
            "近 {days} 天员工发布的 {posts} 条内容中，{repeats} 条在此前 {window} 天内发过，"
            "占 {now:.0%}，往常为 {usual:.0%}。"
        ),
        "messages",
        35,
        posts_repeated,
        ("content.refresh", "forms.mix", "items.weekly"),
        reads_text=True,
    ),
    Detector(
        "posts.ignored",
        _("内容少人响应"),
        _(
            "近 {days} 天员工发布的 {posts} 条内容中，{ignored} 条发出 {hours} 小时内没有群成员回复或点赞，"
            "占 {now:.0%}，往常为 {usual:.0%}。"
        ),
        "interactions",
        35,
        posts_ignored,
        ("content.refresh", "items.weekly", "forms.mix"),
    ),
    Detector(
        "posts.sold",
        _("营销内容过多"),
        _(
            "近 {days} 天员工发布的 {posts} 条留有原文的内容中，{selling} 条是促销，"
            "占 {now:.0%}，这类群不宜超过 {limit:.0%}。"
        ),
        "messages",
        21,
        posts_sold,
        ("content.refresh", "caps.lower", "items.weekly"),
        ("posts.repeated",),
        reads_text=True,
    ),
    Detector(
        "positioning.missed",
        _("定位不清"),
        _("定位与目标人群共 {missing} 项没有填写，群里已有 {present} 人，运营了 {days} 天。"),
        "present",
        28,
        positioning_left_open,
        ("position.write",),
    ),
)
