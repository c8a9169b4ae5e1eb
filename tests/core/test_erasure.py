"""Erasing a member: the person is found nowhere, the numbers stand, and no file brings the person back."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import zipfile
from pathlib import Path
from threading import Event, Thread

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pyroaring import BitMap

from qunying.audiences.actions import Source, save_audience
from qunying.audiences.models import Audience
from qunying.brands.actions import appoint, audit_breaks, log, open_account, open_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import change_community, open_community
from qunying.communities.models import Community
from qunying.connectors.actions import Order, as_json, take_files
from qunying.connectors.incoming import Options
from qunying.kit import days
from qunying.members.actions import erase, give_consent, opt_out, write_consent_text
from qunying.members.models import Member, Purpose, Via
from qunying.metrics.actions import keep_figures
from qunying.metrics.asking import Asker
from qunying.metrics.models import Figure
from qunying.outbox.actions import say

NOW = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
NAME, ID, PHRASE = "要被忘记的人", "wxid_forget_me_4711", "我的秘密是喜欢喝菊普"


def lines() -> list[dict[str, object]]:
    at = 1_772_500_000
    head: dict[str, object] = {
        "_type": "header",
        "chatlab": {"version": "0.0.2", "exportedAt": at},
        "meta": {"name": "茶友群", "platform": "wechat", "type": "group", "groupId": "77"},
    }
    people: list[dict[str, object]] = [
        {"_type": "member", "platformId": ID, "accountName": NAME},
        {"_type": "member", "platformId": "wxid_other", "accountName": "阿青"},
    ]
    said = [
        (ID, NAME, PHRASE),
        ("wxid_other", "阿青", f"@{NAME} 说得好"),
        ("wxid_other", "阿青", "今天喝什么"),
    ]
    return [
        head,
        *people,
        *(
            {
                "_type": "message",
                "platformMessageId": f"m{place}",
                "sender": sender,
                "accountName": name,
                "timestamp": at + place,
                "type": 0,
                "content": text,
            }
            for place, (sender, name, text) in enumerate(said)
        ),
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "茶友群.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines()), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings) -> None:
    """Other tests write and delete files of theirs while these look at every file."""
    settings.HOME = tmp_path / "home"


@pytest.fixture
def owner() -> Staff:
    brand = open_brand("tea", at=NOW, slug="tea")
    account = open_account("boss", password="a long password", at=NOW)
    return appoint(brand, account=account, role="owner", at=NOW, by=None)


def found_in_tables() -> list[str]:
    """Tables in which any of the three traces still stands, as text."""
    hits = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                shown = " ".join(
                    bytes(cell).hex() if isinstance(cell, memoryview | bytes) else str(cell) for cell in row
                )
                plain = shown.encode().decode("unicode_escape", "ignore") if "\\u" in shown else shown
                if any(trace in plain for trace in (NAME, ID, PHRASE)):
                    hits.append(table)
    return sorted(set(hits))


def found_in_files() -> list[str]:
    """Files under our home, the database's own aside, in which a trace stands, packed or in another encoding."""
    traces = [
        trace.encode(code) for trace in (NAME, ID, PHRASE) for code in ("utf-8", "utf-16-le", "gb18030")
    ]
    kept = [
        path for path in Path(settings.HOME).rglob("*") if path.is_file() and path not in database_files()
    ]
    return sorted(
        {
            path.name
            for path in kept
            for content in unpacked(path)
            if any(trace in content for trace in traces)
        }
    )


def unpacked(path: Path) -> list[bytes]:
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        return [gzip.decompress(content)]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    return [content]


@pytest.mark.django_db
def test_a_saved_audience_and_a_to_do_let_go_of_the_person(owner: Staff, file: Path) -> None:
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    member = Member.objects.get(brand=owner.brand, name=NAME)
    other = Member.objects.get(brand=owner.brand, name="阿青")
    both = BitMap([member.bit, other.bit])
    source = Source("filter", {})
    saved = save_audience(
        owner.brand, name="茶友", people=both, source=source, as_of_on=NOW.date(), at=NOW, by=owner
    )
    words = {"text": f"谢谢{NAME}的分享", "kind": "interaction", "cause": "run:1", "key": "1"}
    community = Community.objects.get(brand=owner.brand)
    draft = say(community, due_on=NOW.date(), staff=None, at=NOW, **words)

    erase(member, at=NOW, by=owner)

    saved.refresh_from_db()
    draft.refresh_from_db()
    assert (list(BitMap.deserialize(bytes(saved.blob))), saved.size, draft.text) == (
        [other.bit],
        1,
        "谢谢▇的分享",
    )


def noted_of(member: Member, by: Staff) -> None:
    """What is written down of somebody's yes and no."""
    text = write_consent_text(by.brand, purpose=Purpose.MARKETING, words="我同意", at=NOW, by=by)
    give_consent(member, text=text, via=Via.STAFF, said_at=NOW, at=NOW, evidence=f"{NAME}签字", by=by)
    opt_out(member, reason=f"{NAME}来电", via=Via.STAFF, at=NOW, by=by)
    log(by.brand, deed="member.disclosed", about="member:1", at=NOW, after={"reason": f"{NAME}（{ID}）投诉"})


def figures(brand: Brand) -> list[float | int | None]:
    rows = list(Community.objects.filter(brand=brand))
    asker = Asker(brand, rows, at=NOW)
    day = days.number(dt.date(2026, 3, 3))
    return [asker.ask(key, day, day).value for key in ("dau", "messages", "speakers", "present")]


@pytest.mark.django_db
def test_an_erased_person_is_found_nowhere_and_the_numbers_stand(owner: Staff, file: Path) -> None:
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    noted_of(Member.objects.get(brand=owner.brand, name=NAME), owner)
    before = figures(owner.brand)
    assert found_in_tables() and found_in_files()

    erase(Member.objects.get(brand=owner.brand, name=NAME), at=NOW, by=owner)

    assert (found_in_tables(), found_in_files()) == ([], [])
    assert figures(owner.brand) == before == [2, 3, 2, 2]
    assert audit_breaks(owner.brand) is None


@pytest.mark.django_db
def test_a_person_who_owns_groups_or_gave_a_file_its_name_leaves_there_too(owner: Staff, file: Path) -> None:
    named = file.rename(file.with_name(f"{NAME}的群.jsonl"))
    take_files(owner.brand, [named], order=Order(Options()), at=NOW)
    member = Member.objects.get(brand=owner.brand, name=NAME)
    row = Community.objects.get(brand=owner.brand)
    above = {"name": "华东", "level": "region", "owner": NAME}
    region = open_community(owner.brand, values=above, at=NOW, by=owner)
    change_community(row, values={"parent": region}, at=NOW, by=owner)
    told = [(1, "members", NAME, 7), (1, "members", "阿青", 5)]
    keep_figures(owner.brand, community=row, source="wecom", rows=told, batch=None)

    erase(member, at=NOW, by=owner)

    assert (found_in_tables(), found_in_files()) == ([], [])
    assert sorted(Figure.objects.values_list("value", flat=True)) == [5, 7]
    row.refresh_from_db()
    assert row.inherited["owner"]["value"] == "▇"


@pytest.mark.django_db
def test_importing_the_file_again_does_not_bring_the_person_back(owner: Staff, file: Path) -> None:
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    erase(Member.objects.get(brand=owner.brand, name=NAME), at=NOW, by=owner)

    _batch, reports = take_files(owner.brand, [file], order=Order(Options()), at=NOW)

    assert as_json(reports[0], owner.brand)["suppressed"] == 1
    assert (found_in_tables(), found_in_files()) == ([], [])
    assert figures(owner.brand) == [2, 3, 2, 2]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["plain", "gz", "zip"])
def test_a_second_copy_of_the_history_goes_too_however_it_is_packed(
    owner: Staff, file: Path, form: str
) -> None:
    """The first import owns all facts; only the bytes of the second copy tell that it names the person."""
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    copy = file.with_name("copy.jsonl")
    copy.write_bytes(file.read_bytes())
    if form == "gz":
        copy = copy.with_suffix(".jsonl.gz")
        copy.write_bytes(gzip.compress(file.read_bytes()))
    elif form == "zip":
        copy = copy.with_suffix(".zip")
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(file, "茶友群.jsonl")
    take_files(owner.brand, [copy], order=Order(Options()), at=NOW)
    assert len(found_in_files()) == 2

    erase(Member.objects.get(brand=owner.brand, name=NAME), at=NOW, by=owner)

    assert found_in_files() == []


@pytest.mark.django_db
def test_what_staff_typed_to_find_the_person_is_not_kept(owner: Staff, file: Path) -> None:
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    client = Client()
    client.force_login(owner.account, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"filter": f"q={NAME}", "every": "1"}
    client.post("/b/tea/members/export/", {**asked, "form": "csv", "reason": "回访"})
    client.post("/b/tea/audiences/new/", {**asked, "name": "找到的人"})
    saved = Audience.objects.get(brand=owner.brand)
    client.post("/b/tea/audiences/combination/", {"parts": [saved.pk, saved.pk], "how": "or", "name": "两份"})
    client.post(f"/b/tea/audiences/{saved.pk}/export/", {"form": "csv", "reason": "回访"})

    erase(Member.objects.get(brand=owner.brand, name=NAME), at=NOW, by=owner)

    assert found_in_tables() == []


def database_files() -> list[Path]:
    """SQLite's file with its log; PostgreSQL's pages lie outside our home."""
    if connection.vendor != "sqlite":
        return []
    path = Path(str(connection.settings_dict["NAME"]))
    return list(path.parent.glob(f"{path.name}*"))


@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_person_is_left_in_the_database_file(owner: Staff, file: Path) -> None:
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    noted_of(Member.objects.get(brand=owner.brand, name=NAME), owner)

    erase(Member.objects.get(brand=owner.brand, name=NAME), at=NOW, by=owner)

    traces = [trace.encode() for trace in (NAME, ID, PHRASE)]
    left = [each.name for each in database_files() if any(trace in each.read_bytes() for trace in traces)]
    assert left == []


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_still_holds_the_old_state_is_waited_for(owner: Staff, file: Path) -> None:
    take_files(owner.brand, [file], order=Order(Options()), at=NOW)
    reading = Event()

    def read_slowly() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM members_member")
            reading.set()
            Event().wait(1.5)
            cursor.execute("COMMIT")
        connection.close()

    reader = Thread(target=read_slowly)
    reader.start()
    reading.wait()

    erase(Member.objects.get(brand=owner.brand, name=NAME), at=NOW, by=owner)

    reader.join()
    traces = [trace.encode() for trace in (NAME, ID, PHRASE)]
    assert [
        each.name for each in database_files() if any(trace in each.read_bytes() for trace in traces)
    ] == []
