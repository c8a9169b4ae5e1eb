"""Days as integers: days since 1970-01-01 of one zone's calendar. Every day boundary in the product comes from here."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from qunying.kit.errors import Invalid

EPOCH = dt.date(1970, 1, 1)
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
QUARTER_MS = 900_000


def number(day: dt.date) -> int:
    return (day - EPOCH).days


def date(day: int) -> dt.date:
    return EPOCH + dt.timedelta(days=day)


def week_start(day: int) -> int:
    """The Monday on or before; 1970-01-01 was a Thursday."""
    return day - (day + 3) % 7


def month_start(day: int) -> int:
    return number(date(day).replace(day=1))


def month_end(day: int) -> int:
    """The last day of the month."""
    first = date(day).replace(day=1)
    return number((first + dt.timedelta(days=32)).replace(day=1)) - 1


def utc_ms(moment: dt.datetime) -> int:
    """Milliseconds since the epoch of an aware moment, exact."""
    since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def moment(at: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=at)


class Clock:
    """Calendar of one IANA zone: milliseconds UTC → local day and hour.

    Offsets are remembered per quarter of an hour, since no zone has ever changed its offset off a quarter in the
    years we accept; that makes a million conversions cheap and exact across daylight saving.
    """

    def __init__(self, zone: str) -> None:
        self.name = zone
        try:
            self.zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise Invalid("kit.unknown_zone", zone=zone) from error
        self._offsets: dict[int, int] = {}

    def offset(self, at: int) -> int:
        """Milliseconds to add to UTC."""
        quarter = at // QUARTER_MS
        found = self._offsets.get(quarter)
        if found is None:
            local = moment(quarter * QUARTER_MS).astimezone(self.zone)
            shift = local.utcoffset() or dt.timedelta()
            found = self._offsets[quarter] = int(shift.total_seconds()) * 1000
        return found

    def day(self, at: int) -> int:
        return (at + self.offset(at)) // DAY_MS

    def hour(self, at: int) -> int:
        return (at + self.offset(at)) % DAY_MS // HOUR_MS

    def start(self, day: int) -> int:
        """Milliseconds UTC of the first moment of the day."""
        return utc_ms(dt.datetime.combine(date(day), dt.time(), tzinfo=self.zone))

    def local(self, at: int) -> dt.datetime:
        return moment(at).astimezone(self.zone)


@lru_cache(maxsize=64)
def clock(zone: str) -> Clock:
    """The shared clock of a zone. Unknown zone → Invalid."""
    return Clock(zone)
