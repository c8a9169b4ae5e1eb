"""QQ's old text export, one chat or all."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.qq_text import QQ_TEXT
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Options, Person, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import qq as golden

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"
CASES = (("qq_pc_all.txt", golden.ALL), ("qq_pc_single.txt", golden.SINGLE))
EIGHT = 1740787200000  # 2025-03-01 08:00 in Shanghai


def read(path: Path) -> list[Entry]:
    return list(QQ_TEXT.read(Source(path), Options()))


def written(folder: Path, text: str, name: str = "茶友.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_every_sample_reads_as_written_down_beforehand(name: str, expected: list[Entry]) -> None:
    assert read(SAMPLES / name) == expected


@pytest.mark.parametrize(("name", "_expected"), CASES)
def test_every_sample_is_recognised(name: str, _expected: list[Entry]) -> None:
    guess = QQ_TEXT.sniff(Source(SAMPLES / name))

    assert guess is not None
    assert (guess.sureness, guess.evidence) == (96, "文件头有“消息分组”和“消息对象”")


def test_a_file_without_blocks_is_one_chat_named_by_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "2025-03-01 8:00:00 阿青(10001002)\n早\n")

    assert read(path) == [
        Chat("茶友", "茶友", "qq"),
        Person("10001002", "qq.uin", "", "10001002", "阿青"),
        Act("message", EIGHT, "10001002", text="早", line=1),
    ]


def test_two_chats_of_one_name_stay_two(tmp_path: Path) -> None:
    ruler = "=" * 64
    block = f"{ruler}\n消息分组:我的好友\n{ruler}\n消息对象:阿青\n{ruler}\n\n2025-03-01 8:00:00 阿青\n早\n\n"

    chats = [entry for entry in read(written(tmp_path, block * 2)) if isinstance(entry, Chat)]

    assert chats == [Chat("阿青", "阿青", "qq", "dm"), Chat("阿青#2", "阿青", "qq", "dm")]


@pytest.mark.parametrize(
    ("sender", "person"),
    [
        ("【冒泡】【茶】阿青(10001002)", Person("10001002", "qq.uin", "", "10001002", "【茶】阿青")),
        ("阿(青)(10001002)", Person("10001002", "qq.uin", "", "10001002", "阿(青)")),
        ("阿青<A.Q@example.com>", Person("a.q@example.com", "email", "", "a.q@example.com", "阿青")),
        ("阿 青", Person("name:茶友:阿 青", "name", "茶友", "阿 青", "阿 青")),
        ("(10001002)", Person("10001002", "qq.uin", "", "10001002")),
    ],
)
def test_a_sender_is_taken_apart_into_nickname_and_account(
    sender: str, person: Person, tmp_path: Path
) -> None:
    path = written(tmp_path, f"2025-03-01 20:00:00 {sender}\n早\n")

    assert [entry for entry in read(path) if isinstance(entry, Person)] == [person]


def test_lines_before_the_first_message_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "开头的话\n2025-03-01 8:00:00 阿青(10001002)\n早\n")

    assert read(path)[1] == Unknown(1, "开头的话", whys_text.NO_HEADER)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as told:
        read(written(tmp_path, "\n"))

    assert told.value.code == "connectors.file_empty"
