"""Choosing the format, splitting what was handed over, and saying what a file is when it is no history."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from qunying.connectors.importers import IMPORTERS, entries, guess, pick, sources
from qunying.connectors.importers.refusals_archive import ARCHIVE_REFUSALS
from qunying.connectors.importers.refusals_text import TEXT_REFUSALS
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Options, Person
from qunying.kit.errors import Invalid
from tests.connectors.importers.reading import SAMPLES, read, written

FORMATS_OF_SAMPLES = {
    "chatlab_v002.json": "chatlab",
    "chatlab_v002.jsonl": "chatlab",
    "chatlab_wechat.jsonl": "chatlab",
    "discord_more.json": "discord",
    "matrix_more.json": "matrix",
    "mattermost_system.jsonl": "mattermost",
    "telegram_more.json": "telegram",
    "wechat_chatlog_two.json": "wechat_chatlog",
    "zulip_more": "zulip",
    "discord_dce.json": "discord",
    "discourse_topic.json": "discourse",
    "discourse_topics": "discourse",
    "instagram_mojibake.json": "meta",
    "matrix_element.json": "matrix",
    "mattermost_bulk.jsonl": "mattermost",
    "meta_parts": "meta",
    "qq_qce_chunked": "qq_exporter",
    "qq_qce_v4.json": "qq_exporter",
    "qq_qce_v5.json": "qq_exporter",
    "slack_export": "slack",
    "telegram_bad_escape.json": "telegram",
    "telegram_full.json": "telegram",
    "telegram_single.json": "telegram",
    "wechat_chatlog.json": "wechat_chatlog",
    "wechat_weflow.json": "wechat_weflow",
    "zulip": "zulip",
    "zulip_topics": "zulip_topics",
}


def refusal(path: Path) -> tuple[str, dict[str, object]]:
    with pytest.raises(Invalid) as caught:
        pick(Source(path))
    return caught.value.code, dict(caught.value.details)


@pytest.mark.parametrize(("sample", "key"), FORMATS_OF_SAMPLES.items())
def test_every_sample_is_taken_by_its_own_format_alone(sample: str, key: str) -> None:
    assert [form.key for form, _guess in guess(Source(SAMPLES / sample))] == [key]


@pytest.mark.parametrize("sample", sorted(FORMATS_OF_SAMPLES))
def test_each_chat_of_a_sample_comes_once_and_introduces_its_own_people(sample: str) -> None:
    chats: list[str] = []
    introduced = {""}
    for entry in read(sample):
        if isinstance(entry, Chat):
            chats.append(entry.key)
            introduced = {""}
        elif isinstance(entry, Person):
            introduced.add(entry.ref)
        elif isinstance(entry, Act):
            assert {entry.actor, entry.other} <= introduced

    assert len(chats) == len(set(chats)) > 0


def test_every_format_has_a_key_of_its_own() -> None:
    keys = [form.key for form in IMPORTERS]

    assert sorted(keys) == sorted(set(keys))


def test_the_operator_may_overrule_the_guess() -> None:
    form, found = pick(Source(SAMPLES / "chatlab_v002.json"), "telegram")

    assert (form.key, found.sureness) == ("telegram", 0)


def test_a_format_nobody_knows_is_refused_with_the_list() -> None:
    with pytest.raises(Invalid) as caught:
        pick(Source(SAMPLES / "chatlab_v002.json"), "icq")

    assert (caught.value.code, caught.value.details) == (
        "connectors.unknown_format_key",
        {"key": "icq", "known": ", ".join(form.key for form in IMPORTERS)},
    )


@pytest.mark.parametrize(
    ("name", "content", "code", "details"),
    [
        ("empty.json", b"", "connectors.file_empty", {}),
        ("blank.txt", b" \n\n", "connectors.file_empty", {}),
        ("photo.json", b"\xff\xd8\xff\xe0\x00\x10JFIF", "connectors.is_picture", {"kind": "JPEG"}),
        ("photo.txt", b"\x89PNG\r\n\x1a\n", "connectors.is_picture", {"kind": "PNG"}),
        ("page.json", b"<!DOCTYPE html><html>", "connectors.is_page", {}),
        ("paper.json", b"%PDF-1.7", "connectors.is_document", {"kind": "PDF"}),
        ("msg.json", b"SQLite format 3\x00", "connectors.is_database", {"kind": "SQLite"}),
        ("export.rar", b"Rar!\x1a\x07\x00", "connectors.unpack_first", {"kind": "RAR"}),
        (
            "mixed.txt",
            "2025-03-01 8:00:00 阿青(10001)\n早上好\n".encode() * 5 + "今天喝什么茶".encode("gb18030"),
            "connectors.mixed_encodings",
            {"line": 11, "encoding": "utf-8"},
        ),
        ("other.csv", "甲,乙\n1,2\n3,4\n".encode(), "connectors.unknown_columns", {"columns": "甲、乙"}),
        ("other.json", b'{"recipe": "tea"}', "connectors.unknown_format", {"start": '{"recipe": "tea"}'}),
    ],
)
def test_what_is_no_history_is_named_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, code: str, details: dict[str, object]
) -> None:
    (tmp_path / name).write_bytes(content)

    assert refusal(tmp_path / name) == (code, {"file": name, **details})


def test_every_refusal_has_a_sentence_that_its_numbers_fill() -> None:
    sentences = {refusal.code: str(refusal.sentence) for refusal in (*ARCHIVE_REFUSALS, *TEXT_REFUSALS)}

    assert len(sentences) == len(ARCHIVE_REFUSALS) + len(TEXT_REFUSALS)
    assert sentences["connectors.is_page"].format(file="a.json") == (
        "“a.json”是网页（HTML）。请在导出工具中选择 JSON 格式后重新导出。"
    )


def test_a_known_folder_stays_whole_and_any_other_is_split(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "slack_export", tmp_path / "all" / "slack")
    shutil.copytree(SAMPLES / "zulip_topics", tmp_path / "all" / "topics")
    shutil.copy(SAMPLES / "telegram_single.json", tmp_path / "all" / "a.json")
    shutil.copy(SAMPLES / "discord_dce.json", tmp_path / "all" / "b.json")
    (tmp_path / "all" / "photo.jpg").write_bytes(b"\xff\xd8\xff")

    found = sources([tmp_path / "all", SAMPLES / "chatlab_v002.jsonl"])

    assert [(source.name, pick(source)[0].key) for source in found] == [
        ("a.json", "telegram"),
        ("b.json", "discord"),
        ("slack", "slack"),
        ("topics", "zulip_topics"),
        ("chatlab_v002.jsonl", "chatlab"),
    ]


def test_a_zip_of_single_files_is_split_and_each_file_read_from_inside(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(SAMPLES / "discord_dce.json", "Tea/welcome.json")
        archive.write(SAMPLES / "matrix_element.json", "Tea/room.json")

    found = sources([tmp_path / "two.zip"])

    assert [list(entries(pick(part)[0], part, Options())) for part in found] == [
        read("matrix_element.json"),
        read("discord_dce.json"),
    ]


def test_a_text_with_stray_carriage_returns_is_recognised_and_keeps_them_as_line_breaks(
    tmp_path: Path,
) -> None:
    path = tmp_path / "茶友.txt"
    path.write_bytes("2025-03-01 8:00:00 阿青(10001002)\r\n早\r安\r\n".encode())

    assert [entry.text for entry in read(path) if isinstance(entry, Act)] == ["早\n安"]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        sources([tmp_path / "gone.json"])

    assert (caught.value.code, caught.value.details) == (
        "connectors.file_missing",
        {"file": str(tmp_path / "gone.json")},
    )


def test_a_file_with_the_wrong_outline_is_refused_not_crashed_on(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.json", {"chatlab": {"version": "0.0.2"}, "meta": {"name": 7, "type": ["group"]}}
    )

    with pytest.raises(Invalid) as caught:
        read(file)

    assert (caught.value.code, caught.value.details) == (
        "connectors.outline_broken",
        {"file": "a.json", "format": "chatlab"},
    )


def test_a_single_file_format_named_for_a_folder_is_refused() -> None:
    source = Source(SAMPLES / "slack_export")

    with pytest.raises(Invalid) as caught:
        list(entries(pick(source, "discord")[0], source, Options()))

    assert (caught.value.code, caught.value.details) == (
        "connectors.outline_broken",
        {"file": "slack_export", "format": "discord"},
    )
