"""The style guide shows every partial, within what a strict content policy allows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import translation

from qunying.console import styleguide

TEMPLATES = Path(styleguide.__file__).parent / "templates" / "console"
ICONS = Path(styleguide.__file__).parents[2] / "frontend" / "icons.txt"


urlpatterns = [
    path("styleguide/", styleguide.styleguide),
    path("logout/", lambda request: HttpResponse(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
]
pytestmark = pytest.mark.urls(__name__)


def page(query: str = "") -> str:
    with translation.override("zh-hans"):
        answer = styleguide.styleguide(RequestFactory().get(f"/styleguide/{query}"))
    return answer.content.decode()


def test_no_page_carries_inline_styles_or_scripts() -> None:
    html = page()

    inline = re.findall(r"\sstyle=|\son\w+=|<style|<script(?![^>]*(?:src=|application/json))", html)

    assert inline == []


def test_ids_are_unique_although_every_component_stands_there_twice() -> None:
    ids = re.findall(r'\sid="([^"]*)"', page())

    assert sorted(ids) == sorted(set(ids))


def test_every_icon_a_template_asks_for_is_in_the_sprite() -> None:
    sources = "".join(file.read_text() for file in TEMPLATES.glob("*.html"))
    asked = set(re.findall(r'{% icon "([\w-]+)"', sources)) | set(re.findall(r'icon="([\w-]+)"', sources))
    sampled = set(re.findall(r'"icon": "([\w-]+)"', styleguide.SAMPLES.read_text()))

    assert (asked | sampled) - set(ICONS.read_text().split()) - {"mark"} == set()


def test_the_running_job_moves_on_and_stops_polling_at_the_end() -> None:
    running, done = page("?job=light&percent=10"), page("?job=light&percent=95")

    assert ('hx-trigger="every 1s"' in running, 'value="19"' in running) == (True, True)
    assert ("hx-trigger" in done, 'data-state="done"' in done) == (False, True)


def test_a_blank_number_says_why_and_a_small_base_is_printed() -> None:
    blank = {"key": "a", "label": "互动率", "value": None, "reason": "该平台不提供阅读人数"}
    few = {"key": "b", "label": "7日留存", "value": "41.7%", "n": 12, "delta": "+3.0%"}

    with translation.override("zh-hans"):
        cards = [render_to_string("console/_kpi.html", {"kpi": kpi}) for kpi in (blank, few)]

    assert ("blank" in cards[0], "该平台不提供阅读人数" in cards[0]) == (True, True)
    assert ("small-n" in cards[1], "样本仅 12 人" in cards[1], "+3.0%" in cards[1]) == (True, True, False)


def test_more_leaving_members_is_shown_as_worse() -> None:
    kpi = {"key": "a", "label": "退群", "value": "12", "delta": "+8.0%", "direction": "up", "better": "down"}

    assert '<b class="down">' in render_to_string("console/_kpi.html", {"kpi": kpi})


def test_an_error_page_names_the_way_out_and_escapes_what_it_repeats() -> None:
    shown = render_to_string(
        "console/error.html",
        {"title": "暂时不能这样做", "sentence": "<b>满了</b>", "error_id": "8F2A", "retry": True},
        RequestFactory().get("/"),
    )

    assert ("&lt;b&gt;满了&lt;/b&gt;" in shown, "8F2A" in shown, 'data-act="reload"' in shown) == (
        True,
        True,
        True,
    )


def test_the_guide_needs_no_account_and_no_brand(client: Client) -> None:
    answer = client.get("/styleguide/")

    assert answer.content.decode().count("<x-chart") == 16
