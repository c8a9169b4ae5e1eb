"""WhatsApp's text export, in seven languages and both phones' forms."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.whatsapp import WHATSAPP
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Unknown
from qunying.kit.errors import Invalid
from tests.connectors.importers.goldens import whatsapp as golden

SAMPLES = Path(__file__).parents[2] / "samples" / "exports"
CASES = (
    ("whatsapp_ios_zh.txt", golden.IOS_ZH),
    ("whatsapp_android_en.txt", golden.ANDROID_EN),
    ("whatsapp_android_de.txt", golden.ANDROID_DE),
    ("whatsapp_ios_en_moved.txt", golden.IOS_EN_MOVED),
    ("whatsapp_android_zh.txt", golden.ANDROID_ZH),
    ("whatsapp_android_es.txt", golden.ANDROID_ES),
    ("whatsapp_android_pt.txt", golden.ANDROID_PT),
    ("whatsapp_android_fr.txt", golden.ANDROID_FR),
    ("WhatsApp Chat with Bo.txt", golden.SINGLE),
)


def read(path: Path, options: Options | None = None) -> list[Entry]:
    return list(WHATSAPP.read(Source(path), options or Options()))


def written(folder: Path, text: str) -> Path:
    path = folder / "chat.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_every_sample_reads_as_written_down_beforehand(name: str, expected: list[Entry]) -> None:
    assert read(SAMPLES / name) == expected


@pytest.mark.parametrize(("name", "_expected"), CASES)
def test_every_sample_is_recognised(name: str, _expected: list[Entry]) -> None:
    guess = WHATSAPP.sniff(Source(SAMPLES / name))

    assert guess is not None
    assert guess.sureness == 92


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("whatsapp_ios_zh.txt", "iPhone 导出的行首，日期依次为年、月、日"),
        ("whatsapp_android_de.txt", "Android 导出的行首，日期依次为日、月、年"),
        (
            "whatsapp_android_en.txt",
            "Android 导出的行首，日期依次为月、日、年（开头几行看不出月和日，请核对）",
        ),
    ],
)
def test_the_evidence_tells_the_phone_and_the_order_of_dates(name: str, evidence: str) -> None:
    assert WHATSAPP.sniff(Source(SAMPLES / name)) == Guess(92, evidence)


def test_the_zip_with_media_reads_like_the_text_and_is_named_by_the_zip_where_nothing_else_names_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "WhatsApp Chat - Tea.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("_chat.txt", "[01/03/2025, 08:02:00] Lin: hi\n")
        packed.writestr("00000001-PHOTO.jpg", b"\xff\xd8")

    assert read(path) == [
        Chat("Tea", "Tea", "whatsapp"),
        golden.Group("Tea").person("Lin"),
        Act("message", golden.EIGHT + 2 * golden.MINUTE, "name:Tea:Lin", text="hi", line=1),
    ]


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        # A part above 12, far down, decides for all lines.
        (["3/1/25, 08:00 - Bo: 1", "3/13/25, 08:00 - Bo: 1"], "2025-03-01"),
        (["3/1/25, 08:00 - Bo: 1", "13/1/25, 08:00 - Bo: 1"], "2025-01-03"),
        # Neither reading is ruled out, but one runs backwards.
        (["2/1/25, 08:00 - Bo: 1", "1/2/25, 08:00 - Bo: 1"], "2025-01-02"),
        (["1/2/25, 08:00 - Bo: 1", "2/1/25, 08:00 - Bo: 1"], "2025-01-02"),
        # Open: habit decides. Capital AM without padding is American, dots and 24 hours are not.
        (["3/1/25, 8:00 AM - Bo: 1"], "2025-03-01"),
        (["01/03/2025, 8:00 am - Bo: 1"], "2025-03-01"),
        (["1.3.25, 08:00 - Bo: 1"], "2025-03-01"),
        (["2025-3-1 08:00 - Bo: 1"], "2025-03-01"),
    ],
)
def test_the_order_of_the_date_is_decided_over_the_whole_file(
    lines: list[str], day: str, tmp_path: Path
) -> None:
    entries = read(written(tmp_path, "\n".join(lines)), Options(zone="UTC"))

    first = next(entry for entry in entries if isinstance(entry, Act))
    assert (
        first.at
        == {"2025-03-01": 1740816000000, "2025-01-03": 1735891200000, "2025-01-02": 1735804800000}[day]
    )


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.integers(0, 3000), min_size=1, max_size=6).map(sorted),
    pattern=st.sampled_from(
        ["{d}/{m}/{y}", "{m}/{d}/{y}", "{y}/{m}/{d}", "{d:02}.{m:02}.{y}", "{y}-{m:02}-{d:02}"]
    ),
)
def test_any_run_of_days_with_one_above_the_twelfth_is_read_right_in_any_order(
    days: list[int], pattern: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dates = [dt.date(2018, 1, 13) + dt.timedelta(days=day) for day in (0, *days)]
    text = "".join(f"{pattern.format(y=on.year, m=on.month, d=on.day)}, 20:15 - Bo: 1\n" for on in dates)

    entries = read(written(tmp_path_factory.mktemp("chat"), text), Options(zone="UTC"))

    told = [dt.datetime.fromtimestamp(e.at / 1000, dt.UTC).date() for e in entries if isinstance(e, Act)]
    assert told == dates


def test_dates_that_no_order_fits_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "13/13/25, 08:00 - Bo: 1\n")

    assert WHATSAPP.sniff(Source(path)) is None
    with pytest.raises(Invalid) as told:
        read(path)
    assert (told.value.code, told.value.details) == ("connectors.date_order", {"lines": 1})


def test_stray_carriage_returns_stay_inside_their_message(tmp_path: Path) -> None:
    path = written(
        tmp_path, "01/03/2025, 08:00 - Bo: one\rtwo\r\n\r\nthree\r\n01/03/2025, 08:00 - Bo: four\r\n"
    )

    texts = [entry.text for entry in read(path) if isinstance(entry, Act)]
    assert texts == ["one\ntwo\n\nthree", "four"]


def test_what_stands_before_the_first_message_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "Chat history\n01/03/2025, 08:00 - Bo: hi\n")

    assert [entry for entry in read(path) if isinstance(entry, Unknown)] == [
        Unknown(1, "Chat history", whys_text.NO_HEADER)
    ]


def test_what_the_phones_owner_did_is_told_as_nobodys_and_whom_it_befell_is_kept(tmp_path: Path) -> None:
    text = (
        '01/03/2025, 08:00 - You created group "Tea"\n'
        "01/03/2025, 08:01 - You added Bo, Ann and +49 151 0000001\n"
        "01/03/2025, 08:02 - You were added\n"
        "01/03/2025, 08:03 - You left\n"
    )

    assert [entry for entry in read(written(tmp_path, text)) if isinstance(entry, Act | Unknown)] == [
        Unknown(1, 'You created group "Tea"', whys.NO_SENDER),
        *(
            Act("join", golden.EIGHT + 60_000, ref, source="添加", precision="min", line=2)
            for ref in ("name:Tea:Bo", "name:Tea:Ann", "+491510000001")
        ),
        Unknown(3, "You were added", whys.NO_SENDER),
        Unknown(4, "You left", whys.NO_SENDER),
    ]


def test_an_old_iphone_without_marks_still_lets_the_group_speak(tmp_path: Path) -> None:
    text = (
        "[01/03/2025, 08:00:00] Tea: Messages and calls are end-to-end encrypted.\n"
        "[01/03/2025, 08:01:00] Tea: Bo left\n"
        "[01/03/2025, 08:02:00] Bo: Ann left\n"
    )

    assert read(written(tmp_path, text)) == [
        Chat("Tea", "Tea", "whatsapp"),
        golden.Group("Tea").person("Bo"),
        Act("leave", golden.EIGHT + 60_000, "name:Tea:Bo", line=2),
        Act("message", golden.EIGHT + 120_000, "name:Tea:Bo", text="Ann left", line=3),
    ]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as told:
        read(written(tmp_path, "\n \n"))

    assert told.value.code == "connectors.file_empty"
