"""Promises of the door: first owner, signing in and out, lock-out, where one goes from there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.test import Client

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Account, Brand, Staff

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
SECRET = "tea-at-four-o-clock"
FIRST = {
    "brand": "山茶",
    "zone": "Asia/Shanghai",
    "username": "lin",
    "password": SECRET,
    "password_again": SECRET,
}


@pytest.fixture
def owner() -> Account:
    account = open_account("lin", password=SECRET, at=AT)
    open_brand("山茶", at=AT, slug="shancha")
    return account


def sign_in(client: Client, password: str = SECRET, **more: str):
    return client.post("/login/", {"username": "lin", "password": password, **more})


def test_the_first_visitor_makes_account_brand_and_owner_and_goes_to_import():
    client = Client()

    answer = client.post("/login/", FIRST)

    staff = Staff.objects.get()
    assert (staff.account.login, staff.brand.name, staff.role) == ("lin", "山茶", "owner")
    assert answer["Location"] == f"/b/{staff.brand.slug}/imports/"
    assert client.get(answer["Location"]).status_code == 200


def test_the_first_owner_takes_over_brands_the_command_line_made():
    open_brand("旧品牌", at=AT, slug="old")

    answer = Client().post("/login/", {key: FIRST[key] for key in ("username", "password", "password_again")})

    assert [(row.brand.slug, row.role) for row in Staff.objects.all()] == [("old", "owner")]
    assert answer["Location"] == "/b/old/imports/"


def test_nobody_becomes_first_owner_once_there_is_one(owner):
    answer = Client().post("/login/", {**FIRST, "username": "second", "brand": "别的"})

    assert answer.status_code == 401
    assert (Account.objects.count(), Brand.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password_again": "something-else"}, "password_again"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"brand": ""}, "brand"),
    ],
)
def test_a_first_owner_with_a_mistake_is_told_where(changed, field):
    answer = Client().post("/login/", {**FIRST, **changed})

    assert list(answer.context["form"].errors) == [field]
    assert Account.objects.count() == 0


def test_a_wrong_login_and_a_wrong_password_are_answered_alike(owner):
    wrong_password = sign_in(Client(), "wrong")
    wrong_login = Client().post("/login/", {"username": "nobody", "password": SECRET})

    assert (wrong_password.status_code, wrong_login.status_code) == (401, 401)
    assert wrong_password.context["error"] == wrong_login.context["error"]


def test_five_wrong_passwords_lock_the_right_one_out_too(owner):
    client = Client()

    answers = [sign_in(client, "wrong").status_code for _attempt in range(5)]
    right = sign_in(client)

    assert answers == [401, 401, 401, 401, 429]
    assert right.status_code == 429
    assert right.context["error"] == "登录名或密码不对。连续输错 5 次将锁定 15 分钟。"


def test_signing_in_begins_a_session_under_a_new_key(owner):
    client = Client()
    client.session.save()
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key

    sign_in(client)

    assert client.session.session_key not in (None, before)


def test_signing_out_ends_the_session_and_wants_a_post(owner):
    client = Client()
    sign_in(client)

    assert client.get("/logout/").status_code == 405
    assert client.get("/password/").status_code == 200

    client.post("/logout/")

    assert client.get("/password/")["Location"] == "/login/?next=/password/"


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/b/shancha/jobs/", "/b/shancha/jobs/"),
        ("https://evil.example/b/shancha/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_goes_only_to_an_address_of_ours(owner, wanted, reached):
    assert sign_in(Client(), next=wanted)["Location"] == reached


def test_home_is_the_only_brands_first_page_and_a_choice_of_several(owner):
    client = Client()
    sign_in(client)

    assert client.get("/")["Location"] == "/b/shancha/"

    open_brand("白茶", at=AT, slug="baicha")

    assert [role.brand.name for role, _url in client.get("/").context["roles"]] == ["山茶", "白茶"]


def test_a_new_brand_never_turns_out_to_be_anothers(owner):
    stranger = open_account("stranger", password=SECRET, at=AT)
    Staff.objects.filter(account=stranger).delete()
    open_brand("Tea", at=AT, slug="tea")
    own = open_brand("Own", at=AT, slug="own")
    Staff.objects.filter(account=stranger).delete()
    appoint(own, account=stranger, role="owner", at=AT, by=None)
    client = Client()
    client.post("/login/", {"username": "stranger", "password": SECRET})

    client.post("/brands/", {"brand": "Tea", "zone": "Asia/Shanghai"})

    found = Staff.objects.get(account=stranger, brand__name="Tea")
    assert found.brand.slug != "tea"
    assert not Staff.objects.filter(account=stranger, brand__slug="tea").exists()


def test_who_owns_nothing_founds_nothing(owner):
    helper = open_account("helper", password=SECRET, at=AT)
    appoint(Brand.objects.get(), account=helper, role="operator", at=AT, by=None)
    client = Client()
    client.post("/login/", {"username": "helper", "password": SECRET})

    assert client.post("/brands/", {"brand": "新", "zone": "Asia/Shanghai"}).status_code == 403
    assert Brand.objects.count() == 1


def test_changing_the_password_keeps_this_session_and_ends_the_others(owner):
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    fresh = "another-cup-of-tea"

    wrong = here.post("/password/", {"current": "no", "password": fresh, "password_again": fresh})
    right = here.post("/password/", {"current": SECRET, "password": fresh, "password_again": fresh})

    assert list(wrong.context["form"].errors) == ["current"]
    assert right["Location"] == "/"
    assert [client.get("/password/").status_code for client in (here, there)] == [200, 302]


def test_the_language_is_kept_in_the_browser_and_the_page_stays(owner):
    client = Client()
    sign_in(client)

    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/b/shancha/jobs/?page=1"})

    assert answer["Location"] == "/b/shancha/jobs/?page=1"
    assert 'lang="en"' in client.get("/b/shancha/jobs/").content.decode()


def test_health_needs_no_account():
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def away(*_words: object) -> None:
    raise OperationalError("the connection is lost")


def test_a_database_that_does_not_answer_is_told_as_such_and_when_to_come_again(owner):
    client = Client()
    sign_in(client)
    with connection.execute_wrapper(away):
        found = {path: client.get(path) for path in ("/healthz", "/b/shancha/jobs/", "/api/v1/brands")}

    assert {(answer.status_code, answer["Retry-After"]) for answer in found.values()} == {(503, "5")}
    assert found["/api/v1/brands"]["Content-Type"] == "application/problem+json"


def test_a_refusal_shows_the_number_that_stands_in_the_log(owner, caplog):
    client = Client()
    sign_in(client)
    with caplog.at_level("INFO", "qunying.errors"):
        shown = client.get("/b/shancha/members/999999/").content.decode()

    number = next(line for line in caplog.messages if line.startswith("refused")).rpartition(" ")[2]
    assert f"<code>{number}</code>" in shown
