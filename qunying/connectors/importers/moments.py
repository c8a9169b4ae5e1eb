"""Times as files write them → milliseconds UTC with the precision the file really has."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qunying.connectors.incoming import Precision
from qunying.kit.errors import Invalid

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
Moment = tuple[int, Precision]

EPOCH = dt.date(1970, 1, 1)
_EXCEL_ZERO = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)  # stands for local time, whose zone the operator says
_EXCEL_DAYS = (20000, 80000)  # 1954 to 2119: any other number is no Excel date

_STAMP = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?$")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?$")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)$")
_HALF = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|午前|午後|오전|오후|[AaPp]\\.?\\s?[Mm]\\.?"
_WRITTEN = re.compile(
    rf"""(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?
    (?:[T\s]*(?:(?:星期|周|週)[一二三四五六日天]\s*)?({_HALF})?\s*
       (\d{{1,2}})(?:[:：时時](\d{{1,2}})(?:[:：分](\d{{1,2}})(?:[.,](\d{{1,9}}))?\s*秒?)?)?\s*分?\s*({_HALF})?
       \s*(Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}})?)?$""",
    re.VERBOSE,
)


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone; Invalid where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("connectors.unknown_zone", zone=name) from error


def local_ms(
    zone: ZoneInfo, date: tuple[int, int, int], hour: int = 0, minute: int = 0, second: int = 0
) -> int:
    """Milliseconds UTC of a local time, the earlier of two. ValueError where there is no such time."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError(hour, minute, second)
    return _hour_ms(zone, date, hour) + (minute * 60 + second) * 1000


@lru_cache(maxsize=4096)
def _hour_ms(zone: ZoneInfo, date: tuple[int, int, int], hour: int) -> int:
    # Exact for zones that change on the hour, which all but a few historic ones do.
    return int(dt.datetime(*date, hour, tzinfo=zone).timestamp()) * 1000


def hour_24(hour: int, half: str | None) -> int:
    """The hour of the day from an hour and its half of the day in Chinese, Japanese, Korean or English."""
    if not half:
        return hour
    word = half.lower().replace(".", "").replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    if word in {"pm", "下午", "傍晚", "晚上", "午後", "오후"}:
        return hour if hour >= 12 else hour + 12
    if word == "中午":
        return hour + 12 if hour < 11 else hour
    return 0 if hour == 12 else hour


def moment(cell: Cell, zone: ZoneInfo) -> Moment | None:
    """The moment a cell tells: Unix time, ISO, Chinese or Excel date. None where it tells none."""
    try:
        if isinstance(cell, str):
            return _written(cell.strip(), zone)
        if isinstance(cell, dt.datetime):
            return _of_datetime(cell, zone)
        if isinstance(cell, dt.date):
            return local_ms(zone, (cell.year, cell.month, cell.day)), "day"
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return _number(float(cell), zone)
    except (ValueError, OverflowError):
        return None
    return None


def day(cell: Cell) -> int | None:
    """Days since 1970-01-01 of a date cell; a time of day beside the date is left out."""
    found = moment(cell, ZoneInfo("UTC"))
    return None if found is None else found[0] // 86_400_000


def _written(text: str, zone: ZoneInfo) -> Moment | None:
    if compact := _COMPACT.match(text):
        year, month, date = map(int, compact.groups())
        return local_ms(zone, (year, month, date)), "day"
    if _STAMP.match(text) or _SERIAL.match(text):
        return _number(float(text), zone)
    found = _WRITTEN.match(text)
    if not found:
        return None
    before, hour, minute, second, part, after, offset = found.groups()[3:]
    day_of = (int(found[1]), int(found[2]), int(found[3]))
    if hour is None:
        return local_ms(zone, day_of), "day"
    if minute is None and not (before or after):
        return None
    at_zone = _offset(offset) if offset else zone
    hours = hour_24(int(hour), before or after)
    at = local_ms(zone, day_of, hours, int(minute or 0), int(second or 0))
    if at_zone is not zone:
        local = dt.datetime(*day_of, hours, int(minute or 0), int(second or 0), tzinfo=at_zone)
        at = int(local.timestamp()) * 1000
    if part:
        return at + int(part.ljust(3, "0")[:3]), "ms"
    return at, "s" if second else "min"


def _offset(text: str) -> dt.timezone:
    if text in {"Z", "UTC", "GMT"}:
        return dt.UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return dt.timezone(sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _number(value: float, zone: ZoneInfo) -> Moment | None:
    if _EXCEL_DAYS[0] <= value < _EXCEL_DAYS[1]:
        local = _EXCEL_ZERO + dt.timedelta(seconds=round(value * 86400))
        if value == int(value):
            return local_ms(zone, (local.year, local.month, local.day)), "day"
        return _of_datetime(local, zone)
    if 1e8 <= value < 1e10:
        return round(value * 1000), "s" if value == int(value) else "ms"
    if 1e11 <= value < 1e13:
        return round(value), "ms"
    if 10_000_000 < value < 1e8:
        return _written(str(int(value)), zone)
    return None


def _of_datetime(cell: dt.datetime, zone: ZoneInfo) -> Moment:
    """A spreadsheet's date cell. Without seconds it tells minutes only; it never tells a zone."""
    local = cell + dt.timedelta(microseconds=500_000)
    at = local_ms(zone, (local.year, local.month, local.day), local.hour, local.minute, local.second)
    return at, "s" if local.second else "min"
