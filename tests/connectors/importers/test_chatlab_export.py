"""ChatLab 0.0.2 out and in again: what the format can carry comes back, what it cannot is counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.connectors.importers.chatlab import CHATLAB
from qunying.connectors.importers.chatlab_export import LEFT_OUT, TYPES, ChatLabExport
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.qq_text import QQ_TEXT
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.wechat_csv import CHATLOG_CSV, WECHAT_LC044
from qunying.connectors.importers.whatsapp import WHATSAPP
from qunying.connectors.incoming import Act, Chat, Entry, Form, Options, Person, Unknown
from tests.connectors.importers.goldens import chatlab_export as golden

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"


def written(folder: Path, entries: list[Entry]) -> tuple[Path, Counter[str]]:
    export = ChatLabExport(lambda: entries, exported_at=1740873600)
    path = folder / "chat.jsonl"
    path.write_bytes(b"".join(export.lines()))
    return path, export.left_out


def read(path: Path) -> list[Entry]:
    return list(CHATLAB.read(Source(path), Options()))


def carried(entries: list[Entry]) -> list[tuple[object, ...]]:
    """Acts as the format can carry them, with people by identity: (kind, second, who, whom, id, text, form, target)."""
    people = {entry.ref: (entry.scheme, entry.value) for entry in entries if isinstance(entry, Person)}
    return [
        (
            act.kind,
            act.at // 1000,
            people[act.actor],
            people.get(act.other) if act.kind != "message" else None,
            act.id,
            act.text,
            act.form,
            act.target,
        )
        for act in entries
        if isinstance(act, Act)
    ]


def as_chatlab_knows(row: tuple[object, ...]) -> tuple[object, ...]:
    """A poll goes as another form; on a platform of mere names a phone number is one more name."""
    told = ("other" if value == "poll" else value for value in row)
    return tuple(
        ("name", f"phone:{value[1]}") if isinstance(value, tuple) and value[0] == "phone" else value
        for value in told
    )


def test_header_member_and_messages_are_written_line_by_line(tmp_path: Path) -> None:
    path, left_out = written(tmp_path, golden.CARRIED)

    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == golden.LINES
    assert left_out == {}


def test_what_the_format_cannot_carry_is_counted_by_kind(tmp_path: Path) -> None:
    _path, left_out = written(tmp_path, golden.BEYOND)

    assert left_out == {
        "marks": 1,
        "attributes": 1,
        "identity": 1,
        "aliases": 1,
        "reaction": 2,
        "share": 1,
        "anonymous": 1,
        "poll": 1,
        "edited_at": 1,
        "milliseconds": 1,
        "precision": 1,
        "reply_author": 1,
        "join_source": 1,
        "figure": 1,
        "unknown": 1,
    }
    assert set(left_out) < set(LEFT_OUT)


def test_every_form_but_a_poll_has_a_number_of_its_own() -> None:
    assert set(get_args(Form)) - set(TYPES) == {"poll"}
    assert len(set(TYPES.values())) == len(TYPES)


def test_several_chats_are_refused() -> None:
    export = ChatLabExport(lambda: [golden.QQ, Chat("2", "二群", "qq")], exported_at=0)

    with pytest.raises(ValueError, match="too many values"):
        list(export.lines())


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (WHATSAPP, "whatsapp_ios_zh.txt"),
        (WHATSAPP, "whatsapp_android_en.txt"),
        (WHATSAPP, "whatsapp_android_zh.txt"),
        (QQ_TEXT, "qq_pc_single.txt"),
        (WECHAT_LC044, "wechat_lc044.csv"),
        (CHATLOG_CSV, "wechat_chatlog.csv"),
    ],
)
def test_samples_come_back_from_chatlab_as_they_went(one: Format, name: str, tmp_path: Path) -> None:
    entries = list(one.read(Source(SAMPLES / name), Options()))

    path, _left_out = written(tmp_path, entries)
    back = read(path)

    assert carried(back) == [as_chatlab_knows(row) for row in carried(entries)]
    assert [entry for entry in back if isinstance(entry, Unknown)] == []


names = st.text(
    st.characters(codec="utf-8", exclude_characters="“”〔〕\r\n", categories=("L", "N", "P", "S", "Z")),
    max_size=8,
)
people = st.lists(
    st.builds(
        lambda number, name, is_listed: Person(
            str(number), "qq.uin", "", str(number), name=name.strip(), is_listed=is_listed
        ),
        st.integers(10000, 99999),
        names,
        st.booleans(),
    ),
    min_size=2,
    max_size=4,
    unique_by=lambda person: person.ref,
)
texts = st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Z", "Cc")), max_size=20)


@st.composite
def chats(draw: st.DrawFn) -> list[Entry]:
    """A chat of whatever the format can carry."""
    members = draw(people)
    refs = st.sampled_from([person.ref for person in members])
    seconds = st.integers(0, 2_000_000_000).map(lambda second: second * 1000)
    ids = st.text("abc123", max_size=4)
    forms = st.sampled_from(sorted(TYPES))
    message = st.builds(
        lambda at, who, id_, text, form, target: Act("message", at, who, id_, text, form, target),
        seconds,
        refs,
        ids,
        texts,
        forms,
        ids,
    )
    coming = st.builds(
        lambda kind, at, who, other: Act(kind, at, who, other=other),
        st.sampled_from(["join", "remove", "invite"]),
        seconds,
        refs,
        refs | st.just(""),
    )
    about = st.builds(
        lambda kind, at, who, target: Act(kind, at, who, target=target),
        st.sampled_from(["recall", "pin"]),
        seconds,
        refs,
        ids,
    )
    other = st.builds(lambda at, who: Act("leave", at, who), seconds, refs)
    acts = draw(st.lists(message | coming | about | other, max_size=8))
    return [golden.QQ, *members, *acts]


@settings(max_examples=60, deadline=None)
@given(entries=chats())
def test_whatever_the_format_can_carry_comes_back_equal(
    entries: list[Entry], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, left_out = written(tmp_path_factory.mktemp("chat"), entries)

    assert carried(read(path)) == carried(entries)
    assert left_out == {}
