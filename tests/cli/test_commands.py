"""The command line as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from qunying.brands.models import Brand
from qunying.cli.commands import app
from qunying.communities.models import Community
from qunying.connectors.exporting import export
from qunying.jobs.models import Job
from qunying.kit.errors import Invalid, Missing, Refused
from qunying.members.models import Member
from tests.diagnosis.test_actions import brand_of, stream_with

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "exports"
TELEGRAM = SAMPLES / "telegram_single.json"
FIELDS = [
    "path", "community", "format", "evidence", "encoding", "messages", "members", "speakers", "joins", "leaves",
    "reactions", "replies", "duplicates", "unknown_lines", "first", "last", "tz_assumed", "warnings",
]  # fmt: skip


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_import_tells_every_file_and_the_total_as_json() -> None:
    told = json.loads(run("import", TELEGRAM, "--brand", "tea", "--tz", "Asia/Shanghai", "--json"))

    (file,) = told["files"]
    assert [field for field in FIELDS if field not in file] == []
    assert (file["community"], file["format"], file["messages"], file["joins"], file["leaves"]) == (
        "茶友福利群",
        "telegram",
        6,
        4,
        2,
    )
    assert (told["total"]["files"], told["total"]["messages"]) == (1, 6)


def test_a_dry_run_counts_and_changes_nothing() -> None:
    told = json.loads(run("import", TELEGRAM, "--brand", "tea", "--dry-run", "--json"))

    assert (told["total"]["messages"], Brand.objects.count()) == (6, 0)


def test_importing_twice_brings_only_duplicates() -> None:
    first = json.loads(run("import", TELEGRAM, "--brand", "tea", "--json"))["total"]

    again = json.loads(run("import", TELEGRAM, "--brand", "tea", "--json"))["total"]

    assert (again["new"], again["duplicates"]) == (0, first["new"] + first["duplicates"])


def test_a_metric_answers_with_both_parts_and_its_people() -> None:
    run("import", TELEGRAM, "--brand", "tea", "--tz", "Asia/Shanghai")

    told = json.loads(run("metric", "speakers", "--on", "2025-03-01", "--list", "--json"))

    (row,) = told["rows"]
    assert (row["from"], row["value"], row["numerator"], row["state"]) == ("2025-03-01", 4, 4, "ok")
    assert len(told["list"]) == 4


def test_a_metric_counts_the_bot_of_the_file_only_when_everybody_is_asked_for() -> None:
    run("import", TELEGRAM, "--brand", "tea", "--tz", "Asia/Shanghai")

    without, everybody = (
        json.loads(run("metric", "speakers", "--on", "2025-03-01", *more, "--json"))
        for more in ((), ("--everybody",))
    )

    assert [(told["everybody"], told["rows"][0]["value"]) for told in (without, everybody)] == [
        (False, 4),
        (True, 5),
    ]


def test_a_metric_says_how_fresh_it_is_and_what_it_covers() -> None:
    run("import", TELEGRAM, "--brand", "tea", "--tz", "Asia/Shanghai")

    told = json.loads(run("metric", "dau", "--on", "2025-03-01", "--json"))

    assert (told["as_of"], told["coverage"]) == (
        "2025-03-01",
        [{"community": "茶友福利群", "from": "2025-03-01", "to": "2025-03-01"}],
    )


def test_a_metric_tells_how_its_meaning_changed() -> None:
    run("import", TELEGRAM, "--brand", "tea", "--tz", "Asia/Shanghai")

    told = json.loads(run("metric", "lifecycle.dormant", "--on", "2025-03-01", "--json"))

    assert (told["version"], [(one["version"], one["on"]) for one in told["changes"]]) == (
        2,
        [(2, "2026-11-29")],
    )


def test_a_series_by_month_marks_the_month_that_the_data_does_not_fill() -> None:
    run("import", TELEGRAM, "--brand", "tea", "--tz", "Asia/Shanghai")

    told = json.loads(
        run("metric", "messages", "--from", "2025-03-01", "--to", "2025-03-01", "--by", "month", "--json")
    )

    assert [(row["from"], row["to"], row["partial"]) for row in told["rows"]] == [
        ("2025-03-01", "2025-03-31", True)
    ]


def test_an_unknown_brand_is_refused_with_those_there_are() -> None:
    run("import", TELEGRAM, "--brand", "tea")

    with pytest.raises(Missing) as refused:
        CliRunner().invoke(app, ["metric", "dau", "--brand", "coffee"], catch_exceptions=False)

    assert (refused.value.code, refused.value.details) == (
        "brands.unknown_brand",
        {"brand": "coffee", "known": "tea"},
    )


def test_among_several_brands_one_must_be_named() -> None:
    run("import", TELEGRAM, "--brand", "tea")
    run("import", TELEGRAM, "--brand", "coffee")

    with pytest.raises(Refused) as refused:
        CliRunner().invoke(app, ["metric", "dau"], catch_exceptions=False)

    assert (refused.value.code, refused.value.details) == ("brands.choose_brand", {"known": "tea、coffee"})


def test_the_catalogue_lists_what_is_declared() -> None:
    told = json.loads(run("catalog", "--json"))

    assert {"dau", "joins", "retention.d7"} <= set(told["metrics"])
    assert len(told["detectors"]) >= 12


def test_a_report_right_after_an_import_tells_the_problems_in_it(tmp_path: Path, settings) -> None:
    settings.HOME = tmp_path
    file = exported(brand_of(stream_with("flood.came"), slug="source"), tmp_path / "flood.jsonl")

    told = run("import", file, "--brand", "tea", "--json")
    run(
        "report", "--brand", "tea", "--from", "2026-01-01", "--to", "2026-12-31", "--out", tmp_path / "r.json"
    )

    assert json.loads(told)["total"]["messages"] > 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert [row["title"] for row in report["blocks"]["findings"]["findings"]] == [
        "小山茶茶友群 · 定位不清",
        "小山茶茶友群 · 刷屏或广告",
    ]
    assert Job.objects.get(kind="connectors.diagnose").state == Job.State.DONE


def test_a_dry_run_looks_for_no_problems(tmp_path: Path, settings) -> None:
    settings.HOME = tmp_path

    run("import", TELEGRAM, "--brand", "tea", "--dry-run")

    assert not Job.objects.exists()


def exported(brand: Brand, path: Path) -> Path:
    """The history of the brand's only community as a file."""
    export(
        Community.objects.get(brand=brand), path, exported_at=1_770_000_000, tick=lambda _done, _total: None
    )
    return path


STRANGE = "甲,乙,丙\n2026-03-01 08:00,阿青,早上好\n2026-03-01 08:05,小满,早\n"


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_a_table_of_unknown_columns_is_refused_with_its_columns_and_the_way_out(
    tmp_path: Path, name: str
) -> None:
    sheet = tmp_path / name
    if name.endswith(".csv"):
        sheet.write_text(STRANGE, encoding="utf-8")
    else:
        with xlsxwriter.Workbook(str(sheet)) as book:
            page = book.add_worksheet()
            for at, line in enumerate(STRANGE.splitlines()):
                page.write_row(at, 0, line.split(","))

    with pytest.raises(Invalid) as fault:
        run("import", sheet, "--brand", "tea")

    assert (fault.value.code, fault.value.details) == (
        "connectors.columns_to_map",
        {"file": name, "columns": "甲、乙、丙"},
    )


def test_columns_said_on_the_command_line_are_read_by_key_or_by_name(tmp_path: Path) -> None:
    sheet = tmp_path / "table.csv"
    sheet.write_text(STRANGE, encoding="utf-8")
    said = ("--map", "甲=timestamp", "--map", "乙=昵称", "--map", "丙=内容")

    told = json.loads(run("import", sheet, "--brand", "tea", "--format", "generic", *said, "--json"))

    assert (told["total"]["messages"], told["total"]["speakers"]) == (2, 2)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("--map", "甲=timestamp"), "connectors.unknown_format_key"),
        (("--format", "generic", "--map", "甲=weather"), "connectors.unknown_field"),
        (("--format", "generic", "--map", "甲"), "connectors.unknown_field"),
        (("--format", "generic", "--map", "甲=text", "--map", "乙=text"), "connectors.field_twice"),
    ],
)
def test_a_column_said_wrongly_is_refused_and_nothing_is_imported(
    tmp_path: Path, said: tuple[str, ...], code: str
) -> None:
    sheet = tmp_path / "table.csv"
    sheet.write_text(STRANGE, encoding="utf-8")

    with pytest.raises(Invalid) as fault:
        run("import", sheet, "--brand", "tea", *said)

    assert (fault.value.code, Community.objects.count()) == (code, 0)


def test_a_member_list_says_on_the_command_line_what_becomes_of_people_known_already(tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("手机号,昵称\n13800000001,阿青\n", encoding="utf-8")
    new.write_text("手机号,昵称\n13800000001,陈青\n13800000002,小周\n13800000002,小周\n", encoding="utf-8")
    run("import", old, "--brand", "tea")

    looked = json.loads(run("import", new, "--brand", "tea", "--duplicates", "keep", "--dry-run", "--json"))
    told = json.loads(run("import", new, "--brand", "tea", "--duplicates", "keep", "--json"))

    wanted = {"new_people": 1, "known_people": 1, "repeated_rows": 1}
    for body in (looked, told):
        assert {key: body["total"][key] for key in wanted} == wanted
        assert {key: body["files"][0][key] for key in wanted} == wanted
        assert body["files"][0]["policy"] == "keep"
    assert sorted(Member.objects.values_list("name", flat=True)) == ["小周", "阿青"]
