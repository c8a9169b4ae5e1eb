"""The style guide in a real browser: no accessibility violation, no console error, nothing that jumps or overflows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Browser, Page, sync_playwright

from qunying.console.styleguide import styleguide

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCH_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

urlpatterns = [
    path("styleguide/", styleguide),
    path("logout/", lambda request: HttpResponse(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
]
pytestmark = [pytest.mark.browser, pytest.mark.urls(__name__)]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """Requests of a test are nobody's news."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site() -> Iterator[str]:
    """Our own server on our own addresses: the guide needs no database and no login."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/styleguide/"
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(params=["light", "dark"])
def guide(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(
        color_scheme=request.param,
        reduced_motion="reduce",
        locale="zh-CN",
        viewport={"width": 1440, "height": 900},
    )
    page = context.new_page()
    page.add_init_script(WATCH_SHIFTS)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site)
    for chart in page.locator("x-chart").all():
        chart.scroll_into_view_if_needed()
    page.locator("x-chart:not([data-ready])").wait_for(state="detached")
    yield page
    context.close()
    assert complaints == []


def violations(page: Page) -> list[tuple[str, str]]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [(entry["id"], entry["nodes"][0]["html"][:120]) for entry in found]


def test_the_guide_has_no_accessibility_violation(guide: Page) -> None:
    assert violations(guide) == []


def test_open_menus_dialogs_and_tables_have_none_either(guide: Page) -> None:
    guide.locator("[data-chart=table]").first.click()
    guide.locator("bulk-table [data-row]").first.check()
    guide.locator("[popovertarget=account-menu]").click()
    with_menu = violations(guide)
    guide.keyboard.press("Escape")
    guide.keyboard.press("Control+k")

    assert (with_menu, violations(guide)) == ([], [])


def test_nothing_jumps_and_nothing_overflows_from_320_to_2560_pixels(guide: Page) -> None:
    assert guide.evaluate("window.shifts") <= 0.02

    overflow = {}
    for width in (320, 390, 900, 1440, 2560):
        guide.set_viewport_size({"width": width, "height": 900})
        overflow[width] = guide.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert {width: pixels for width, pixels in overflow.items() if pixels > 0} == {}


def test_a_selection_of_all_survives_a_reload_and_asks_for_the_typed_word(guide: Page) -> None:
    table = guide.locator("bulk-table").first
    table.locator("[data-row]").first.check()
    table.locator("[data-every]").click()
    guide.reload()

    counted = table.locator("[data-count]").first.inner_text()
    table.locator("button.danger").click()
    yes = guide.locator("#confirm [value=yes]")
    before = yes.is_disabled()
    guide.fill("#confirm-word", "移出")

    assert (counted, before, yes.is_disabled()) == ("8,774", True, False)


def test_a_chart_turns_into_its_table_and_back(guide: Page) -> None:
    card = guide.locator("figure.card").first
    card.locator("[data-chart=table]").click()

    rows = card.locator(".as-table tr").all_inner_texts()
    card.locator("[data-chart=table]").click()

    assert (len(rows), rows[1].split("\t")) == (21, ["11-01", "1,450", "1,330", "620"])
    assert card.locator(".plot").is_visible()


def test_cells_that_are_not_ripe_stay_empty(guide: Page) -> None:
    last = guide.locator("x-chart[kind=retention] tbody tr").nth(7).locator("td").all_inner_texts()

    assert last == ["76%", "", "", "", "", "", "", ""]


def test_a_step_of_which_there_is_nothing_to_take_part_has_no_bar(guide: Page) -> None:
    bars = guide.locator("x-chart[kind=steps] .bar i")

    widths = [bar.evaluate("fill => fill.style.width") for bar in bars.all()]

    assert (widths[0], widths[-1]) == ("100%", "0%")


@pytest.mark.parametrize(("typed", "found"), [("日历", "内容日历"), ("跑者", "城市跑者同好会")])
def test_the_palette_finds_a_page_or_a_community_by_its_name(guide: Page, typed: str, found: str) -> None:
    guide.keyboard.press("Control+k")
    guide.keyboard.type(typed)

    assert [text.strip() for text in guide.locator("#palette nav a:visible").all_inner_texts()] == [found]


def test_the_palette_switches_the_language_by_keyboard(guide: Page) -> None:
    guide.keyboard.press("Control+k")
    guide.keyboard.type("切换语言")
    found = guide.locator("#palette nav :is(a, button):visible").all_inner_texts()
    guide.keyboard.press("ArrowDown")
    guide.keyboard.press("ArrowDown")
    guide.keyboard.press("Enter")
    guide.locator("html[lang=en]").wait_for()

    assert [text.strip() for text in found] == ["简体中文", "English"]


def test_a_post_moves_a_day_by_keyboard_and_can_be_taken_back(guide: Page) -> None:
    item = guide.locator("month-grid [data-item]").first
    day = item.locator("xpath=ancestor::td")
    item.focus()
    guide.keyboard.press("Alt+ArrowRight")
    undo = guide.locator(".toast [data-undo]")
    undo.wait_for()

    moved = day.get_attribute("data-day")
    undo.click()

    assert (moved, day.get_attribute("data-day")) == ("2026-11-04", "2026-11-03")


def test_arrow_keys_alone_leave_a_post_where_it_is(guide: Page) -> None:
    item = guide.locator("month-grid [data-item]").first
    item.focus()
    guide.keyboard.press("ArrowRight")

    assert item.locator("xpath=ancestor::td").get_attribute("data-day") == "2026-11-03"
