"""Every address of the product × who asks: own brand, another brand, another brand's things, nobody, a role too small,
a data scope too small. What is not allowed is not found and writes nothing; an address that is not listed fails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver

from qunying import urls
from qunying.api.models import Window
from qunying.brands.access import OPEN, Route
from qunying.brands.models import Account, Brand
from qunying.brands.roles import ROLES
from qunying.urls import address
from tests import matrix_world as world
from tests.matrix_world import House, build, dump, dump_of, is_api, needed, routes, url

pytestmark = pytest.mark.django_db

METHODS = ("get", "post")


class _Back(Exception):
    """Leaves a transaction that is to be forgotten."""


@contextmanager
def forgotten() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    try:
        with transaction.atomic():
            yield
            raise _Back
    except _Back:
        pass


READ = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE)


@contextmanager
def writing() -> Iterator[list[str]]:
    """The statements run inside that may write something other than the counter of API calls. Who clears the list can
    ask again."""
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        if not READ.match(sql) and Window._meta.db_table not in sql:
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@pytest.fixture
def houses(tmp_path, settings):
    settings.HOME = tmp_path
    return build("a", tmp_path), build("b", tmp_path)


def signed_in(account: Account) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(client: Client, method: str, path: str, *, token: str = "", data: object = None) -> HttpResponseBase:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if method == "get":
        return client.get(path, headers=headers)
    return client.post(path, data or {}, headers=headers)


def methods(route: Route) -> tuple[str, ...]:
    if is_api(route):
        return ("post",) if route.method == "post" else ("get",)
    return METHODS


def of_brand() -> list[Route]:
    """Routes that belong to a brand, operations of the API among them."""
    return [route for route in routes() if not route.is_global or is_api(route)]


def with_object() -> list[Route]:
    """Routes about something that belongs to a brand."""
    return [route for route in of_brand() if ours(route)]


def ours(route: Route) -> list[world.Argument]:
    """The things of a brand in the address, other than the brand itself."""
    found = zip(world.PLACEHOLDER.finditer(route.path), world.arguments(route), strict=True)
    return [argument for placeholder, argument in found if argument.is_ours and placeholder[2] != "brand"]


def refusals(wanted: set[int], asked: Iterator[tuple[str, HttpResponseBase]]) -> list[str]:
    """What was answered otherwise than wanted, or wrote something. All tables are looked at after whoever may have
    written, and at the end."""
    before, wrong = dump(), []
    with writing() as statements:
        for name, answer in asked:
            if answer.status_code not in wanted:
                wrong.append(f"{name}: {answer.status_code}")
            if statements and dump() != before:
                wrong.append(f"{name}: something was written")
                before = dump()
            statements.clear()
    return wrong if dump() == before else [*wrong, "something was written by nobody knows whom"]


def test_what_a_request_writes_is_noticed_however_it_is_written(houses):
    name = Brand._meta.db_table

    def asked(*, behind: bool) -> Iterator[tuple[str, HttpResponseBase]]:
        yield "quiet", HttpResponse()
        with connection.cursor() as cursor:
            raw = cursor.cursor if behind else cursor
            raw.execute(f"UPDATE {name} SET name = name || '!'")
        yield "loud", HttpResponse()

    assert refusals({200}, asked(behind=False)) == ["loud: something was written"]
    assert refusals({200}, asked(behind=True)) == ["something was written by nobody knows whom"]


def test_every_address_is_declared():
    declared = {address(route) for route in routes()}
    strangers = []
    for pattern in urls.urlpatterns:
        if isinstance(pattern, URLResolver):
            strangers += (
                [str(pattern.pattern)] if str(pattern.pattern) != "i18n/" else []
            )  # Django's language switch
        elif isinstance(pattern, URLPattern) and str(pattern.pattern) not in declared:
            strangers.append(str(pattern.pattern))

    assert strangers == []
    assert len({route.name for route in routes()}) == len(routes())


def test_every_placeholder_has_something_to_put_in():
    known = set(world.ARGUMENTS)
    unknown = {
        route.path[: found.end()] for route in of_brand() for found in world.PLACEHOLDER.finditer(route.path)
    } - known

    assert unknown == set(), f"add to ARGUMENTS in tests/matrix_world.py: {sorted(unknown)}"


def test_a_get_by_the_owner_finds_its_own_and_changes_nothing(houses):
    own = houses[0]
    client = signed_in(own.owner)
    paths = [(route, url(route, own.brand, own)) for route in of_brand()]  # some make what they name

    def asked(*, posted: bool) -> Iterator[tuple[str, HttpResponseBase]]:
        for route, path in paths:
            if (route.method == "post") == posted:
                yield route.name, ask(client, "get", path, token=own.tokens["all"] if is_api(route) else "")

    assert refusals({200, 302}, asked(posted=False)) == []
    assert refusals({405}, asked(posted=True)) == []


def test_another_brands_staff_finds_no_address_of_the_brand(houses):
    own, other = houses
    client = signed_in(other.owner)
    paths = [(route, url(route, own.brand, own)) for route in of_brand() if route.name != "api_brands"]

    asked = (
        (
            f"{method} {route.name}",
            ask(client, method, path, token=other.tokens["all"] if is_api(route) else ""),
        )
        for route, path in paths
        for method in methods(route)
    )

    assert refusals({404, 405}, asked) == []


def test_another_brands_things_are_not_found_in_the_own_brand(houses):
    own, other = houses
    client = signed_in(own.owner)
    paths = [(route, url(route, own.brand, other, api_brand=own.brand)) for route in with_object()]

    asked = (
        (
            f"{method} {route.name}",
            ask(client, method, path, token=own.tokens["all"] if is_api(route) else ""),
        )
        for route, path in paths
        for method in (("post",) if route.method == "post" else methods(route))
    )

    assert refusals({404}, asked) == []


def test_forms_that_name_another_brands_things_leave_it_as_it_was(houses):
    own, other = houses
    client = signed_in(own.owner)
    form = world.strange(other)
    before, wrong = dump_of(other.brand), []
    for route in of_brand():
        if not is_api(route):
            with forgotten():
                path = url(route, own.brand, own)
                with writing() as statements:
                    status = ask(client, "post", path, data=form).status_code
                if statements and dump_of(other.brand) != before:
                    wrong.append(f"{route.name} changed the other brand")
                if status >= 500:
                    wrong.append(f"{route.name}: {status}")

    assert wrong == []


def test_nobody_reaches_anything_without_signing_in(houses):
    own = houses[0]
    paths = [(route, url(route, own.brand, own)) for route in routes() if route.may != OPEN or is_api(route)]

    asked = (
        (f"{method} {route.name}", ask(Client(), method, path))
        for route, path in paths
        for method in methods(route)
    )
    wrong = refusals({302, 401}, asked)
    away = [
        path for route, path in paths if not is_api(route) and "/login/" not in Client().get(path)["Location"]
    ]

    assert wrong == []
    assert away == []


def test_a_role_without_the_permission_is_refused(houses):
    own = houses[0]
    guarded = [(route, needed(route), url(route, own.brand, own)) for route in of_brand() if needed(route)]
    clients = {key: signed_in(account) for key, account in own.by_role.items()} | {"": Client()}

    asked = (
        (
            f"{method} {route.name}",
            ask(clients[world.lacking(permission)], method, path, token=bare(route, own)),
        )
        for route, permission, path in guarded
        for method in methods(route)
        if is_api(route) or world.lacking(permission)
    )

    assert refusals({403}, asked) == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.key)
def test_each_role_opens_what_it_may_and_is_refused_the_rest(houses, role):
    own = houses[0]
    client, wrong = signed_in(own.by_role[role.key]), []
    for route in of_brand():
        if not is_api(route) and needed(route):
            with forgotten():
                method = "post" if route.method == "post" else "get"
                status = ask(client, method, url(route, own.brand, own)).status_code
            if (status == 403) != (needed(route) not in role.may):
                wrong.append(f"{route.name}: {status}")

    assert wrong == []


def bare(route: Route, house: House) -> str:
    """A token without any permission, for operations of the API."""
    return house.tokens["none"] if is_api(route) else ""


def test_a_data_scope_that_does_not_hold_a_thing_does_not_find_it(houses):
    own = houses[0]
    client = signed_in(own.limited)
    scoped = [route for route in with_object() if any(argument.is_scoped for argument in ours(route))]
    paths = [(route, url(route, own.brand, own)) for route in scoped]

    asked = (
        (
            f"{method} {route.name}",
            ask(client, method, path, token=own.tokens["narrow"] if is_api(route) else ""),
        )
        for route, path in paths
        for method in (("post",) if route.method == "post" else methods(route))
    )

    assert refusals({403, 404}, asked) == []


def body(answer: HttpResponseBase) -> bytes:
    return answer.content if isinstance(answer, HttpResponse) else b"".join(cast(Iterable[bytes], answer))


def told_about(own: House, account: Account, token: str) -> list[str]:
    """Addresses whose answer, page or file, names the first community or one of its people."""
    secrets = [name.encode() for name in (own.community.name, *(member.name for member in own.members))]
    client, found = signed_in(account), []
    for route in of_brand():
        path = url(route, own.brand, own)
        for method in methods(route):
            with forgotten():
                answer = ask(client, method, path, token=token if is_api(route) else "")
                shown = body(answer)
            found += [f"{method} {route.name}"] if any(secret in shown for secret in secrets) else []
    return found


def test_no_answer_to_a_narrow_data_scope_names_what_lies_outside(houses):
    own = houses[0]

    assert told_about(own, own.limited, own.tokens["narrow"]) == []
    assert (
        len(told_about(own, own.owner, own.tokens["all"])) > 20
    )  # the same names are everywhere for the owner


def test_no_form_from_a_narrow_data_scope_changes_what_lies_outside(houses):
    own = houses[0]
    client, form, wrong = signed_in(own.limited), world.strange(own), []
    kept = ("communities.Community", "communities.Membership", "members.Member", "members.MemberTag",
            "members.Merge", "audiences.Audience", "diagnosis.Finding", "outbox.Todo", "outbox.Draft",
            "connectors.ImportBatch", "metrics.Share", "metrics.Comment")  # fmt: skip
    for route in of_brand():
        if is_api(route):
            continue
        path = url(route, own.brand, own)
        with forgotten():
            with writing() as statements:
                ask(
                    client,
                    "post",
                    path,
                    data={**form, "word": "清除", "every": "1", "parts": own.audience.pk},
                )
            after = dump_of(own.brand) if statements else {}
        before = dump_of(own.brand) if statements else {}
        gone = [label for label in kept if statements and not set(before[label]) <= set(after[label])]
        wrong += [f"{route.name} changed {gone}"] if gone else []

    assert wrong == []


def test_no_post_is_taken_without_its_token(houses):
    own = houses[0]
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(own.owner, backend="django.contrib.auth.backends.ModelBackend")
    pages = [route for route in routes() if not is_api(route) and route.name not in world.SIGNED_BY_SENDER]
    paths = [(route, url(route, own.brand, own)) for route in pages]

    asked = ((route.name, ask(client, "post", path, data=world.strange(own))) for route, path in paths)

    assert refusals({403}, asked) == []
