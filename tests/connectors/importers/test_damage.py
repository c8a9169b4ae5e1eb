"""Whatever is wrong with a file, the reader refuses it or lists what it could not read: it never crashes, and it never
speaks of people it has not introduced."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.importers import IMPORTERS, entries
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Options, Person, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.reading import SAMPLES
from tests.connectors.importers.test_picking import FORMATS_OF_SAMPLES

FORMS = {form.key: form for form in IMPORTERS}
VALUE = re.compile(rb'(?<=[:,\[])\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)(?=\s*[,}\]])')
NAME = re.compile(rb'"([A-Za-z_]+)"\s*:')
ODD = (b"null", b"[]", b"{}", b'"x"', b"7", b"-1", b"1e300", b"true", b'"\\ud83d"', b'""')

damages = st.tuples(
    st.sampled_from(["value", "name", "cut", "byte"]),
    st.integers(min_value=0),
    st.sampled_from(ODD),
    st.binary(min_size=1, max_size=1),
)


def damaged(raw: bytes, how: tuple[str, int, bytes, bytes]) -> bytes:
    """The file with one value replaced, one name misspelt, its end cut off, or one byte changed."""
    kind, number, value, byte = how
    places = list((VALUE if kind == "value" else NAME).finditer(raw))
    if kind in ("value", "name") and places:
        place = places[number % len(places)]
        return raw[: place.start(1)] + (value if kind == "value" else b"zz") + raw[place.end(1) :]
    at = number % (len(raw) + 1)
    return raw[:at] if kind == "cut" else raw[:at] + byte + raw[at + 1 :]


@given(st.sampled_from(sorted(FORMATS_OF_SAMPLES)), st.integers(min_value=0), damages)
def test_a_damaged_file_is_refused_or_read_as_far_as_it_can_be(
    sample: str, which: int, how: tuple[str, int, bytes, bytes]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / sample
        copy = shutil.copytree if (SAMPLES / sample).is_dir() else shutil.copy
        copy(SAMPLES / sample, path)
        files = sorted(file for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())
        file = files[which % len(files)]
        file.write_bytes(damaged(file.read_bytes(), how))

        introduced = {""}
        try:
            for entry in entries(FORMS[FORMATS_OF_SAMPLES[sample]], Source(path), Options()):
                if isinstance(entry, Person):
                    introduced.add(entry.ref)
                elif isinstance(entry, Act):
                    assert {entry.actor, entry.other} <= introduced
                    assert [type(field) for field in (entry.at, entry.line, entry.text)] == [int, int, str]
                elif isinstance(entry, Unknown):
                    assert [type(entry.raw), type(entry.why)] == [str, str]
        except Invalid as refusal:
            assert refusal.code.startswith("connectors.")
