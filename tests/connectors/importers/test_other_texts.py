"""LINE's text and the CSV files of LC044, chatlog, DiscordChatExporter and Discourse."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.connectors.importers.discord_csv import DISCORD_CSV
from qunying.connectors.importers.discourse_csv import DISCOURSE_CSV
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.line_text import LINE
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.wechat_csv import CHATLOG_CSV, WECHAT_LC044
from qunying.connectors.incoming import Act, Chat, Entry, Options, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import other_texts as golden

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"
CASES = (
    (LINE, "line_zh.txt", golden.LINE_ZH),
    (LINE, "line_en.txt", golden.LINE_EN),
    (LINE, "line_ja.txt", golden.LINE_JA),
    (LINE, "line_th.txt", golden.LINE_TH),
    (WECHAT_LC044, "wechat_lc044.csv", golden.WECHAT_LC044),
    (WECHAT_LC044, "wechat_lc044_old.csv", golden.WECHAT_LC044_OLD),
    (CHATLOG_CSV, "wechat_chatlog.csv", golden.WECHAT_CHATLOG),
    (CHATLOG_CSV, "wechat_chatlog_more.csv", golden.WECHAT_CHATLOG_MORE),
    (DISCORD_CSV, "discord_dce.csv", golden.DISCORD_CSV),
    (DISCOURSE_CSV, "discourse_user_archive.csv", golden.DISCOURSE_CSV),
)


def read(one: Format, path: Path) -> list[Entry]:
    return list(one.read(Source(path), Options()))


@pytest.mark.parametrize(("one", "name", "expected"), CASES)
def test_every_sample_reads_as_written_down_beforehand(one: Format, name: str, expected: list[Entry]) -> None:
    assert read(one, SAMPLES / name) == expected


@pytest.mark.parametrize(("one", "name", "_expected"), CASES)
def test_every_sample_is_recognised(one: Format, name: str, _expected: list[Entry]) -> None:
    guess = one.sniff(Source(SAMPLES / name))

    assert guess is not None
    assert guess.sureness >= 94


@pytest.mark.parametrize("one", [WECHAT_LC044, CHATLOG_CSV, DISCORD_CSV, DISCOURSE_CSV])
def test_a_table_of_other_columns_is_refused_naming_the_missing_ones(one: Format, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    assert one.sniff(Source(path)) is None
    with pytest.raises(Invalid) as told:
        read(one, path)
    assert told.value.code == "connectors.columns_missing"


@pytest.mark.parametrize(
    ("line", "year_month_day"),
    [
        ("2025/3/1周六", 20250301),
        ("2025/03/01（週六）", 20250301),
        ("2025.03.01 星期六", 20250301),
        ("2025.03.01 Saturday", 20250301),
        ("2025/03/01(土)", 20250301),
        ("Sat, 3/1/2025", 20250301),
        ("Sat, 01/03/2025", 20250301),
        ("Fri, 3/1/2025", 20250103),
        ("ส. 01/03/2568", 20250301),
    ],
)
def test_date_lines_of_line_are_read_in_every_language(
    line: str, year_month_day: int, tmp_path: Path
) -> None:
    path = tmp_path / "茶.txt"
    path.write_text(f"{line}\n20:00\tBo\thi\n", encoding="utf-8")

    told = [entry for entry in LINE.read(Source(path), Options(zone="UTC")) if isinstance(entry, Act)]

    at = {20250301: 1740859200000, 20250103: 1735934400000}[year_month_day]
    assert [entry.at for entry in told] == [at]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Bo已加入该群", [("join", "Bo", "")]),
        ("Bo加入群組", [("join", "Bo", "")]),
        ("Lin邀请Bo加入群", [("invite", "Bo", "Lin")]),
        ("Lin已邀請Bo加入群組", [("invite", "Bo", "Lin")]),
        ("Bo已退出该群", [("leave", "Bo", "")]),
        ("Lin已将Bo移出该群", [("remove", "Bo", "Lin")]),
        ("Bo已收回訊息", [("recall", "Bo", "")]),
        ("Lin将群名称更改为“茶”", [("notice", "Lin", "")]),
        ("Lin更换了群头像", []),
        ("Bo joined the group.", [("join", "Bo", "")]),
        ("Lin added Bo to the group.", [("join", "Bo", "Lin")]),
        ("Lin invited Bo to the group.", [("invite", "Bo", "Lin")]),
        ("Bo left the group.", [("leave", "Bo", "")]),
        ("Lin removed Bo from the group.", [("remove", "Bo", "Lin")]),
        ("Bo unsent a message.", [("recall", "Bo", "")]),
        ('Lin changed the group name to "Tea"', [("notice", "Lin", "")]),
        ("Lin created an album.", []),
        ("Boがグループに参加しました。", [("join", "Bo", "")]),
        ("LinがBoをグループに招待しました。", [("invite", "Bo", "Lin")]),
        ("Boがグループを退会しました。", [("leave", "Bo", "")]),
        ("LinがBoをグループから退会させました。", [("remove", "Bo", "Lin")]),
        ("Boがメッセージの送信を取り消しました", [("recall", "Bo", "")]),
        ("Linがグループ名を「茶」に変更しました。", [("notice", "Lin", "")]),
        ("Linがアルバムを作成しました", []),
        ("Bo เข้าร่วมกลุ่มแล้ว", [("join", "Bo", "")]),
        ("Lin เชิญ Bo เข้าร่วมกลุ่ม", [("invite", "Bo", "Lin")]),
        ("Bo ออกจากกลุ่ม", [("leave", "Bo", "")]),
        ("Lin ลบ Bo ออกจากกลุ่ม", [("remove", "Bo", "Lin")]),
        ("Bo ยกเลิกข้อความ", [("recall", "Bo", "")]),
    ],
)
def test_system_lines_of_line_are_told_in_every_language(
    line: str, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "茶.txt"
    path.write_text(f"2025/3/1周六\n20:00\t\t{line}\n", encoding="utf-8")

    entries = read(LINE, path)

    told = [
        (e.kind, e.actor.rpartition(":")[2], e.other.rpartition(":")[2])
        for e in entries
        if isinstance(e, Act)
    ]
    assert (told, [entry for entry in entries if isinstance(entry, Unknown)]) == (expected, [])


def test_a_single_chat_of_line_is_one(tmp_path: Path) -> None:
    path = tmp_path / "茶.txt"
    path.write_text(
        "[LINE] 与阿青的聊天记录\n\n2025/3/1周六\n20:00\t阿青\t在\n20:01\t林\t在\n", encoding="utf-8"
    )

    assert read(LINE, path)[0] == Chat("阿青", "阿青", "line", "dm")


def test_the_tools_own_sentences_in_discords_table_are_a_join_and_a_pin(tmp_path: Path) -> None:
    path = tmp_path / "Tea Club - general [1234567890].csv"
    path.write_text(
        "AuthorID,Author,Date,Content,Attachments,Reactions\n"
        "1,bo,2025-03-01T08:00:00+08:00,Joined the server.,,\n"
        "1,bo,2025-03-01T08:01:00+08:00,Pinned a message.,,\n"
        "1,bo,2025-03-01T08:02:00+08:00,Joined the server. Really!,,\n",
        encoding="utf-8",
    )

    entries = read(DISCORD_CSV, path)

    assert entries[0] == Chat("1234567890", "Tea Club - general", "discord", "channel")
    assert [entry.kind for entry in entries if isinstance(entry, Act)] == ["join", "pin", "message"]
