"""All text and table formats together: each sample is taken for what it is, and for nothing else as surely."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.refusals_text import TEXT_REFUSALS
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.text_formats import TEXT_FORMATS
from qunying.connectors.incoming import Options
from qunying.kit.errors import Invalid

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"
CASES = (
    ("WhatsApp Chat with Bo.txt", "whatsapp"),
    ("whatsapp_android_de.txt", "whatsapp"),
    ("whatsapp_android_en.txt", "whatsapp"),
    ("whatsapp_android_es.txt", "whatsapp"),
    ("whatsapp_android_fr.txt", "whatsapp"),
    ("whatsapp_android_pt.txt", "whatsapp"),
    ("whatsapp_android_zh.txt", "whatsapp"),
    ("whatsapp_ios_en_moved.txt", "whatsapp"),
    ("whatsapp_ios_zh.txt", "whatsapp"),
    ("qq_pc_all.txt", "qq.text"),
    ("qq_pc_single.txt", "qq.text"),
    ("line_en.txt", "line"),
    ("line_ja.txt", "line"),
    ("line_th.txt", "line"),
    ("line_zh.txt", "line"),
    ("wechat_lc044.csv", "wechat.lc044"),
    ("wechat_lc044_old.csv", "wechat.lc044"),
    ("wechat_chatlog.csv", "wechat.chatlog_csv"),
    ("wechat_chatlog_more.csv", "wechat.chatlog_csv"),
    ("discord_dce.csv", "discord.csv"),
    ("discourse_user_archive.csv", "discourse.csv"),
    ("generic.csv", "generic"),
    ("members.csv", "members"),
    ("sheets/wecom_groups_2025-03-01.csv", "sheet.wecom.groups"),
    ("sheets/wecom_members.xlsx", "sheet.wecom.members"),
    ("sheets/wecom_members_names.csv", "sheet.wecom.members"),
    ("sheets/wecom_statistics.csv", "sheet.wecom.statistics"),
    ("sheets/qq_members.xlsx", "sheet.qq.members"),
    ("sheets/qq_statistics.csv", "sheet.qq.statistics"),
    ("sheets/douyin_statistics.csv", "sheet.douyin.statistics"),
    ("sheets/xiaohongshu_statistics.xlsx", "sheet.xiaohongshu.statistics"),
    ("sheets/official_account_followers.csv", "sheet.official_account.followers"),
    ("sheets/official_account_articles.csv", "sheet.official_account.articles"),
)


@pytest.mark.parametrize(("name", "key"), CASES)
def test_each_sample_is_taken_for_what_it_is_by_a_clear_margin(name: str, key: str) -> None:
    source = Source(SAMPLES / name)
    guesses = sorted(
        ((guess.sureness, one.key) for one in TEXT_FORMATS if (guess := one.sniff(source))), reverse=True
    )

    assert guesses[0][1] == key
    assert len(guesses) == 1 or guesses[0][0] - guesses[1][0] >= 4


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe", bytes(range(256)), b"{}", "今晚\n".encode()])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.xlsx", "a.json"])
def test_no_sniffer_takes_or_chokes_on_a_file_of_nothing(data: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    assert [one.key for one in TEXT_FORMATS if one.sniff(Source(path))] == []


def test_keys_and_refusal_codes_are_unique() -> None:
    for names in ([one.key for one in TEXT_FORMATS], [refusal.code for refusal in TEXT_REFUSALS]):
        assert len(names) == len(set(names))


@pytest.mark.parametrize("one", TEXT_FORMATS, ids=lambda one: one.key)
def test_a_folder_of_several_files_is_refused_by_every_reader_since_each_file_is_a_source(
    one: Format, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt", "c.csv"):
        (tmp_path / name).write_text("x\n")

    assert one.sniff(Source(tmp_path)) is None
    with pytest.raises(Invalid) as told:
        list(one.read(Source(tmp_path), Options()))
    assert (told.value.code, told.value.details) == ("connectors.not_one_file", {"file": tmp_path.name})


def test_every_refusal_fills_its_sentence() -> None:
    details = {
        "line": 3,
        "encoding": "gb18030",
        "limit": 9,
        "zone": "Mars",
        "columns": "日期",
        "size": 1,
        "parts": 2,
        "most": 3,
        "lines": 4,
        "file": "a.txt",
    }

    assert [refusal.code for refusal in TEXT_REFUSALS if "{" in str(refusal.sentence).format(**details)] == []
