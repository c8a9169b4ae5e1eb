"""Back-end sheets (C180): joins, leaves, sources and statistics without one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.back_end_sheets import SHEET_FORMATS
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.sheet_templates import FIGURE_LABELS, SHEET_TEMPLATES
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Entry, Figure, Options, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import sheets as golden

SHEETS = Path(__file__).parents[2] / "samples" / "exports" / "sheets"
CASES = (
    ("wecom.groups", "wecom_groups_2025-03-01.csv", golden.WECOM_GROUPS),
    ("wecom.members", "wecom_members.xlsx", golden.WECOM_MEMBERS),
    ("wecom.members", "wecom_members_names.csv", golden.WECOM_MEMBERS_NAMES),
    ("wecom.statistics", "wecom_statistics.csv", golden.WECOM_STATISTICS),
    ("qq.members", "qq_members.xlsx", golden.QQ_MEMBERS),
    ("qq.statistics", "qq_statistics.csv", golden.QQ_STATISTICS),
    ("douyin.statistics", "douyin_statistics.csv", golden.DOUYIN_STATISTICS),
    ("xiaohongshu.statistics", "xiaohongshu_statistics.xlsx", golden.XIAOHONGSHU_STATISTICS),
    ("official_account.followers", "official_account_followers.csv", golden.OFFICIAL_ACCOUNT_FOLLOWERS),
    ("official_account.articles", "official_account_articles.csv", golden.OFFICIAL_ACCOUNT_ARTICLES),
)


def format_of(key: str) -> Format:
    return next(one for one in SHEET_FORMATS if one.key == f"sheet.{key}")


def read(key: str, path: Path) -> list[Entry]:
    return list(format_of(key).read(Source(path), Options()))


def written(folder: Path, text: str, name: str = "sheet.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("key", "name", "expected"), CASES)
def test_every_template_reads_its_sample_as_written_down_beforehand(
    key: str, name: str, expected: list[Entry]
) -> None:
    assert read(key, SHEETS / name) == expected


def test_every_template_has_a_sample() -> None:
    assert {key for key, _name, _expected in CASES} == {template.key for template in SHEET_TEMPLATES}


@pytest.mark.parametrize(("key", "name", "expected"), CASES)
def test_a_sheet_is_known_by_its_headers_before_any_other_template(
    key: str, name: str, expected: list[Entry]
) -> None:
    source = Source(SHEETS / name)
    guesses = {one.key: guess.sureness for one in SHEET_FORMATS if (guess := one.sniff(source))}

    assert max(guesses, key=lambda at: guesses[at]) == f"sheet.{key}"
    assert list(guesses.values()).count(max(guesses.values())) == 1


def test_the_evidence_names_the_template_and_the_headers_that_matched() -> None:
    guess = format_of("official_account.followers").sniff(Source(SHEETS / "official_account_followers.csv"))

    assert guess is not None
    assert guess.evidence == (
        "符合“公众号用户增长”的表头：时间、新关注人数、取消关注人数、净增关注人数、累积关注人数"
    )


def test_ids_kept_as_numbers_are_warned_about() -> None:
    guess = format_of("qq.members").sniff(Source(SHEETS / "qq_members.xlsx"))

    assert guess is not None
    assert guess.evidence.endswith("。注意：编号列是数字格式，开头的 0 和第 15 位以后的数字可能已丢失")


def test_a_sheet_without_a_required_header_is_not_recognised_and_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "日期,群主\n2025-03-01,林主理\n")

    assert [one.sniff(Source(path)) for one in SHEET_FORMATS] == [None] * len(SHEET_FORMATS)
    with pytest.raises(Invalid) as told:
        read("official_account.followers", path)
    assert (told.value.code, told.value.details) == (
        "connectors.columns_missing",
        {"columns": "日期、新关注、取消关注"},
    )


def test_headers_match_in_any_width_case_and_with_blanks_around(tmp_path: Path) -> None:
    path = written(tmp_path, "ＱＱ号 , 成员,入群时间\n10001,阿青,2025-03-01 08:00:05\n", "茶友.csv")

    assert read("qq.members", path)[-1] == Act("join", golden.EIGHT + 5000, "10001", line=2)


def test_a_group_list_may_tell_its_own_day_and_more_numbers(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "群名称,群主,群人数,客户数,今日入群,今日退群,统计日期\n一群,林主理,120,118,5,2,2025-03-02\n二群,林主理,9,9,0,0,那天\n",
    )

    assert [entry for entry in read("wecom.groups", path) if isinstance(entry, Figure | Unknown)] == [
        Figure(golden.MARCH_2, "members", 120, "林主理"),
        Figure(golden.MARCH_2, "customers", 118, "林主理"),
        Figure(golden.MARCH_2, "new_members", 5, "林主理"),
        Figure(golden.MARCH_2, "left_members", 2, "林主理"),
        Unknown(3, "二群,林主理,9,9,0,0,那天", whys_text.BAD_DAY),
    ]


@pytest.mark.parametrize(
    "name", ["客户群列表20250301", "客户群_2025-03-01", "list 2025.03.01 v2", "20250301183000导出"]
)
def test_the_day_of_group_sizes_is_taken_from_the_files_name(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, "群名称,群主,群人数\n一群,林主理,10\n", f"{name}.csv")

    assert read("wecom.groups", path)[-1] == Figure(golden.MARCH_1, "members", 10, "林主理")


def test_group_sizes_without_a_day_are_not_given_a_day_but_told_once(tmp_path: Path) -> None:
    path = written(tmp_path, "群名称,群主,群人数\n一群,林主理,10\n二群,林主理,20\n")

    assert [entry for entry in read("wecom.groups", path) if isinstance(entry, Figure | Unknown)] == [
        Unknown(1, "sheet", whys_text.NO_EXPORT_DAY)
    ]


def test_a_row_of_wrong_columns_late_in_the_sheet_is_told_by_its_row_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    rows = [f"2025-03-01,{at},1,1,1" for at in range(5000)]
    rows[4321] = "2025-03-01,5"
    path = written(
        tmp_path, "时间,新关注人数,取消关注人数,净增关注人数,累积关注人数\n" + "\n".join(rows) + "\n"
    )

    entries = read("official_account.followers", path)

    assert [entry for entry in entries if isinstance(entry, Unknown)] == [
        Unknown(4323, "2025-03-01,5", whys_text.OTHER_COLUMNS)
    ]
    assert sum(isinstance(entry, Figure) for entry in entries) == 4 * 4999


def test_bad_days_and_bad_numbers_are_told_by_row(tmp_path: Path) -> None:
    path = written(tmp_path, "时间,新关注人数,取消关注人数\n2025-02-30,1,1\n2025-03-01,很多,2.5\n")

    assert [entry for entry in read("official_account.followers", path) if isinstance(entry, Unknown)] == [
        Unknown(2, "2025-02-30,1,1", whys_text.BAD_DAY),
        Unknown(3, "很多", whys_text.NO_WHOLE_NUMBER),
        Unknown(3, "2.5", whys_text.NO_WHOLE_NUMBER),
    ]


def test_every_figure_has_a_label_for_the_screen() -> None:
    names = {
        column.field
        for template in SHEET_TEMPLATES
        if template.kind != "members"
        for column in template.columns
    } - {"day", "chat", "chat_id", "owner", "created", "as_of"}

    assert names == set(FIGURE_LABELS)
