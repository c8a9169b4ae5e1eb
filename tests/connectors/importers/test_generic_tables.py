"""Tables of acts and of members: own columns, usual headers, the operator's mapping, limits, errors by row."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from qunying.connectors.importers import pick, whys_text
from qunying.connectors.importers.decode import MAX_LINE
from qunying.connectors.importers.generic_table import GENERIC
from qunying.connectors.importers.member_list import MEMBER_LIST
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.text_formats import TEXT_FORMATS
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Person, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import tables as golden
from tests.connectors.importers.goldens.sheets import QQ_MEMBERS

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"
HEAD = "timestamp,user_id,user_name,kind,text\n"


def read(path: Path, options: Options | None = None) -> list[Entry]:
    return list(GENERIC.read(Source(path), options or Options()))


def written(folder: Path, text: str, name: str = "表.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def book(folder: Path, sheet: str, *, extra: dict[str, bytes] | None = None) -> Path:
    """A workbook of one sheet whose XML we write ourselves."""
    path = folder / "表.xlsx"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    names = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}worksheet+xml"/></Types>',
        )
        packed.writestr(
            "_rels/.rels",
            f'<Relationships {rel}><Relationship Id="rId1" Type="{base}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook {main} {names}><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships {rel}><Relationship Id="rId1" Type="{base}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        packed.writestr("xl/worksheets/sheet1.xml", sheet.replace("<worksheet>", f"<worksheet {main}>"))
        for name, data in (extra or {}).items():
            packed.writestr(name, data)
    return path


def inline(*rows: list[str]) -> str:
    cells = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{chr(65 + column)}{at}" t="inlineStr"><is><t>{value}</t></is></c>'
            for column, value in enumerate(row)
        )
        + "</row>"
        for at, row in enumerate(rows, start=1)
    )
    return f"<worksheet><sheetData>{cells}</sheetData></worksheet>"


def test_our_own_columns_read_as_written_down_beforehand() -> None:
    assert read(SAMPLES / "generic.csv") == golden.GENERIC


def test_our_own_columns_are_recognised_by_name() -> None:
    guess = GENERIC.sniff(Source(SAMPLES / "generic.csv"))

    assert guess == Guess(
        90,
        "自定义表格的列：platform、chat_id、chat_name、message_id、timestamp、user_id、user_name、kind、text、reply_to、"
        "reaction、target_user",
    )


def test_a_mapping_reads_a_workbook_of_any_headers() -> None:
    path = SAMPLES / "generic_mapped.xlsx"

    assert GENERIC.sniff(Source(path)) is None
    assert read(path, Options(mapping=golden.MAPPING)) == golden.GENERIC_MAPPED


def test_usual_headers_are_offered_as_a_guess_to_check(tmp_path: Path) -> None:
    path = written(tmp_path, "时间,昵称,内容\n2025-03-01 08:00,阿青,早\n")

    assert GENERIC.sniff(Source(path)) == Guess(40, "按表头猜测了这些列的用途，请核对：时间、昵称、内容")
    assert read(path)[-1] == Act("message", golden.EIGHT, "name:表:阿青", text="早", precision="min", line=2)


def test_without_the_needed_columns_the_table_is_refused_naming_them(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as told:
        read(written(tmp_path, "a,b\n1,2\n"))

    assert (told.value.code, told.value.details) == (
        "connectors.columns_missing",
        {"columns": "时间、账号或昵称、内容或行为类型"},
    )


@pytest.mark.parametrize(
    ("when", "at", "precision"),
    [
        ("1740787200", 1740787200000, "s"),
        ("1740787200123", 1740787200123, "ms"),
        ("2025-03-01T00:00:00Z", 1740787200000, "s"),
        ("2025-03-01 00:00:00 UTC", 1740787200000, "s"),
        ("2025-02-28T19:00:00.250-05:00", 1740787200250, "ms"),
        ("2025/3/1 8:00", 1740787200000, "min"),
        ("2025年3月1日 上午8时00分", 1740787200000, "min"),
        ("2025.03.01 8:00:05 AM", 1740787205000, "s"),
        ("2025-03-01 12:00 AM", 1740758400000, "min"),
        ("2025-03-01 中午12:30", 1740803400000, "min"),
        ("45717.333333333336", 1740787200000, "min"),
        ("45717", 1740758400000, "day"),
        ("20250301", 1740758400000, "day"),
    ],
)
def test_times_are_read_in_every_usual_form(when: str, at: int, precision: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'timestamp,user_id,text\n"{when}",1,早\n')

    told = next(entry for entry in read(path) if isinstance(entry, Act))
    assert (told.at, told.precision) == (at, precision)


@pytest.mark.parametrize(
    "when", ["", "昨天", "2025-02-30 08:00", "8:00", "2025-03-01 25:00", "12", "2025-03-01 8"]
)
def test_what_is_no_time_is_told_by_row(when: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'timestamp,user_id,text\n"{when}",1,早\n')

    assert [entry for entry in read(path) if isinstance(entry, Unknown)] == [
        Unknown(2, f"{when},1,早", whys_text.BAD_TIME)
    ]


def test_the_zone_the_operator_gives_is_used_and_an_unknown_one_refused(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "2025-03-01 08:00:00,1,阿青,,早\n")

    assert read(path, Options(zone="America/New_York"))[-1] == Act(
        "message", 1740834000000, "1", text="早", line=2
    )
    with pytest.raises(Invalid) as told:
        read(path, Options(zone="Mars/Olympus"))
    assert (told.value.code, told.value.details) == ("connectors.unknown_zone", {"zone": "Mars/Olympus"})


def test_the_target_of_a_coming_or_going_is_the_member_and_of_a_message_the_other(tmp_path: Path) -> None:
    rows = (
        "1740787200,1,林主理,remove,,2\n"
        "1740787200,1,林主理,join,,3\n"
        "1740787200,1,林主理,message,早,2\n"
        "1740787200,,林主理,invite,,阿青\n"
    )
    path = written(tmp_path, "timestamp,user_id,user_name,kind,text,target_user\n" + rows)

    assert [(e.kind, e.actor, e.other) for e in read(path) if isinstance(e, Act)] == [
        ("remove", "2", "1"),
        ("join", "3", "1"),
        ("message", "1", "2"),
        ("invite", "name:表:阿青", "name:表:林主理"),
    ]


def test_equal_rows_without_ids_all_survive(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "1740787200,1,阿青,message,1\n" * 3)

    assert [entry.line for entry in read(path) if isinstance(entry, Act)] == [2, 3, 4]


def test_a_bare_carriage_return_ends_a_row_or_stays_a_break_inside_quotes(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    rows = HEAD + '1740787200,1,阿青,message,"一\r二"\r1740787200,1,阿青,message,三\r\n'
    path.write_bytes(rows.encode())

    assert [entry.text for entry in read(path) if isinstance(entry, Act)] == ["一\n二", "三"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found_and_quoted_line_breaks_stay_inside_their_cell(
    delimiter: str, tmp_path: Path
) -> None:
    head = HEAD.replace(",", delimiter)
    row = delimiter.join(("1740787200", "1", "阿青", "message", '"一, 二; 三| 四\n第二行"'))
    path = written(tmp_path, f"{head}{row}\n{row}\n")

    assert [(e.text, e.line) for e in read(path) if isinstance(e, Act)] == [
        ("一, 二; 三| 四\n第二行", 2),
        ("一, 二; 三| 四\n第二行", 4),
    ]


def test_wrong_columns_at_row_50000_are_told_by_row_and_all_others_read(tmp_path: Path) -> None:
    rows = ["1740787200,1,阿青,message,早"] * 60_000
    rows[49_998] = "1740787200,1,阿青,message,早,多出一列"
    entries = read(written(tmp_path, HEAD + "\n".join(rows)))

    assert [entry for entry in entries if isinstance(entry, Unknown)] == [
        Unknown(50_000, "1740787200,1,阿青,message,早,多出一列", whys_text.OTHER_COLUMNS)
    ]
    assert sum(isinstance(entry, Act) for entry in entries) == 59_999


def test_a_file_that_comes_back_to_a_chat_names_the_chat_again_and_its_people_once(tmp_path: Path) -> None:
    rows = "1740787200,一群,1,阿青,早\n1740787200,二群,1,阿青,早\n1740787200,一群,1,阿青,早\n"
    path = written(tmp_path, "timestamp,chat_name,user_id,user_name,text\n" + rows)
    first, second = Chat("一群", "一群", "other"), Chat("二群", "二群", "other")

    assert read(path) == [
        first,
        Person("1", "unknown.id", "一群", "1", "阿青"),
        Act("message", 1740787200000, "1", text="早", line=2),
        second,
        Person("1", "unknown.id", "二群", "1", "阿青"),
        Act("message", 1740787200000, "1", text="早", line=3),
        first,
        Act("message", 1740787200000, "1", text="早", line=4),
    ]


def test_formulas_stay_text_as_typed(tmp_path: Path) -> None:
    formulas = ["=1+1", "+1", "-5", "@SUM(A1)", "＝cmd", "=HYPERLINK(1)"]
    path = written(tmp_path, HEAD + "".join(f"1740787200,1,阿青,message,{one}\n" for one in formulas))

    assert [entry.text for entry in read(path) if isinstance(entry, Act)] == formulas


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ",".join(f"c{at}" for at in range(300)) + "\n")

    with pytest.raises(Invalid) as told:
        read(path)

    assert (told.value.code, told.value.details) == (
        "connectors.table_too_wide",
        {"columns": 300, "limit": 200},
    )


def test_a_quote_never_closed_is_refused_instead_of_swallowing_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + '1740787200,1,阿青,message,"' + "早\n" * 600_000)

    with pytest.raises(Invalid) as told:
        read(path)

    assert (told.value.code, told.value.details) == (
        "connectors.line_too_long",
        {"file": "", "line": 2, "limit": MAX_LINE},
    )


def test_an_empty_table_is_refused_and_not_recognised(tmp_path: Path) -> None:
    path = written(tmp_path, "")

    assert (GENERIC.sniff(Source(path)), MEMBER_LIST.sniff(Source(path))) == (None, None)
    with pytest.raises(Invalid):
        read(path)


def test_a_workbook_we_wrote_by_hand_is_read(tmp_path: Path) -> None:
    path = book(tmp_path, inline(["timestamp", "user_id", "text"], ["1740787200", "1", "早"]))

    assert read(path)[-1] == Act("message", 1740787200000, "1", text="早", line=2)


def test_a_zip_bomb_in_a_workbook_is_refused_by_its_declared_size_31(tmp_path: Path) -> None:
    path = book(tmp_path, inline(["a"]), extra={"xl/media/bomb.bin": bytes(200 << 20)})

    with pytest.raises(Invalid) as told:
        read(path)

    assert told.value.code == "connectors.workbook_too_big"
    assert GENERIC.sniff(Source(path)) is None


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path, inline(["a"]), extra={"xl/media/bomb.bin": bytes(1 << 20)})
    honest = (1 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (10).to_bytes(4, "little")))

    with pytest.raises(Invalid) as told:
        read(path)

    assert (told.value.code, told.value.details["size"]) == ("connectors.workbook_too_big", 1 << 20)


def test_a_workbook_of_ten_thousand_parts_is_refused_31(tmp_path: Path) -> None:
    path = book(tmp_path, inline(["a"]), extra={f"xl/p{at}": b"" for at in range(10_000)})

    with pytest.raises(Invalid) as told:
        read(path)

    assert (told.value.code, told.value.details["parts"]) == ("connectors.workbook_too_big", 10_005)


def test_external_entities_in_a_workbook_are_refused_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    sheet = inline(["timestamp", "user_id", "text"], ["1740787200", "1", "&x;"])
    path = book(tmp_path, f'<!DOCTYPE w [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + sheet)

    with pytest.raises(Invalid) as told:
        read(path)

    assert (told.value.code, told.value.details) == ("connectors.workbook_broken", {})


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing more")

    with pytest.raises(Invalid) as told:
        read(path)

    assert (told.value.code, GENERIC.sniff(Source(path))) == ("connectors.workbook_broken", None)


def test_a_member_list_reads_as_written_down_beforehand() -> None:
    assert list(MEMBER_LIST.read(Source(SAMPLES / "members.csv"), Options())) == golden.MEMBERS


def test_a_member_list_is_recognised_by_its_columns() -> None:
    assert MEMBER_LIST.sniff(Source(SAMPLES / "members.csv")) == Guess(
        80, "群成员名单的列：昵称、手机号、会员号、群名称、入群时间、来源"
    )


def test_a_member_list_takes_the_operators_mapping_and_leaves_out_what_is_mapped_to_nothing(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "称呼,手机号,编号,备注\n阿青,13800000001,7,很长的备注\n")
    mapping = {"称呼": "name", "编号": "member_no", "手机号": ""}

    assert list(MEMBER_LIST.read(Source(path), Options(mapping=mapping)))[1:] == [
        Person(
            "7",
            "brand.member_no",
            "",
            "7",
            "阿青",
            is_listed=True,
            attributes={"备注": "很长的备注"},
            row=2,
        )
    ]


def test_a_zip_of_tables_is_no_table_but_each_file_inside_is(tmp_path: Path) -> None:
    path = tmp_path / "表.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("一.csv", HEAD + "1740787200,1,阿青,message,早\n")
        packed.write(SAMPLES / "sheets" / "qq_members.xlsx", "二.xlsx")

    texts, members = Source(path).children()

    assert [one.sniff(Source(path)) for one in TEXT_FORMATS] == [None] * len(TEXT_FORMATS)
    assert [entry.text for entry in GENERIC.read(texts, Options()) if isinstance(entry, Act)] == ["早"]
    chosen, _guess = pick(members)
    assert chosen.key == "sheet.qq.members"
    assert list(chosen.read(members, Options())) == QQ_MEMBERS
