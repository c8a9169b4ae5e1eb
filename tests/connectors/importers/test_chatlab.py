"""ChatLab 0.0.2, both variants."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import chatlab as golden
from tests.connectors.importers.reading import SAMPLES, read, written


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("chatlab_v002.json", golden.DOCUMENT),
        ("chatlab_wechat.jsonl", golden.WECHAT),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected


def test_json_lines_say_the_same_as_the_document() -> None:
    lines = read("chatlab_v002.jsonl")

    # The document counts messages, the lines count lines: the header and two members come first.
    moved = [replace(entry, line=entry.line - 3) if isinstance(entry, Act) else entry for entry in lines]
    assert moved == golden.DOCUMENT


def test_a_packed_file_says_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "club.chatlab.jsonl.gz"
    packed.write_bytes(gzip.compress((SAMPLES / "chatlab_v002.jsonl").read_bytes()))

    assert read(packed) == read("chatlab_v002.jsonl")


@pytest.mark.parametrize(
    ("platform", "account", "identity"),
    [
        ("qq", "10001001", ("qq.uin", "")),
        ("qq", "u_hidden", ("qq.uid", "")),
        ("wechat", "wxid_lin", ("wechat.wxid", "")),
        ("telegram", "7001", ("telegram.user", "")),
        ("discord", "301", ("discord.user", "")),
        ("zulip", "71c7a0777c", ("zulip.id", "")),
        ("whatsapp", "Bo", ("name", "g1")),
        ("telegram", "telegram.channel:1900000001", ("telegram.channel", "")),
        ("telegram", "name:小周", ("name", "g1")),
        ("unknown", "7", ("unknown.id", "g1")),
    ],
)
def test_the_platform_decides_what_an_account_is(
    tmp_path: Path, platform: str, account: str, identity: tuple[str, str]
) -> None:
    file = written(
        tmp_path / "a.json",
        {
            "chatlab": {"version": "0.0.2"},
            "meta": {"name": "茶", "platform": platform, "type": "group", "groupId": "g1"},
            "members": [],
            "messages": [{"sender": account, "timestamp": 1740787200, "type": 0, "content": "早"}],
        },
    )

    people = [(entry.scheme, entry.scope) for entry in read(file) if isinstance(entry, Person)]

    assert people == [identity]


def test_one_platform_id_is_one_person_in_every_file_of_a_platform(tmp_path: Path) -> None:
    def person_of(group: str) -> Person:
        rows = [
            {
                "_type": "header",
                "chatlab": {"version": "0.0.2"},
                "meta": {"name": group, "platform": "zulip", "type": "group", "groupId": group},
            },
            {"_type": "message", "sender": "71c7a0777c", "timestamp": 1740787200, "type": 0, "content": "早"},
        ]
        file = tmp_path / f"{group}.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        return next(entry for entry in read(file) if isinstance(entry, Person))

    assert person_of("condensed") == person_of("equational")


def test_a_hundred_thousand_messages_are_read_in_well_under_a_second_of_processor_time(
    tmp_path: Path,
) -> None:
    header = '{"_type":"header","chatlab":{"version":"0.0.2"},"meta":{"name":"t","platform":"qq","type":"group"}}\n'
    row = '{"_type":"message","platformMessageId":"m%d","sender":"%d","timestamp":%d,"type":0,"content":"今晚八点"}\n'
    rows = "".join(row % (n, 10000 + n % 50, 1740787200 + n) for n in range(100_000))
    file = tmp_path / "big.jsonl"
    file.write_text(header + rows, encoding="utf-8")
    begun = time.process_time()

    acts = sum(isinstance(entry, Act) for entry in read(file))

    assert (acts, time.process_time() - begun < 100_000 / 150_000) == (100_000, True)


def test_a_group_number_may_be_a_number(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"_type":"header","chatlab":{"version":"0.0.2"},"meta":{"name":"茶","platform":"qq","groupId":5001}}\n',
        encoding="utf-8",
    )

    assert read(tmp_path / "a.jsonl") == [Chat("5001", "茶", "qq")]


def test_lines_before_the_header_refuse_the_file(tmp_path: Path) -> None:
    header, member, *_rest = (SAMPLES / "chatlab_v002.jsonl").read_bytes().split(b"\n")
    (tmp_path / "a.jsonl").write_bytes(member + b"\n" + header)

    with pytest.raises(Invalid) as caught:
        read(tmp_path / "a.jsonl")

    assert caught.value.code == "connectors.outline_broken"
