"""The demo brand's pages in a real browser: budgets of ui.md §5 at 1440 and 390 px, both themes, both languages."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.console.test_styleguide_browser import AXE, FLAGS, WATCH_SHIFTS

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-output"
KB = 1024
PAGES = {
    "": 260 * KB,
    "members/": 40 * KB,
    "communities/": 40 * KB,
    "audiences/": 40 * KB,
    "retention/": 260 * KB,
    "findings/": 40 * KB,
    "playbooks/": 60 * KB,  # a library to read, not a list
    "runs/": 40 * KB,
    "imports/": 40 * KB,
    "jobs/": 40 * KB,
    "daily/": 260 * KB,
    "metrics/": 40 * KB,
    "staff/": 40 * KB,
    "roster/": 40 * KB,
    "consent-texts/": 40 * KB,
    "opt-outs/": 40 * KB,
    "audit/": 40 * KB,
}
"""Page below the brand → bytes it may transfer."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and password of an install with the demo brand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("demo")
    env = {
        **os.environ,
        "QUNYING_HOME": str(home),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "qunying.settings",
    }
    command = [sys.executable, "-m", "qunying"]
    subprocess.run([*command, "demo"], cwd=ROOT, env=env, check=True, capture_output=True)
    child = subprocess.Popen(
        [*command, "serve", "--port", str(port)], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        password = re.search(r"password: (\S+)", (home / "login.txt").read_text())
        assert password is not None
        yield f"http://127.0.0.1:{port}", password[1]
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(30)


def wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise TimeoutError(address)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def signed_in(browser: Browser, site: tuple[str, str], *, width: int, theme: str, language: str) -> Page:
    address, password = site
    context = browser.new_context(
        viewport={"width": width, "height": 900}, reduced_motion="reduce", bypass_csp=True, locale="zh-CN"
    )
    names = {"theme": theme, "django_language": language}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in names.items()])
    page = context.new_page()
    page.add_init_script(WATCH_SHIFTS)
    page.goto(f"{address}/login/")
    page.fill("input[type=text], input[name=login], input[name=username]", "demo")
    page.fill("input[type=password]", password)
    page.click("button[type=submit]")
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(1440, "light", "zh-hans"), (390, "dark", "en"), (390, "light", "zh-hans")],
)
def test_every_page_keeps_its_budgets_and_has_no_violation(
    browser: Browser, site: tuple[str, str], width: int, theme: str, language: str
) -> None:
    page = signed_in(browser, site, width=width, theme=theme, language=language)
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(f"console: {told.text}") if told.type == "error" else None)
    for path in PAGES:
        page.goto(f"{site[0]}/b/shancha/{path}")
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
        wrong += [f"{path} axe {each['id']} {each['nodes'][0]['html'][:90]}" for each in found]
        shifts = page.evaluate("window.shifts")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{path} shifts {shifts}"] if shifts > 0.02 else []
        wrong += [f"{path} overflows by {wide}"] if wide > 0 else []
        if path == "" and width == 1440:
            SHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SHOTS / "overview.png")

    page.context.close()
    assert wrong == []


def test_pages_transfer_no_more_than_their_budget_in_six_requests(
    browser: Browser, site: tuple[str, str]
) -> None:
    page = signed_in(browser, site, width=1440, theme="light", language="zh-hans")
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    seen: list[float] = []
    client.on(
        "Network.loadingFinished", lambda told: seen.append(told["encodedDataLength"])
    )  # a data: URL has 0
    wrong = []
    for path, budget in PAGES.items():
        seen.clear()
        page.goto(f"{site[0]}/b/shancha/{path}")
        page.wait_for_load_state("networkidle")
        requests = sum(size > 0 for size in seen)
        if sum(seen) > budget or requests > 6:
            wrong.append(f"{path}: {sum(seen) / KB:.0f} KB in {requests} requests")

    page.context.close()
    assert wrong == []
