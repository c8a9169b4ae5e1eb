"""Promises of importing in the browser: look first, then import in the background, see the result, take it back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Account, AuditEntry, Brand
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.connectors import counting
from qunying.connectors.drafts import forget
from qunying.connectors.models import ImportBatch
from qunying.connectors.nightly import purge
from qunying.facts.models import Fact
from qunying.jobs.actions import run_job
from qunying.jobs.models import Job
from qunying.members.erasing import Traces
from qunying.members.models import Member

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
HERE = "/b/shancha/imports/"
HISTORY = """platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text
qq,1,茶友群,,2026-03-01 09:00,u1,阿青,join,
qq,1,茶友群,,2026-03-01 09:01,u2,小周,join,
qq,1,茶友群,m1,2026-03-02 10:00,u1,阿青,message,今天喝什么？
qq,1,茶友群,m2,2026-03-02 10:05,u2,小周,message,=岩茶
qq,1,茶友群,,不知何时,u2,小周,message,=坏行
"""
STRANGE = (
    "大名,联络方式,圈子,哪天来的\n小明,13800000001,茶友群,2026-03-01\n小红,13900000002,茶友群,2026-03-02\n"
)


@pytest.fixture
def brand(tmp_path, settings) -> Brand:
    settings.HOME = tmp_path
    open_account("lin", password="x" * 12, at=AT, name="林")
    return open_brand("山茶", at=AT, slug="shancha")


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(brand) -> Client:
    return client_of("lin")


def upload(client: Client, text: str = HISTORY, name: str = "茶友群.csv") -> str:
    """The address of the preview."""
    return client.post(f"{HERE}files/", {"files": SimpleUploadedFile(name, text.encode())})["Location"]


def work_off() -> None:
    for job in Job.objects.filter(state=Job.State.WAITING):
        run_job.call(job.pk)


def take_in(client: Client, text: str = HISTORY, name: str = "茶友群.csv") -> str:
    """Upload, confirm, let the worker run; the address of the import."""
    address = client.post(f"{upload(client, text, name)}import/", {"basis": "1"})["Location"]
    work_off()
    return address


def rows_of_everything() -> tuple[int, int, int, int]:
    return (
        Fact.objects.count(),
        Member.objects.count(),
        Community.objects.count(),
        ImportBatch.objects.count(),
    )


def test_the_preview_tells_what_the_file_is_and_would_bring_and_writes_nothing(client):
    page = client.get(upload(client)).context

    (file,) = page["look"].files
    figures = dict(zip(map(str, page["counts"].columns), page["counts"].sums, strict=True))
    assert (file.name, file.format.key, page["look"].is_local) == ("茶友群.csv", "generic", True)
    assert [(row.at, str(row.kind), row.who, row.text) for row in page["look"].rows] == [
        ("2026-03-01 09:00", "入群", "阿青", ""),
        ("2026-03-01 09:01", "入群", "小周", ""),
        ("2026-03-02 10:00", "发言", "阿青", "今天喝什么？"),
        ("2026-03-02 10:05", "发言", "小周", "=岩茶"),
    ]
    assert figures == {
        "发言": 2,
        "群成员": 2,
        "发言人数": 2,
        "入群": 2,
        "新增记录": 4,
        "重复记录": 0,
        "未识别行": 1,
    }
    assert [(line["line"], line["why"]) for line in page["counts"].unknown] == [(6, "时间看不懂")]
    assert rows_of_everything() == (0, 0, 0, 0)


def test_confirming_imports_in_the_background_and_shows_the_result(client):
    address = client.post(f"{upload(client)}import/", {"basis": "1"})["Location"]
    waiting = client.get(address).context
    work_off()
    done = client.get(address).context

    batch, job = ImportBatch.objects.get(), Job.objects.get(kind="connectors.import")
    assert (batch.job, waiting["job"].state, done["batch"].state) == (job, "queued", "done")
    assert (job.done, job.total, job.result) == (4, 4, {"url": address})
    assert [(place.name, first.isoformat(), last.isoformat()) for place, first, last in done["cover"]] == [
        ("茶友群", "2026-03-01", "2026-03-02")
    ]
    assert done["gone"] == {"records": 4, "members": 2, "communities": 1}
    assert [entry.deed for entry in AuditEntry.objects.order_by("number")] == [
        "import.ordered",
        "import.done",
    ]


def test_chat_histories_need_a_lawful_basis(client):
    address = upload(client)

    answer = client.post(f"{address}import/")

    assert answer.status_code == 409
    assert "合法依据" in answer.content.decode()
    assert rows_of_everything() == (0, 0, 0, 0)


def test_a_member_list_needs_none(client):
    address = upload(client, "昵称,手机号,入群时间\n小明,13800000001,2026-03-01\n", "名单.csv")

    answer = client.post(f"{address}import/")

    assert answer["Location"] == f"{HERE}{ImportBatch.objects.get().pk}/"


def test_another_zone_moves_the_times_and_counts_again(client):
    address = upload(client)
    form = {"zone": "America/New_York", "format": "", "encoding": "", "community": ""}

    client.post(f"{address}options/", form)

    assert client.get(address).context["look"].rows[0].at == "2026-03-01 22:00"
    assert client.get(address).context["counts"].sums[0] == 2


def test_a_zone_that_does_not_exist_is_told_at_the_field(client):
    answer = client.post(
        f"{upload(client)}options/", {"zone": "Mars/Olympus", "format": "", "encoding": "", "community": ""}
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["zone"])


def test_files_can_be_put_into_a_chosen_community(client, brand):
    home = find_community(brand, name="老茶客", at=AT)
    address = upload(client)
    form = {"zone": "Asia/Shanghai", "format": "", "encoding": "", "community": home.pk}
    client.post(f"{address}options/", form)

    client.post(f"{address}import/", {"basis": "1"})
    work_off()

    assert set(Fact.objects.values_list("community", flat=True)) == {home.pk}


def test_columns_nobody_knows_are_asked_once_and_then_remembered(client):
    address = upload(client, STRANGE, "odd.csv")
    unread = client.get(address).context["look"]
    form = {
        "format": "members",
        "column-0": "name",
        "column-1": "phone",
        "column-2": "chat",
        "column-3": "joined",
    }

    client.post(f"{address}columns/", form)
    read = client.get(address).context
    again = client.get(upload(client, STRANGE.replace("小明", "小刚"), "odd2.csv")).context

    assert (unread.needs_mapping, unread.header) == (True, ["大名", "联络方式", "圈子", "哪天来的"])
    assert [row.who for row in read["look"].rows if row.who] == ["小明", "小明", "小红", "小红"]
    assert read["counts"].error == ""
    assert (again["look"].needs_mapping, again["look"].rows[0].who) == (False, "小刚")


def test_what_columns_mean_is_logged_once_without_the_words_of_the_file(client):
    address = upload(client, STRANGE, "odd.csv")
    form = {"format": "members", "column-0": "name", "column-1": "phone", "column-2": "chat", "column-3": ""}

    for _twice in range(2):
        client.post(f"{address}columns/", form)
    client.post(f"{address}columns/", {**form, "column-3": "joined"})

    logged = client.get("/b/shancha/audit/?deed=columns.remembered").context["rows"]
    first, later = "所在群、昵称或姓名、手机号", "所在群、入群时间、昵称或姓名、手机号"
    assert [(row.who, row.deed, sorted(row.changes)) for row in logged] == [
        ("林", "记住列对应", [("列", first, later)]),
        ("林", "记住列对应", [("列", "—", first), ("读作", "—", "群成员名单")]),
    ]
    assert "联络方式" not in client.get("/b/shancha/audit/").content.decode()


def test_a_field_given_to_two_columns_is_refused(client):
    address = upload(client, STRANGE, "odd.csv")

    answer = client.post(f"{address}columns/", {"format": "members", "column-0": "name", "column-1": "name"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("空.csv", b"", "空"),
        ("照片.json", b"\xff\xd8\xff\xe0 not json", "JPEG"),
        ("坏.zip", b"PK\x03\x04 broken", "坏.zip"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(client, name, data, said):
    address = client.post(f"{HERE}files/", {"files": SimpleUploadedFile(name, data)})["Location"]

    page = client.get(address)

    told = [file.error for file in page.context["look"].files] + [page.context["look"].error]
    assert page.status_code == 200
    assert any(said in sentence for sentence in told)
    assert client.post(f"{address}import/", {"basis": "1"}).status_code == 422


def test_a_name_with_folders_in_it_stays_inside_the_upload(client, tmp_path):
    upload(client, name="../../../evil.csv")

    assert [path.name for path in tmp_path.rglob("evil.csv")] == ["evil.csv"]
    assert [path.parts[-5] for path in tmp_path.rglob("evil.csv")] == ["drafts"]


def test_nobody_else_opens_the_upload_and_it_can_be_thrown_away(client, brand, tmp_path):
    appoint(brand, account=open_account("zhou", password="x" * 12, at=AT), role="owner", at=AT, by=None)
    address = upload(client)

    stranger = client_of("zhou").get(address).status_code
    client.post(f"{address}removal/")

    assert (stranger, client.get(address).status_code) == (404, 404)
    assert list((tmp_path / "uploads" / "drafts").iterdir()) == []


def test_a_large_upload_is_counted_by_a_job(client, monkeypatch):
    monkeypatch.setattr(counting, "AT_ONCE", 10)
    address = upload(client)
    waiting = client.get(address).context
    early = client.post(f"{address}import/", {"basis": "1"}).status_code
    work_off()
    counted = client.get(address).context

    assert (waiting["job"].state, waiting["counts"], early) == ("queued", None, 409)
    assert (counted["job"], counted["counts"].sums[0]) == (None, 2)


def test_undoing_wants_the_word_and_takes_everything_back(client):
    address = take_in(client)

    refused = client.post(f"{address}undo/", {"word": "yes"}).status_code
    client.post(f"{address}undo/", {"word": "撤销"})
    work_off()

    assert refused == 422
    assert (ImportBatch.objects.get().state, rows_of_everything()[:3]) == ("undone", (0, 0, 0))
    assert client.get(address).status_code == 200


def test_importing_the_same_file_again_brings_nothing_new(client):
    take_in(client)

    counts = client.get(upload(client)).context["counts"]

    figures = dict(zip(map(str, counts.columns), counts.sums, strict=True))
    assert (figures["新增记录"], figures["重复记录"]) == (0, 4)


def test_the_unknown_lines_come_as_a_sheet_without_formulas(client):
    address = take_in(client)

    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{address}unknown/")).decode("utf-8-sig"))))

    assert rows[0] == ["文件", "行号", "原因", "原文"]
    assert [row[:3] for row in rows[1:]] == [["茶友群.csv", "6", "时间看不懂"]]
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_a_narrow_data_scope_imports_only_into_its_own_community(client, brand):
    mine = find_community(brand, name="我的群", at=AT)
    account = open_account("zhou", password="x" * 12, at=AT)
    appoint(brand, account=account, role="operator", at=AT, by=None, reach=[mine.pk])
    take_in(client)
    narrow = client_of("zhou")
    address = upload(narrow, HISTORY.replace("m1", "m9"))
    form = {"zone": "Asia/Shanghai", "format": "", "encoding": "", "community": mine.pk}

    unchosen = narrow.post(f"{address}import/", {"basis": "1"}).status_code
    narrow.post(f"{address}options/", form)
    beyond = narrow.post(f"{address}import/", {"basis": "1"})

    assert (unchosen, beyond.status_code) == (409, 422)
    assert "茶友群" in beyond.content.decode()
    assert ImportBatch.objects.count() == 1


def test_every_template_on_offer_is_recognised_when_it_comes_back(client):
    from qunying.connectors.files import blanks

    for blank in blanks():
        answer = client.get(f"{HERE}templates/{blank.key}/")
        assert answer.content.decode("utf-8-sig").strip().split(",") == list(blank.columns)
    assert client.get(f"{HERE}templates/nothing/").status_code == 404


def test_the_list_asks_as_many_questions_for_three_imports_as_for_one(client):
    asked = []
    for texts in (["a"], ["b", "c"]):
        for word in texts:
            take_in(client, HISTORY.replace("今天", word))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(HERE).status_code == 200
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 8


def test_erasing_a_person_takes_the_brands_uploads_and_exports_away(client, brand, tmp_path):
    take_in(client)
    client.post(f"{HERE}exports/", {"community": Community.objects.get().pk, "reason": "备份"})
    work_off()
    address = upload(client)
    before = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())

    gone = forget(Member.objects.filter(brand=brand)[0], Traces(members=(), words=()))

    after = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert (gone, client.get(address).status_code) == (2, 404)
    assert ("draft.json" in before, "draft.json" in after) == (True, False)
    assert not any(name.endswith(".jsonl") for name in after)


def test_the_night_takes_away_what_broken_uploads_and_forgotten_drafts_left(client, brand, tmp_path):
    old, young = upload(client), upload(client)
    for name in ("tmpold.upload.csv", "tmpyoung.upload.csv"):
        (tmp_path / "uploads" / name).write_text("half a file")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(tmp_path / "uploads" / "tmpold.upload.csv", (two_days_ago, two_days_ago))
    os.utime(tmp_path / "uploads" / "drafts" / old.split("/")[-2], (two_days_ago, two_days_ago))

    purge(brand, at=AT)

    assert [path.name for path in (tmp_path / "uploads").iterdir() if path.is_file()] == [
        "tmpyoung.upload.csv"
    ]
    assert [client.get(address).status_code for address in (old, young)] == [404, 200]


def test_what_becomes_of_known_people_is_asked_for_member_lists_only_and_told_before_and_after(client):
    head = "手机号,昵称,群名称,入群时间\n"
    take_in(client, f"{head}13800000001,阿青,茶友群,2026-03-01\n", "旧.csv")
    rows = "13800000001,陈青,茶友群,2026-03-02\n13800000002,小周,茶友群,2026-03-03\n"
    address = upload(client, f"{head}{rows}", "新.csv")
    form = {"zone": "Asia/Shanghai", "format": "", "encoding": "", "community": "", "duplicates": "skip"}
    asked = client.get(address).content.decode()

    client.post(f"{address}options/", form)
    counted = client.get(address).context["counts"]
    done = client.post(f"{address}import/")["Location"]
    work_off()
    result = client.get(done).context["figures"]

    for figures in (counted, result):
        told = dict(zip(map(str, figures.columns), figures.sums, strict=True))
        assert (told["新增群成员"], told["已有群成员"], told["同一人的重复行"]) == (1, 1, 0)
        assert str(figures.policy).startswith("跳过")
    assert asked.count('type="radio"') == 3
    assert client.get(upload(client)).content.decode().count('type="radio"') == 0
    assert sorted(Member.objects.values_list("name", flat=True)) == ["小周", "阿青"]
    assert ImportBatch.objects.latest("pk").options["duplicates"] == "skip"
