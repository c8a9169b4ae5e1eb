"""What a list of people is filtered by, as its address says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from qunying.audiences.stages import LABELS
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.kit.refusals import Text

WHO = ("", "staff", "bot", "all")
SORTS = ("-joined", "joined", "-active", "active", "-said", "said")
SIZES = (25, 50, 100)
NAMES = ("q", "stage", "tag", "joined_from", "joined_to", "active_from", "active_to", "who")


@dataclass(frozen=True)
class Filter:
    """Day numbers are local and inclusive; `who` is members only unless it says staff, bot or all."""

    q: str = ""
    stage: str = ""
    tag: str = ""
    joined_from: int | None = None
    joined_to: int | None = None
    active_from: int | None = None
    active_to: int | None = None
    who: str = ""
    sort: str = "-joined"

    def shown(self) -> list[tuple[str, str]]:
        """(parameter, words) of each condition in force."""
        found = [("q", _("搜索：{text}").format(text=self.q))] if self.q else []
        found += [("stage", _("阶段：{text}").format(text=LABELS[self.stage]))] if self.stage else []
        found += [("tag", _("标签：{text}").format(text=self.tag))] if self.tag else []
        found += [("who", _("身份：{text}").format(text=dict(who_options())[self.who]))] if self.who else []
        for name, words in day_words().items():
            day = getattr(self, name)
            if day is not None:
                found.append((name, f"{words} {days.date(day).isoformat()}"))
        return found

    def value(self, name: str) -> str:
        """The condition as the address writes it."""
        found = getattr(self, name)
        return days.date(found).isoformat() if isinstance(found, int) else str(found or "")

    def rule(self) -> dict[str, object]:
        """The conditions in force, as a saved audience keeps them."""
        return {name: self.value(name) for name in NAMES if self.value(name)}

    def conditions(self) -> dict[str, object]:
        """The same for the log, which is never changed: what was typed to find somebody may be their name, so only
        that something was typed."""
        return {name: "…" if name == "q" else value for name, value in self.rule().items()}


def who_options() -> list[tuple[str, Text]]:
    return [("staff", _("员工")), ("bot", _("机器人")), ("all", _("全部身份"))]


def day_words() -> dict[str, str]:
    """The four days of the filter and how they are called."""
    return {
        "joined_from": _("入群不早于"),
        "joined_to": _("入群不晚于"),
        "active_from": _("最近互动不早于"),
        "active_to": _("最近互动不晚于"),
    }


def filter_of(given: QueryDict) -> Filter:
    """The filter of an address; a value that means nothing is refused by name."""
    return Filter(
        q=given.get("q", "").strip()[:80],
        stage=_one_of(given.get("stage", ""), ("", *LABELS)),
        tag=given.get("tag", "").strip()[:30],
        joined_from=_day(given.get("joined_from", "")),
        joined_to=_day(given.get("joined_to", "")),
        active_from=_day(given.get("active_from", "")),
        active_to=_day(given.get("active_to", "")),
        who=_one_of(given.get("who", ""), WHO),
        sort=_one_of(given.get("sort", "") or SORTS[0], SORTS),
    )


def size_of(given: QueryDict) -> int:
    """Rows a page."""
    return int(_one_of(given.get("size", "") or str(SIZES[0]), tuple(map(str, SIZES))))


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise Invalid("audiences.bad_filter", text=text[:20])
    return text


def _day(text: str) -> int | None:
    if not text:
        return None
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("audiences.bad_filter", text=text[:20]) from error
