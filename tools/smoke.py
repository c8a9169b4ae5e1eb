"""Opens every page of a running server as the person in login.txt: python -m tools.smoke http://127.0.0.1:8000"""

from __future__ import annotations

import html.parser
import http.cookiejar
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path


class LoginForm(html.parser.HTMLParser):
    """Reads the fields of the form that asks for a password."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[dict[str, str]]] = [[]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep every named input, form by form."""
        fields = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append([])
        if tag == "input" and "name" in fields:
            self.forms[-1].append(fields)

    def filled(self, name: str, password: str) -> dict[str, str]:
        """What a person would send: nothing where no form asks for a password."""
        typed = {"password": password, "text": name, "email": name}
        for form in self.forms:
            if any(field.get("type") == "password" for field in form):
                return {
                    each["name"]: typed.get(each.get("type", "text"), each.get("value", "")) for each in form
                }
        return {}


class Visitor:
    """A browser without scripts: cookies, redirects, no proxy."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.login_page = ""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies, urllib.request.ProxyHandler({}))

    def open(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, final address and text of a page; with `form` the page is sent it."""
        where = urllib.parse.urljoin(self.address, path)
        body = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(
                urllib.request.Request(where, body, {"Referer": where}), timeout=30
            ) as answer:
                return answer.status, answer.url, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, where, error.read().decode("utf-8", "replace")

    def log_in(self, name: str, password: str) -> bool:
        """Fill in the form that `/` leads to; true when that led on."""
        _, self.login_page, text = self.open("/")
        form = LoginForm()
        form.feed(text)
        status, after, _ = self.open(self.login_page, form.filled(name, password))
        return status == 200 and path_of(after) != path_of(self.login_page)


def path_of(address: str) -> str:
    """The path alone."""
    return urllib.parse.urlsplit(address).path


def main(address: str) -> int:
    """0 when the login and every page of `qunying routes --smoke` answer."""
    told = Path(os.environ["QUNYING_HOME"], "login.txt").read_text("utf-8")
    login = re.search(r"login: (\S+) +password: (\S+)", told)
    visitor = Visitor(address)
    if not login or not visitor.log_in(login[1], login[2]):
        print(f"✗ nobody could log in with what login.txt says: {told.splitlines()[0]}")
        return 1
    words = [sys.executable, "-m", "qunying", "routes", "--smoke"]
    paths = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    answers = [answers_well(visitor, path) for path in paths]
    print(f"{sum(answers)} of {len(answers)} pages answer")
    return 0 if answers and all(answers) else 1


def answers_well(visitor: Visitor, path: str) -> bool:
    """True when the page itself, not the login, comes back; prints how long it took."""
    start = time.monotonic()
    status, after, text = visitor.open(path)
    thrown_out = path_of(after) == path_of(visitor.login_page) != path
    good = status == 200 and bool(text) and not thrown_out
    print(
        f"{'✓' if good else '✗'} {status} {path_of(after)} {(time.monotonic() - start) * 1000:.0f} ms",
        flush=True,
    )
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
