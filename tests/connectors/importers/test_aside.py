"""Long files are read in a process of its own, and tell the same there."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.aside import Request, read_aside
from qunying.connectors.importers import entries, pick
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Options, Spoken
from qunying.connectors.reading import Reading
from qunying.facts.keys import Keys
from qunying.kit.days import clock
from qunying.kit.errors import Invalid
from tests.connectors.importers.reading import SAMPLES

pytestmark = pytest.mark.once
SECRET, ZONE = b"of the brand", "Asia/Shanghai"


def aside(path: Path) -> Iterator[Entry]:
    source = Source(path)
    form, _guess = pick(source)
    return read_aside(Request(str(path), "", form.key, Options(), SECRET, ZONE))


def here(path: Path) -> list[Entry]:
    source = Source(path)
    return list(entries(pick(source)[0], source, Options()))


def read_off(told: list[Entry]) -> list[Entry]:
    """The entries with every message read."""
    found: list[Entry] = []
    for entry in told:
        if isinstance(entry, Chat):
            reading = Reading(entry, Keys(SECRET), clock(ZONE))
        if isinstance(entry, Act) and entry.kind == "message":
            reading.add(entry)
            found.append(reading.take())
        else:
            found.append(entry)
    return found


def one_by_one(told: Iterator[Entry] | list[Entry]) -> list[Entry]:
    """Messages that came together, each by itself."""
    return [
        each
        for entry in told
        for each in (
            [entry.only([place]) for place in range(len(entry))] if isinstance(entry, Spoken) else [entry]
        )
    ]


@pytest.mark.parametrize("name", ["chatlab_v002.jsonl", "whatsapp_ios_zh.txt", "telegram_full.json"])
def test_a_process_of_its_own_tells_the_same_entries_in_the_same_order(name: str) -> None:
    assert one_by_one(aside(SAMPLES / name)) == read_off(here(SAMPLES / name))


def test_what_is_refused_there_is_refused_here_with_the_same_words(tmp_path: Path) -> None:
    broken = tmp_path / "cut.json"
    broken.write_bytes((SAMPLES / "telegram_single.json").read_bytes()[:-200])

    with pytest.raises(Invalid) as at_home:
        here(broken)
    with pytest.raises(Invalid) as elsewhere:
        list(aside(broken))

    assert (elsewhere.value.code, elsewhere.value.details) == (at_home.value.code, at_home.value.details)


def history(tmp_path: Path, count: int) -> Path:
    lines = ['{"_type":"header","chatlab":{"version":"0.0.2"},"meta":{"name":"群","platform":"qq"}}']
    lines += [
        f'{{"_type":"message","platformMessageId":"{n}","sender":"7","timestamp":{1_700_000_000 + n},"type":0}}'
        for n in range(count)
    ]
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()}


def test_a_process_that_is_killed_does_not_pass_for_the_end_of_the_file(tmp_path: Path) -> None:
    before = children()
    stream = aside(history(tmp_path, 200_000))
    next(stream)
    for child in children() - before:
        os.kill(child, signal.SIGKILL)

    with pytest.raises(ChildProcessError):
        list(stream)


def test_who_stops_in_the_middle_leaves_no_process_behind(tmp_path: Path) -> None:
    before = children()
    stream = aside(history(tmp_path, 200_000))
    next(stream)
    assert children() > before

    stream.close()  # type: ignore[attr-defined]  # a generator

    assert children() == before


SAID = st.builds(
    lambda at, actor, id_, text, target, edited: Act(
        "message", at, actor, id_, text, target=target, edited_at=edited
    ),
    st.integers(0, 2**41),
    st.sampled_from("ab"),
    st.sampled_from(["", "1", "2"]),
    st.text(max_size=12),
    st.sampled_from(["", "1", "9"]),
    st.none() | st.integers(1, 2**41),
)


@given(acts=st.lists(SAID, max_size=12), cut=st.integers(0, 12), keep=st.sets(st.integers(0, 11)))
def test_messages_read_in_parts_are_those_read_at_once(acts: list[Act], cut: int, keep: set[int]) -> None:
    chat = Chat("群", "群", "qq")
    whole, parts = (Reading(chat, Keys(SECRET), clock(ZONE)) for _ in range(2))
    told = Spoken()
    for some in (acts[:cut], acts[cut:]):
        for act in some:
            parts.add(act)
        told.extend(parts.take())
    for act in acts:
        whole.add(act)
    once = whole.take()

    assert told == once
    places = sorted(place for place in keep if place < len(acts))
    assert one_by_one([once.only(places)]) == [one_by_one([once])[place] for place in places]
