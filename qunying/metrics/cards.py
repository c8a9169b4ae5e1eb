"""KPI cards: value, change against the period before, sparkline, formula, and the people behind the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.brands.addresses import page
from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.refusals import Text
from qunying.metrics.asking import NO_JOINS, NO_SPEECH, metric
from qunying.metrics.figures import WEEK, Daily, Floats, Rates, rates
from qunying.metrics.goals import goal
from qunying.metrics.kinds import Metric
from qunying.metrics.periods import Period
from qunying.metrics.spans import Share
from qunying.metrics.wording import Change, change, counted, difference, said

SUMS = ("joins", "leaves", "messages")
DAILY = ("present", *SUMS, "dau", "wau", "mau", "speaking_rate", "active_share")


@dataclass(frozen=True)
class Card:
    """What console/_kpi.html shows."""

    key: str
    label: Text
    value: str | None
    formula: Text
    dictionary_url: str
    people_url: str = ""
    unit: str = ""
    reason: Text = ""
    delta: str = ""
    direction: str = ""
    better: str = "up"
    against: Text = ""
    spark: tuple[float | None, ...] = ()
    n: int | None = None
    note: str = ""
    goal: str = ""
    goal_share: int | None = None


class Deck:
    """Makes the cards of one scope and period from its daily values, which reach one period back and a week more."""

    def __init__(self, scope: Scope, period: Period, values: Daily, *, since: int) -> None:
        self.scope, self.period, self.values, self.since = scope, period, values, since
        self.before = period.before
        self.knows_people = scope.staff.may("members.read")

    def cards(self) -> list[Card]:
        now, before = rates(self.scope, self.period)
        return [
            self.last("present"),
            self.total("joins"),
            self.total("leaves"),
            self.net(),
            self.active(),
            self.share("speaking_rate", now.speaking, before.speaking),
            self.share("active_share", now.active, before.active),
            self.retained(now, before),
        ]

    def last(self, key: str) -> Card:
        """The value on the period's last day against the last day of the period before."""
        now, past = self._on(key, self.period.last), self._on(key, self.before.last)
        return self._card(
            key, now, change(now, past, "people"), period=Period("", self.period.last, self.period.last)
        )

    def total(self, key: str) -> Card:
        """The period's sum against the sum of the period before."""
        if key == "joins" and not self._knows_joins():
            return self._card(key, None, None, reason=NO_JOINS)
        now, past = self._sum(key, self.period), self._sum(key, self.before)
        return self._card(key, now, change(now, past, "times"))

    def net(self) -> Card:
        """Joins less leaves; the people behind it are those who joined."""
        if not self._knows_joins():
            return self._card("net", None, None, reason=NO_JOINS)
        now, past = self._net(self.period), self._net(self.before)
        gap = difference(now, past) if now is not None and past is not None else None
        spark = self._shown(self.values["joins"] - self.values["leaves"])
        return self._card("net", now, gap, spark=spark)

    def active(self) -> Card:
        """Daily actives on the period's last day, with the period's mean beside it."""
        card = self.last("dau")
        if self.period.length == 1 or card.value is None:
            return card
        mean = np.nanmean(self._part("dau", self.period))
        note = _("日均 {n}").format(n=said(round(float(mean)), "people"))
        return Card(**{**card.__dict__, "note": note})

    def share(self, key: str, now: Share, past: Share) -> Card:
        """A share over the whole period."""
        known = any(row.sees_speech for row in self.scope.known)
        if key == "speaking_rate" and not known:
            return self._card(key, None, None, reason=NO_SPEECH)
        return self._card(key, now.value, change(now.value, past.value, "share"), n=now.below)

    def retained(self, now: Rates, past: Rates) -> Card:
        """Day-7 retention of those who joined one week before the period, the latest whose day 7 is over."""
        joined = self.period.shifted(-WEEK)
        if not self._knows_joins():
            return self._card("retention.d7", None, None, reason=NO_JOINS)
        found = change(now.retained.value, past.retained.value, "share")
        reason = _("{first} 至 {last} 没有人入群").format(first=joined.from_day, last=joined.to_day)
        card = self._card(
            "retention.d7", now.retained.value, found, n=now.retained.below, period=joined, reason=reason
        )
        if card.value is None:
            return card
        note = _("{first}–{last} 入群").format(
            first=joined.from_day.strftime("%m-%d"), last=joined.to_day.strftime("%m-%d")
        )
        return Card(**{**card.__dict__, "note": note})

    # -- parts --------------------------------------------------------------------------------------------------

    def _card(
        self,
        key: str,
        value: float | None,
        moved: Change | None,
        *,
        reason: Text = "",
        n: int | None = None,
        period: Period | None = None,
        spark: tuple[float | None, ...] = (),
    ) -> Card:
        entry = metric(key)
        asked = period or self.period
        if self.period.is_running:
            moved = None
        wanted = goal(self.scope, entry, value)
        return Card(
            key=key.replace(".", "-"),
            label=entry.label,
            value=said(value, entry.unit),
            formula=entry.formula,
            dictionary_url=metric_url(self.scope, key),
            people_url=people_url(self.scope, key, asked.first, asked.last) if self.knows_people else "",
            unit=counted(entry) if value is not None else "",
            reason=reason or _("这段时间没有数据"),
            delta=moved.text if moved else "",
            direction=moved.direction if moved else "",
            better=entry.good or "up",
            against=_against(self.period),
            spark=spark or self._spark(entry),
            n=n,
            goal=wanted.text if wanted else "",
            goal_share=wanted.share if wanted else None,
        )

    def _part(self, key: str, period: Period) -> Floats:
        return self.values[key][period.first - self.since : period.last - self.since + 1]

    def _on(self, key: str, day: int) -> float | None:
        value = float(self.values[key][day - self.since])
        return None if np.isnan(value) else value

    def _sum(self, key: str, period: Period) -> float | None:
        part = self._part(key, period)
        return None if np.isnan(part).all() else float(np.nansum(part))

    def _net(self, period: Period) -> float | None:
        came, went = self._sum("joins", period), self._sum("leaves", period)
        return None if came is None or went is None else came - went

    def _knows_joins(self) -> bool:
        return bool(np.nansum(self.values["joins"]) > 0) or not self.scope.known

    def _spark(self, entry: Metric) -> tuple[float | None, ...]:
        return self._shown(self.values[entry.key]) if entry.key in self.values else ()

    def _shown(self, values: Floats) -> tuple[float | None, ...]:
        """At least two weeks up to the period's last day, so that one day has a line too."""
        end = self.period.last - self.since + 1
        start = max(0, end - max(self.period.length, 14))
        return blanks(values[start:end])


def blanks(values: Floats) -> tuple[float | None, ...]:
    """nan as None; whole numbers whole."""
    return tuple(None if np.isnan(value) else round(float(value), 4) for value in values)


def metric_url(scope: Scope, key: str) -> str:
    """The metric's page in the dictionary, the switch as it stands."""
    url = reverse("metric", args=[scope.brand.slug, key])
    return f"{url}?everybody=1" if scope.with_everybody else url


def people_url(scope: Scope, key: str, first: int, last: int, **more: object) -> str:
    """The page that lists the people behind a number."""
    given = {
        "metric": key,
        "from": days.date(first).isoformat(),
        "to": days.date(last).isoformat(),
        "c": scope.node.pk if scope.node else "",
        "everybody": "1" if scope.with_everybody else "",
        **more,
    }
    query = urlencode({name: value for name, value in given.items() if value != ""})
    return f"{page('people', scope.brand.slug)}?{query}"


def _against(period: Period) -> str:
    return {"yesterday": _("较前一日"), "7d": _("较前 7 天"), "30d": _("较前 30 天")}.get(
        period.key, _("较上期")
    )


def days_of(values: Sequence[int]) -> list[str]:
    """Days as chart labels."""
    return [days.date(day).strftime("%m-%d") for day in values]
