"""WhatsApp's line heads: date, time and the order of day, month and year, decided over the whole file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from qunying.connectors.importers.moments import hour_24, local_ms
from qunying.kit.errors import Invalid

Order = Literal["dmy", "mdy", "ymd"]
_BLANK = "[ \u00a0\u202f]"
_HALF = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|[AaPp]\\.?[ \u00a0\u202f]?[Mm]\\.?"
_WHEN = (
    r"(\d{1,4})([./年-])\s?(\d{1,2})[./月-]\s?(\d{1,4})[.日]?"
    rf"(?:,|،|，|{_BLANK}à|{_BLANK}um|{_BLANK}às)?{_BLANK}*(?:({_HALF}){_BLANK}*)?"
    rf"(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?(?:{_BLANK}*({_HALF}))?"
)
HEAD = re.compile(
    rf"^[\u200e\u200f\u202a]*(?:\[{_WHEN}\]{_BLANK}|{_WHEN}{_BLANK}[-–]{_BLANK})(.*)$", re.DOTALL
)


class Head(NamedTuple):
    """What a line head states, before anybody knows which part of the date is the day."""

    parts: tuple[int, int, int]
    separator: str
    hour: int
    minute: int
    second: int | None
    half: str
    is_padded: bool
    is_iphone: bool
    rest: str


def head(line: str) -> Head | None:
    """The head of a line and what follows it; None where the line goes on with the one before."""
    found = HEAD.match(line)
    if not found:
        return None
    is_iphone = found[1] is not None
    first, separator, second, third, before, hour, minute, seconds, after = found.groups()[
        0 if is_iphone else 9 :
    ][:9]
    half = before or after or ""
    return Head(
        (int(first), int(second), int(third)),
        separator,
        hour_24(int(hour), half),
        int(minute),
        int(seconds) if seconds else None,
        half,
        first.startswith("0") or second.startswith("0"),
        is_iphone,
        found[19],
    )


def _date(order: Order, parts: tuple[int, int, int]) -> tuple[int, int, int] | None:
    first, second, third = parts
    year, month, day = {"dmy": (third, second, first), "mdy": (third, first, second), "ymd": parts}[order]
    if year < 100:
        year += 2000
    fits = 1990 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31
    return (year, month, day) if fits else None


@dataclass
class Clock:
    """Learns the order from every head of a file, then tells times."""

    heads: int = 0
    steps_back: dict[Order, int] = field(default_factory=lambda: {"dmy": 0, "mdy": 0, "ymd": 0})
    last: dict[Order, tuple[int, ...]] = field(default_factory=dict)
    hints: dict[Order, int] = field(default_factory=lambda: {"dmy": 0, "mdy": 0, "ymd": 0})

    def learn(self, seen: Head) -> None:
        self.heads += 1
        for order in list(self.steps_back):
            date = _date(order, seen.parts)
            if date is None:
                del self.steps_back[order]
                continue
            now = (*date, seen.hour, seen.minute)
            self.steps_back[order] += now < self.last.get(order, now)
            self.last[order] = now
        self.hints[self._habit(seen)] += 1

    @staticmethod
    def _habit(seen: Head) -> Order:
        """The order usual for a date written like this: only where the file itself leaves it open."""
        if seen.parts[0] > 31 or seen.separator == "年" or (seen.half and seen.half[0] not in "AaPp"):
            return "ymd"
        american = seen.half[-1:] == "M" and not seen.is_padded and seen.separator == "/"
        return "mdy" if american else "dmy"

    @property
    def order(self) -> Order:
        """The order that fits every line, steps back least and, if still open, is usual. Invalid where none fits."""
        if not self.steps_back:
            raise Invalid("connectors.date_order", lines=self.heads)
        return min(self.steps_back, key=lambda order: (self.steps_back[order], -self.hints[order]))

    @property
    def is_open(self) -> bool:
        """Whether only habit told day from month. A year of two digits in front is rare and never in doubt."""
        least = min(self.steps_back.values(), default=0)
        fitting = {order for order, steps in self.steps_back.items() if steps == least}
        return len(fitting - {"ymd"} if self.order != "ymd" else fitting) > 1

    def at(self, seen: Head, order: Order, zone: ZoneInfo) -> int | None:
        """Milliseconds UTC of a head; None for a date no calendar has."""
        date = _date(order, seen.parts)
        try:
            return date and local_ms(zone, date, seen.hour, seen.minute, seen.second or 0)
        except ValueError:
            return None
