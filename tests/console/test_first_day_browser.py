"""The first day of an install in a real browser, on the real server and worker: owner, preview, import, undo."""

from __future__ import annotations

import os
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
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
PATIENCE = 60_000
SECRET = "tea-at-four-o-clock"
HISTORY = """platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text
qq,1,茶友群,,2026-03-01 09:00,u1,阿青,join,
qq,1,茶友群,m1,2026-03-02 10:00,u1,阿青,message,今天喝什么？
qq,1,茶友群,m2,2026-03-02 10:05,u2,小周,message,喝岩茶
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    """The address of a fresh install."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    env = {
        **os.environ,
        "QUNYING_HOME": str(home),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "qunying.settings",
    }
    words = [sys.executable, "-m", "qunying", "up", "--port", str(port)]
    child = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
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


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(locale="zh-CN", reduced_motion="reduce", bypass_csp=True)
        yield context.new_page()
        browser.close()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(AXE)
    run = "axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => `${location.pathname} ${v.id}`))"
    found: list[str] = page.evaluate(run)
    return found


def test_an_owner_imports_a_history_and_takes_it_back(server, page, tmp_path):
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    history = tmp_path / "茶友群.csv"
    history.write_text(HISTORY)

    page.goto(server)
    told = {"brand": "山茶", "username": "lin", "password": SECRET, "password_again": SECRET}
    for name, value in told.items():
        page.fill(f"[name={name}]", value)
    faults += violations(page)
    page.click("main button[type=submit], main button.primary")
    expect(page.get_by_role("heading", name="导入", exact=True)).to_be_visible()
    faults += violations(page)

    page.set_input_files("input[type=file]", history)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    expect(page.get_by_text("今天喝什么？")).to_be_visible()
    faults += violations(page)

    page.get_by_label("我确认有合法依据").check()
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("job-progress")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    page.get_by_role("link", name="查看结果").click()
    expect(page.get_by_role("heading", name="导入结果")).to_be_visible()
    expect(page.get_by_role("cell", name="茶友群", exact=True).first).to_be_visible()
    faults += violations(page)

    page.get_by_label("请输入“撤销”以确认").fill("撤销")
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.locator("job-progress")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    page.reload()
    expect(page.get_by_text("这次导入已撤销")).to_be_visible()
    faults += violations(page)

    assert faults == []
