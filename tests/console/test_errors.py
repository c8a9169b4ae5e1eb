"""Promises of the error pages: our own words and look, a way out, and a number that the log has too."""

from __future__ import annotations

import errno
import logging
import re

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import translation

from qunying.console.errors import broke

pytestmark = pytest.mark.django_db


def seen(answer) -> tuple[int, str, str]:
    """Status, heading and the number of an error page."""
    text = answer.content.decode()
    heading, number = re.search(r"<h1>(.*?)</h1>", text), re.search(r"<code>([0-9a-f]{8})</code>", text)
    assert heading is not None and number is not None, text
    return answer.status_code, heading[1], number[1]


def test_an_unknown_address_shows_a_number_that_the_log_has(caplog):
    with caplog.at_level(logging.WARNING, "qunying.errors"):
        status, heading, number = seen(Client().get("/nowhere/"))

    assert (status, heading) == (404, "没有找到")
    assert [line for line in caplog.messages if number in line] == [f"refused GET /nowhere/ 404 as {number}"]


def test_a_form_without_its_token_is_told_in_our_words_that_nothing_was_saved():
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "lin"})

    assert seen(answer)[:2] == (403, "页面已过期")
    assert "CSRF" not in answer.content.decode()


def test_a_request_that_cannot_be_read_is_told_so_in_our_words():
    many = {f"field{n}": "1" for n in range(2000)}  # more than Django reads

    assert seen(Client().post("/login/", many))[:2] == (400, "内容有误")


def test_a_fault_offers_to_try_again():
    answer = broke(RequestFactory().get("/"))

    assert seen(answer)[:2] == (500, "出错了")
    assert 'data-act="reload"' in answer.content.decode()


def test_an_error_page_speaks_the_readers_language():
    client = Client()
    client.cookies["django_language"] = "en"

    assert seen(client.get("/nowhere/"))[:2] == (404, "Not found")


def test_a_full_disk_is_said_in_our_words_wherever_it_is_found_99():
    def raised(error: Exception) -> tuple[int, str, str | None]:
        try:
            raise error
        except type(error):
            answer = broke(RequestFactory().get("/"))
        status, heading, _number = seen(answer)
        return status, heading, answer.get("Retry-After")

    full = OSError(errno.ENOSPC, "No space left on device")
    with translation.override("zh-hans"):
        told = [raised(error) for error in (full, OperationalError("database or disk is full"), ValueError())]

    assert told == [(503, "外部服务没有响应", "5")] * 2 + [(500, "出错了", None)]
