"""JSON that is cut short, mixed up, absurdly deep or of another encoding."""

from __future__ import annotations

import io
import json
from pathlib import Path

import ijson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.importers import whys
from qunying.connectors.importers.json_stream import MAX_RISE, Bytes
from qunying.connectors.incoming import Act, Person, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import discord, telegram
from tests.connectors.importers.reading import SAMPLES, read, written


def refusal(path: Path) -> tuple[str, dict[str, object]]:
    with pytest.raises(Invalid) as caught:
        read(path)
    return caught.value.code, dict(caught.value.details)


def test_a_document_cut_short_is_refused_naming_record_and_byte(tmp_path: Path) -> None:
    whole = (SAMPLES / "discord_dce.json").read_bytes()
    cut = whole.index(b'"1345000000000000004"')
    (tmp_path / "cut.json").write_bytes(whole[:cut])

    assert refusal(tmp_path / "cut.json") == (
        "connectors.json_broken",
        {"file": "cut.json", "record": 4, "byte": cut},
    )


def test_json_lines_cut_short_are_refused_naming_the_line(tmp_path: Path) -> None:
    whole = (SAMPLES / "chatlab_v002.jsonl").read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(whole[:-40])

    assert refusal(tmp_path / "cut.jsonl") == ("connectors.line_broken", {"file": "cut.jsonl", "line": 8})


def test_two_encodings_in_one_file_are_refused_naming_the_line(tmp_path: Path) -> None:
    lines = (SAMPLES / "chatlab_v002.jsonl").read_bytes().split(b"\n")
    lines[4] = lines[4].decode().encode("gb18030")
    (tmp_path / "mixed.jsonl").write_bytes(b"\n".join(lines))

    assert refusal(tmp_path / "mixed.jsonl") == ("connectors.line_broken", {"file": "mixed.jsonl", "line": 5})


def test_a_document_with_two_encodings_is_refused(tmp_path: Path) -> None:
    whole = (SAMPLES / "discord_dce.json").read_bytes()
    (tmp_path / "mixed.json").write_bytes(whole.replace("参加".encode(), "参加".encode("gb18030")))

    code, details = refusal(tmp_path / "mixed.json")

    assert (code, details["record"]) == ("connectors.json_broken", 3)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_or_utf_16_changes_nothing(tmp_path: Path, codec: str) -> None:
    (tmp_path / "a.json").write_bytes(
        (SAMPLES / "discord_dce.json").read_text(encoding="utf-8").encode(codec)
    )

    assert read(tmp_path / "a.json") == discord.SERVER


def test_a_line_of_sixty_megabytes_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write((SAMPLES / "chatlab_v002.jsonl").read_bytes())
        file.write(b'{"_type": "message", "content": "')
        file.writelines(b"x" * (1 << 20) for _ in range(60))

    assert refusal(tmp_path / "a.jsonl") == (
        "connectors.line_too_long",
        {"line": 9, "limit": 16 << 20, "file": "a.jsonl"},
    )


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"a":[{"text":"[[]"},'])
def test_absurdly_deep_json_is_refused_before_it_is_built(tmp_path: Path, opening: bytes) -> None:
    start = (SAMPLES / "discord_dce.json").read_bytes()[:1500].split(b'"messages"')[0]
    (tmp_path / "deep.json").write_bytes(start + b'"messages": [' + opening * 60_000)

    code, details = refusal(tmp_path / "deep.json")

    assert (code, details["limit"]) == ("connectors.json_too_deep", MAX_RISE)


def test_an_endless_text_is_refused_before_it_is_held(tmp_path: Path) -> None:
    start = (SAMPLES / "discord_dce.json").read_bytes().split(b'"messages"')[0]
    with (tmp_path / "long.json").open("wb") as file:
        file.write(start + b'"messages": [{"content": "')
        file.writelines(b"x" * (1 << 20) for _ in range(60))

    code, details = refusal(tmp_path / "long.json")

    assert (code, details["limit"]) == ("connectors.json_text_too_long", 16 << 20)


def test_brackets_inside_text_are_not_depth(tmp_path: Path) -> None:
    text = "[" * 5000
    file = written(
        tmp_path / "a.json",
        {
            "chatlab": {"version": "0.0.2"},
            "meta": {"name": "茶", "platform": "qq"},
            "members": [],
            "messages": [{"sender": "10001", "timestamp": 1, "type": 0, "content": text}],
        },
    )

    assert [entry.text for entry in read(file) if isinstance(entry, Act)] == [text]


def test_a_record_of_the_wrong_shape_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.json",
        {
            "name": "茶",
            "type": "private_group",
            "id": 1,
            "messages": [
                7,
                {
                    "id": 2,
                    "type": "message",
                    "date_unixtime": [],
                    "from": "Bo",
                    "from_id": "user4",
                    "text": "坏",
                },
                {
                    "id": 3,
                    "type": "message",
                    "date_unixtime": "1",
                    "from": "Bo",
                    "from_id": "user4",
                    "text": "好",
                },
            ],
        },
    )

    assert read(file)[1:] == [
        Unknown(line=1, raw="7", why=whys.BROKEN_RECORD),
        Person(ref="user4", scheme="telegram.user", scope="", value="4", name="Bo"),
        Unknown(
            line=2,
            raw='{"id":2,"type":"message","date_unixtime":[],"from":"Bo","from_id":"user4","text":"坏"}',
            why=whys.BROKEN_RECORD,
        ),
        Act("message", 1000, "user4", id="e3", text="好", line=3),
    ]


def test_a_telegram_file_that_is_both_escaped_wrongly_and_cut_short_is_refused(tmp_path: Path) -> None:
    whole = (SAMPLES / "telegram_bad_escape.json").read_bytes()
    (tmp_path / "a.json").write_bytes(whole[:-10])

    assert refusal(tmp_path / "a.json")[0] == "connectors.json_broken"


def test_the_sound_part_before_an_illegal_escape_is_not_told_twice(tmp_path: Path) -> None:
    whole = json.loads((SAMPLES / "telegram_single.json").read_text(encoding="utf-8"))
    text = json.dumps(whole, ensure_ascii=False).replace("匿名管理员发言", "匿名\\x0B发言")
    (tmp_path / "a.json").write_text(text, encoding="utf-8")

    acts = [(entry.id, entry.text) for entry in read(tmp_path / "a.json") if isinstance(entry, Act)]

    assert acts == [
        (entry.id, "匿名\x0b发言" if entry.text == "匿名管理员发言" else entry.text)
        for entry in telegram.SINGLE
        if isinstance(entry, Act)
    ]


class Drops(io.BytesIO):
    """Bytes handed on a few at a time, so that an escape falls on every possible seam."""

    def __init__(self, raw: bytes, size: int) -> None:
        super().__init__(raw)
        self.size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.size)


@given(
    st.lists(st.text(alphabet='a"\\x\x0b0B\n茶', max_size=12), max_size=8),
    st.integers(min_value=3, max_value=9),
)
def test_repaired_escapes_give_the_texts_back_wherever_the_file_is_cut(texts: list[str], size: int) -> None:
    illegal = json.dumps(texts, ensure_ascii=False).replace("\\u000b", "\\x0B").encode()

    assert list(ijson.items(Bytes(Drops(illegal, size), repair=True), "item")) == texts
