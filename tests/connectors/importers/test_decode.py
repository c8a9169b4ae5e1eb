"""The encoding ladder of connectors §7.4-2, on short Chinese files, where the usual detectors fail."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.importers.decode import MAX_LINE, REPAIR, Encoding, detect, lines
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.text_lines import encoding_of
from qunying.kit.errors import Invalid

SIMPLIFIED = (
    "今晚八点开奖，回复 1 参加\n",
    "昵称,入群时间\n阿青,2025-03-01\n",
    "谢谢老板！\n",
    "群名称,群主,群人数\n茶友福利群,林主理,120\n",
    "2025-03-01 08:00:00 阿青(10001002)\n在吗\n",
    "打卡第3天：普洱真好喝～\n",
    "手机号,姓名\n13800000000,王小明\n",
)
TRADITIONAL = (
    "今晚八點開獎，回覆 1 參加\n",
    "暱稱,加入時間\n阿青,2025-03-01\n",
    "謝謝老闆！大家早安\n",
)
ALL = SIMPLIFIED + TRADITIONAL
WAYS = (
    ("utf-8", b"", "utf-8"),
    ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
    ("utf-16-le", b"\xff\xfe", "utf-16-le"),
    ("utf-16-le", b"", "utf-16-le"),
    ("utf-16-be", b"", "utf-16-be"),
    ("gb18030", b"", "gb18030"),
)
CASES = [(text, *way) for text in ALL for way in WAYS] + [(text, "big5", b"", "big5") for text in TRADITIONAL]


def read(data: bytes, encoding: str = "") -> list[tuple[int, str]]:
    return list(lines(io.BytesIO(data), encoding or detect(io.BytesIO(data)).name))


@pytest.mark.parametrize(("text", "codec", "bom", "name"), CASES)
def test_ten_short_chinese_files_in_six_encodings_and_big5_are_all_right(
    text: str, codec: str, bom: bytes, name: str
) -> None:
    data = bom + text.encode(codec)

    assert (detect(io.BytesIO(data)).name, read(data)) == (
        name,
        list(enumerate(text.removesuffix("\n").split("\n"), start=1)),
    )


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_mark_and_without_any_ascii_is_known_by_its_chinese(codec: str) -> None:
    assert read("今晚八点开奖".encode(codec)) == [(1, "今晚八点开奖")]


def test_two_encodings_in_one_file_are_refused_naming_the_odd_line() -> None:
    data = "昵称\n阿青\n".encode() + "王小明\n".encode("gb18030")

    with pytest.raises(Invalid) as told:
        detect(io.BytesIO(data))

    assert (told.value.code, told.value.details) == (
        "connectors.mixed_encodings",
        {"file": "", "line": 3, "encoding": "utf-8"},
    )


def test_a_bom_does_not_hide_a_line_in_another_encoding() -> None:
    data = b"\xef\xbb\xbf" + "昵称\n".encode() + "王小明\n".encode("gb18030")

    with pytest.raises(Invalid) as told:
        read(data)

    assert (told.value.code, told.value.details) == (
        "connectors.mixed_encodings",
        {"file": "", "line": 2, "encoding": "utf-8-sig"},
    )


@pytest.mark.parametrize("wrong", ["latin-1", "cp1252"])
def test_utf_8_once_read_as_latin_1_is_refused_and_can_be_repaired(wrong: str) -> None:
    text = "昵称\n阿青，今晚开奖\n"
    data = "".join(
        bytes([byte]).decode(wrong)
        if wrong == "latin-1" or byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
        else chr(byte)
        for byte in text.encode()
    ).encode()

    with pytest.raises(Invalid) as told:
        read(data)

    assert (told.value.code, told.value.details) == ("connectors.mojibake", {"line": 1, "encoding": REPAIR})
    assert read(data, REPAIR) == [(1, "昵称"), (2, "阿青，今晚开奖")]


@pytest.mark.parametrize("text", ["Ça va, à bientôt", "naïve — 100 €", "Grüße aus Köln"])
def test_honest_western_text_is_no_mojibake(text: str) -> None:
    assert read(text.encode()) == [(1, text)]


def test_an_ascii_file_with_chinese_only_far_behind_is_judged_by_the_whole() -> None:
    data = b"ok\n" * 40000 + "今晚八点开奖，欢迎参加\n".encode("gb18030")

    assert (detect(io.BytesIO(data)).name, read(data)[-1]) == ("gb18030", (40001, "今晚八点开奖，欢迎参加"))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "gb18030"])
def test_a_line_of_60_megabytes_is_refused_with_the_limit(codec: str) -> None:
    data = "昵称\n".encode(codec) + "a".encode(codec) * (60 << 20)

    with pytest.raises(Invalid) as told:
        read(data)

    assert (told.value.code, told.value.details) == (
        "connectors.line_too_long",
        {"file": "", "line": 2, "limit": MAX_LINE},
    )


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Invalid) as told:
        detect(io.BytesIO(bytes(range(256)) * 4))

    assert told.value.code == "connectors.not_text"


def test_the_preview_is_told_which_encoding_and_how_we_know(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes("昵称,入群时间\n阿青,2025-03-01\n".encode("gb18030"))

    assert encoding_of(Source(path)) == Encoding("gb18030", "不是 UTF-8；按常用字判断为 gb18030，请核对预览")


def test_an_encoding_nobody_knows_is_refused() -> None:
    with pytest.raises(Invalid) as told:
        read(b"a", "klingon")

    assert (told.value.code, told.value.details) == ("connectors.unknown_encoding", {"encoding": "klingon"})


@given(st.lists(st.text(st.sampled_from("茶友福利群今晚a1 ，\u0a0a\u0a00"), max_size=9), max_size=20))
def test_lines_of_any_text_come_back_whole_in_every_encoding(texts: list[str]) -> None:
    whole = "\n".join(texts)

    for codec in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        told = [line for _, line in lines(io.BytesIO(whole.encode(codec)), codec)]
        assert told == whole.removesuffix("\n").split("\n") if whole else told == []
