"""Three real communities, imported by the command and counted again by hand from the raw files."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.connectors.actions import Order, as_json, take_files, total, undo
from qunying.connectors.incoming import Options
from qunying.kit import catalog, days
from qunying.metrics.asking import Asker, listing, metric
from qunying.metrics.board import board
from qunying.metrics.retention import triangle
from qunying.metrics.series import series

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data beside this folder"),
]
NAMES = ("condensed", "equational", "metaprogramming")
ZONE = ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


@dataclass
class Plain:
    """One community counted with dictionaries and sets: day → people, (day, hour) → acts, person → first day."""

    by_day: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def over(self, first: int, last: int) -> set[str]:
        return set().union(*(self.by_day.get(day, set()) for day in range(first, last + 1)))


def counted(names: tuple[str, ...]) -> Plain:
    plain = Plain()
    for name in names:
        for line in gzip.decompress((DATA / f"{name}.chatlab.jsonl.gz").read_bytes()).splitlines():
            row = json.loads(line)
            if row["_type"] != "message":
                continue
            local = dt.datetime.fromtimestamp(row["timestamp"], ZONE)
            day = (local.date() - dt.date(1970, 1, 1)).days
            plain.by_day[day].add(row["sender"])
            plain.hours[day, local.hour] += 1
            plain.said[row["sender"]] += 1
            plain.first[row["sender"]] = min(day, plain.first.get(row["sender"], day))
    return plain


@pytest.fixture(scope="module")
def imported(once_filled: None) -> int:
    brand = open_brand("real", at=NOW, slug="real")
    take_files(brand, [DATA / f"{name}.chatlab.jsonl.gz" for name in NAMES], order=Order(Options()), at=NOW)
    return brand.pk


@pytest.fixture
def real(imported: int) -> Brand:
    return Brand.objects.get(pk=imported)


def scopes(brand: Brand) -> list[tuple[list[Community], Plain]]:
    rows = list(Community.objects.filter(brand=brand).order_by("pk"))
    each = [([row], counted((row.name,))) for row in rows]
    return [*each, (rows, counted(NAMES))]


def test_the_import_says_what_the_files_hold() -> None:
    brand = open_brand("said", at=NOW, slug="said")

    _batch, reports = take_files(
        brand, [DATA / f"{name}.chatlab.jsonl.gz" for name in NAMES], order=Order(Options()), at=NOW
    )

    told = [
        (row["community"], row["messages"], row["speakers"])
        for row in (as_json(report, brand) for report in reports)
    ]
    assert told == [("condensed", 14687, 64), ("equational", 12122, 122), ("metaprogramming", 7623, 249)]
    assert (total(brand, reports)["members"], total(brand, reports)["messages"]) == (357, 34432)


def test_every_daily_weekly_and_monthly_figure_equals_the_recount(real: Brand) -> None:
    for rows, plain in scopes(real):
        first, last = min(plain.by_day), max(plain.by_day)

        read = board(real, [row.pk for row in rows], first, last)

        line = 0 if len(rows) == 1 else len(rows)
        span = range(first, last + 1)
        assert read.dau[line].tolist() == [len(plain.by_day.get(day, ())) for day in span]
        assert read.wau[line].tolist() == [len(plain.over(day - 6, day)) for day in span]
        assert read.mau[line].tolist() == [len(plain.over(day - 29, day)) for day in span]


def test_every_cell_of_the_first_message_triangle_equals_the_recount(real: Brand) -> None:
    for rows, plain in scopes(real):
        first, last = min(plain.by_day), max(plain.by_day)
        question = Asker(real, rows, at=NOW).question(first, last)

        read = triangle(question, by="message", step="week", columns=9)

        for row in read:
            cohort = {who for who, day in plain.first.items() if row.first <= day <= row.last}
            ends = [row.last + 7 * column for column in range(9)]
            back = [len(cohort & plain.over(end - 6, end)) if end <= question.as_of else None for end in ends]
            assert [cell.active for cell in row.cells] == back


def test_concentration_and_heat_squares_equal_the_recount(real: Brand) -> None:
    for rows, plain in scopes(real):
        first, last = min(plain.by_day), max(plain.by_day)
        asker = Asker(real, rows, at=NOW)

        answer = asker.ask("concentration", first, last)
        heat = Counter[tuple[int, int]]()
        for day, (keys, times) in asker.question(first, last).sets.hours(first, last).items():
            for key, count in zip(keys.tolist(), times.tolist(), strict=True):
                heat[day, key % 24] += count

        sums = list(accumulate(sorted(plain.said.values(), reverse=True)))
        assert answer.value == next(place for place, reached in enumerate(sums, 1) if reached * 2 >= sums[-1])
        assert heat == plain.hours


def test_importing_again_changes_nothing_and_undo_leaves_nothing(real: Brand) -> None:
    path = DATA / "equational.chatlab.jsonl.gz"

    again, reports = take_files(real, [path], order=Order(Options()), at=NOW)
    figures = as_json(reports[0], real)
    undo(again, at=NOW)

    assert (figures["new"], figures["duplicates"]) == (0, 12122)
    rows, plain = scopes(real)[1]
    day = days.number(dt.date(2025, 1, 10))
    assert Asker(real, rows, at=NOW).ask("dau", day, day).value == len(plain.by_day.get(day, ()))


def test_calendar_weeks_and_months_equal_the_recount_and_mark_the_running_one(real: Brand) -> None:
    for rows, plain in scopes(real):
        asker = Asker(real, rows, at=NOW)
        first, last = min(plain.by_day), max(plain.by_day)
        ends = {
            "wau.calendar": lambda day: (days.week_start(day), days.week_start(day) + 6),
            "mau.calendar": lambda day: (days.month_start(day), days.month_end(day)),
        }
        for key, interval in ends.items():
            steps = series(asker, metric(key), first, last, by="day")

            told = [(step.answer.value, step.is_partial) for step in steps]
            wanted = [interval(day) for day in range(first, last + 1)]
            assert told == [(len(plain.over(start, end)), end > last) for start, end in wanted]


def test_retention_after_the_first_message_equals_the_recount_exact_bracket_and_rolling(real: Brand) -> None:
    for rows, plain in scopes(real):
        asker = Asker(real, rows, at=NOW)
        first, last = min(plain.by_day), max(plain.by_day)
        bounds = {"d14": (14, 14), "d6_8": (6, 8), "rolling.d30": (30, last)}
        for name, (low, high) in bounds.items():
            steps = series(asker, metric(f"retention.message.{name}"), first, last, by="month")

            told = [(step.answer.numerator, step.answer.denominator) for step in steps]
            wanted: list[tuple[int | None, int | None]] = []
            for step in steps:
                end = step.question.last
                born = {who: day for who, day in plain.first.items() if step.bucket.first <= day <= end}
                back = {
                    who for who, day in born.items() if who in plain.over(day + low, min(day + high, last))
                }
                is_ripe = end + (low if name.startswith("rolling") else high) <= last
                wanted.append((len(back), len(born)) if is_ripe else (None, None))
            assert (name, told) == (name, wanted)


def test_the_list_behind_every_declared_metric_is_as_long_as_its_numerator(real: Brand) -> None:
    for rows, plain in scopes(real):
        asker = Asker(real, rows, at=NOW)
        middle = sorted(plain.by_day)[len(plain.by_day) // 2]
        for entry in catalog.collect("metrics"):
            for first, last in ((middle, middle), (middle - 29, middle), (asker.as_of - 6, asker.as_of)):
                question = asker.posed(entry, first, last)
                answer = asker.put(entry, question)

                assert (entry.key, len(listing(question, answer))) == (entry.key, answer.numerator or 0)
