"""Files, folders and archives as sources."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.importers import archive as limits
from qunying.connectors.importers.source import CHUNK, MAX_LINE, Source, lines
from qunying.kit.errors import Invalid


def packed(path: Path, *files: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def refused(path: Path, name: str | None = None) -> tuple[str, dict[str, object]]:
    """The code and details of the refusal when the source is opened and read."""
    with pytest.raises(Invalid) as caught:
        Source(path).open(name).read()
    return caught.value.code, dict(caught.value.details)


def test_a_plain_file_a_gz_a_folder_and_a_zip_answer_the_same_verbs(tmp_path: Path) -> None:
    (tmp_path / "folder" / "sub").mkdir(parents=True)
    (tmp_path / "folder" / "sub" / "b.json").write_bytes(b"[]")
    (tmp_path / "one.json").write_bytes(b"[]")
    (tmp_path / "two.json.gz").write_bytes(gzip.compress(b"[]"))
    packed(tmp_path / "three.zip", ("sub/b.json", b"[]"))

    seen = [
        (source.name, source.is_many, source.names(), source.head(4, name=source.names()[0]))
        for source in map(Source, [tmp_path / n for n in ("one.json", "two.json.gz", "folder", "three.zip")])
    ]

    assert seen == [
        ("one.json", False, ["one.json"], b"[]"),
        ("two.json.gz", False, ["two.json"], b"[]"),
        ("folder", True, ["sub/b.json"], b"[]"),
        ("three.zip", True, ["sub/b.json"], b"[]"),
    ]


def test_hidden_names_are_content_and_desktop_litter_is_not(tmp_path: Path) -> None:
    names = (".topic.json", "__MACOSX/._a.json", "a/.DS_Store", "a/.hidden topic.json", "a/b.json")
    for name in names:
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(b"[]")
    zipped = packed(tmp_path / "z.zip", *((name, b"[]") for name in names))

    found = [Source(tmp_path / "folder").names(), Source(zipped).names()]

    assert found == [[".topic.json", "a/.hidden topic.json", "a/b.json"]] * 2


def test_chinese_names_that_windows_wrote_in_gbk_are_read_as_chinese(tmp_path: Path) -> None:
    path = packed(tmp_path / "z.zip", ("XXXX.json", b"[]"))
    path.write_bytes(path.read_bytes().replace(b"XXXX", "福利".encode("gbk")))

    source = Source(path)

    assert (source.names(), source.open("福利.json").read()) == (["福利.json"], b"[]")


@pytest.mark.parametrize(
    "name",
    [
        "../up.json",
        "/etc/a.json",
        "a/../../b.json",
        "C:/a.json",
        "a\\b.json",
        "con.json",
        "a/NUL",
        "a//b.json",
    ],
)
def test_an_entry_with_a_tricky_path_refuses_the_archive(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "z.zip", ("good.json", b"[]"), (name, b"x"))

    assert refused(path) == ("connectors.archive_bad_path", {"archive": "z.zip", "entry": name})


def test_a_link_inside_an_archive_refuses_it(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.json")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    assert refused(tmp_path / "z.zip") == (
        "connectors.archive_bad_path",
        {"archive": "z.zip", "entry": "link.json"},
    )


def test_a_link_that_leads_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "secret.json").write_text("[]")
    (tmp_path / "folder" / "link.json").symlink_to(tmp_path / "secret.json")

    with pytest.raises(Invalid) as caught:
        Source(tmp_path / "folder").names()

    assert (caught.value.code, caught.value.details) == (
        "connectors.archive_bad_path",
        {"archive": "folder", "entry": "link.json"},
    )


def test_a_bomb_is_refused_by_what_it_declares_31(tmp_path: Path) -> None:
    path = packed(tmp_path / "bomb.zip", ("a.json", bytes(limits.FREE + 1)))

    assert refused(path) == (
        "connectors.archive_bomb",
        {"archive": "bomb.zip", "entry": "a.json", "limit": limits.MAX_RATIO},
    )


def test_a_packed_file_is_counted_while_it_is_read_31(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(bytes(limits.FREE + (1 << 20))))

    assert refused(path) == (
        "connectors.archive_bomb",
        {"archive": "bomb.jsonl.gz", "entry": "bomb.jsonl", "limit": limits.MAX_RATIO},
    )


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "liar.zip", ("a.json", bytes(5_000_000)))
    told, true = (100).to_bytes(4, "little"), (5_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true, told))

    assert refused(path, "a.json") == (
        "connectors.archive_damaged",
        {"archive": "liar.zip", "entry": "a.json"},
    )


def test_more_entries_than_the_limit_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "z.zip", *((f"{n}.json", b"") for n in range(limits.MAX_ENTRIES + 1)))

    assert refused(path) == (
        "connectors.archive_too_many",
        {"archive": "z.zip", "entries": limits.MAX_ENTRIES + 1, "limit": limits.MAX_ENTRIES},
    )


def test_an_archive_inside_an_archive_is_not_opened_31(tmp_path: Path) -> None:
    alone = packed(tmp_path / "alone.zip", ("inner.zip", b"PK\x03\x04"))
    beside = packed(tmp_path / "beside.zip", ("a.json", b"[]"), ("inner.zip", b"PK\x03\x04"))

    assert [refused(alone), refused(beside, "inner.zip")] == [
        ("connectors.archive_nested", {"archive": "alone.zip", "entry": "inner.zip"}),
        ("connectors.archive_nested", {"archive": "beside.zip", "entry": "inner.zip"}),
    ]


@pytest.mark.parametrize("cut", [10, 60, -1])
def test_a_damaged_archive_is_refused(tmp_path: Path, cut: int) -> None:
    path = packed(tmp_path / "z.zip", ("a.json", b"[]" * 100))
    path.write_bytes(path.read_bytes()[:cut])

    assert refused(path, "a.json")[0] == "connectors.archive_damaged"


def test_a_gz_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"line\n" * 1000)[:-20])

    assert refused(path)[0] == "connectors.archive_damaged"


def test_a_workbook_is_one_file(tmp_path: Path) -> None:
    path = packed(tmp_path / "list.xlsx", ("[Content_Types].xml", b"<x/>"))

    source = Source(path)

    assert (source.is_many, source.names(), source.head(2)) == (False, ["list.xlsx"], b"PK")


@given(st.lists(st.binary(max_size=20).map(lambda raw: raw.replace(b"\n", b"")), max_size=30))
def test_lines_are_what_stood_between_the_line_ends(texts: list[bytes]) -> None:
    assert list(lines(io.BytesIO(b"".join(text + b"\n" for text in texts)))) == texts


def test_a_line_of_sixty_megabytes_is_refused_with_its_number_and_without_being_held() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"ok\nok\n" + b"x" * (size - 6) if self.given == CHUNK else b"x" * size

    stream = Endless()

    with pytest.raises(Invalid) as caught:
        list(lines(stream))  # type: ignore[arg-type]  # a stream that never ends

    assert (caught.value.code, caught.value.details) == (
        "connectors.line_too_long",
        {"file": "", "line": 3, "limit": MAX_LINE},
    )
    assert stream.given <= MAX_LINE + 2 * CHUNK
