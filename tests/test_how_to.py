"""The how-to pages run: each block is written into a package of its own, announced, and used."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from qunying.brands.actions import issue_token, open_brand
from qunying.communities.models import Community
from qunying.connectors.actions import Order, bind, settle, take_files
from qunying.connectors.incoming import Options
from qunying.connectors.models import Connection
from qunying.jobs.actions import run_job
from qunying.kit import catalog, days
from qunying.metrics.asking import Asker
from qunying.metrics.kinds import Answer
from qunying.playbooks.kinds import playbook
from tests.connectors.ingest.asking import Api
from tests.connectors.live.world import open_brand as open_world

PAGES = Path(__file__).resolve().parents[1] / "docs" / "how-to"
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
BLOCK = re.compile(r"```python\n# (?P<path>[\w/]+\.py)\n(?P<body>.*?)```", re.DOTALL)


@pytest.fixture
def announce(tmp_path: Path) -> Iterator[object]:
    """Write a page's block as an app and put it on the highest floor; taken away afterwards."""
    before = catalog.apps()

    def write(page: str) -> None:
        found = BLOCK.search((PAGES / page).read_text("utf-8"))
        assert found is not None
        path = tmp_path / found["path"]
        path.parent.mkdir()
        (path.parent / "__init__.py").touch()
        path.write_text(found["body"], "utf-8")
        sys.path.insert(0, str(tmp_path))
        catalog.announce([*before, path.parent.name])

    yield write
    catalog.announce(before)
    sys.path[:] = [entry for entry in sys.path if entry != str(tmp_path)]


def test_no_page_is_longer_than_60_lines() -> None:
    assert [page.name for page in PAGES.glob("*.md") if len(page.read_text("utf-8").splitlines()) > 60] == []


@pytest.mark.django_db
def test_the_importer_of_the_page_reads_its_format(announce, tmp_path: Path) -> None:
    announce("add-an-importer.md")
    file = tmp_path / "tea.log"
    file.write_text("TEALOG 1\n1772700000|阿青|早\n1772700060|林主理|今天喝什么\nbroken\n", "utf-8")
    brand = open_brand("tea", at=NOW, slug="tea")

    _batch, reports = take_files(brand, [file], order=Order(Options()), at=NOW)

    counts = reports[0].summary.counts
    assert (reports[0].format.key, counts["messages"], counts["unknown_lines"]) == ("tealog", 2, 1)


@pytest.mark.django_db
def test_the_metric_of_the_page_answers_with_its_people(announce, tmp_path: Path) -> None:
    announce("add-an-importer.md")
    saturday = 1772841600 + 3600
    file = tmp_path / "tea.log"
    lines = [(saturday, "a"), (saturday + 86400, "a"), (saturday, "b")]
    file.write_text("TEALOG 1\n" + "".join(f"{at}|{who}|hello\n" for at, who in lines), "utf-8")
    brand = open_brand("tea", at=NOW, slug="tea", zone="UTC")
    take_files(brand, [file], order=Order(Options()), at=NOW)
    catalog.announce([app for app in catalog.apps() if not app.startswith("howto")])
    (tmp_path / "howto_metric").mkdir()
    announce_metric(tmp_path)
    sunday = days.number(dt.date(2026, 3, 8))

    answer = Asker(brand, list(Community.objects.all()), at=NOW).ask("weekend_regulars", sunday, sunday)

    assert (answer.numerator, answer.denominator) == (1, 2)
    assert isinstance(answer, Answer)


def announce_metric(folder: Path) -> None:
    found = BLOCK.search((PAGES / "add-a-metric.md").read_text("utf-8"))
    assert found is not None
    (folder / "howto_metric" / "__init__.py").touch()
    (folder / found["path"]).write_text(found["body"], "utf-8")
    catalog.announce([*catalog.apps(), "howto_metric"])


def test_the_playbook_of_the_page_is_found(announce) -> None:
    announce("add-a-playbook.md")

    found = playbook("tea.question")

    assert (found.days, found.metric, [step.kind for step in found.steps]) == (
        8,
        "speakers",
        ["todo", "draft", "todo"],
    )


def test_the_detector_of_the_page_opens_when_messages_halve(announce) -> None:
    announce("add-a-detector.md")
    detector = next(entry for entry in catalog.collect("detectors") if entry.key == "messages.halved")
    said = np.concatenate([np.full(60, 40.0), np.full(14, 10.0)])

    class Quiet:
        messages = said

    (trace,) = detector.examine(Quiet())

    assert (bool(trace.alarm[:60].any()), bool(trace.alarm[-1]), trace.evidence(73)["now"]) == (
        False,
        True,
        70,
    )


@pytest.mark.django_db(transaction=True)
def test_what_the_page_pushes_is_taken_once_its_group_is_bound(monkeypatch) -> None:
    found = re.search(
        r"```python\n   # push\.py\n(.*?)```", (PAGES / "push-facts.md").read_text("utf-8"), re.DOTALL
    )
    assert found is not None
    names: dict[str, Any] = {}
    exec(textwrap.dedent(found[1]), names)  # the page's own words
    brand, chief = open_world()
    api = Api(issue_token(chief, name="forum", scopes=["facts.write"], at=NOW))
    body: list[int] = []

    def answer(request: urllib.request.Request) -> io.BytesIO:
        assert request.full_url == "http://here/api/v1/facts"
        assert request.get_header("Authorization") == f"Bearer {api.token}"
        status, told = api.post(request.data)
        body.append(status)
        return io.BytesIO(json.dumps(told).encode())

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    held = names["push"]("http://here", api.token, [names["ROW"]])
    bind(Connection.objects.get(), chat="tea", community=None, at=NOW, by=chief)
    settle(Connection.objects.get())
    again = names["push"]("http://here", api.token, [names["ROW"], {**names["ROW"], "id": "post-2"}])

    assert (body, held["faults"][0]["code"]) == ([207, 200], "connectors.chat_unbound")
    assert again == {"accepted": 1, "known": 1, "faults": []}
    assert Community.objects.filter(brand=brand).count() == 1


@pytest.mark.django_db
def test_the_history_of_the_page_is_imported_piece_by_piece(monkeypatch, tmp_path, settings) -> None:
    settings.HOME = tmp_path
    page = (PAGES / "push-history.md").read_text("utf-8")
    found = re.search(r"```python\n   # push_history\.py\n(.*?)```", page, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(textwrap.dedent(found[1]), names)  # the page's own words
    _brand, chief = open_world()
    token = issue_token(chief, name="export", scopes=["imports.edit"], at=NOW)

    def answer(request: urllib.request.Request) -> io.BytesIO:
        path, headers = request.full_url.removeprefix("http://here"), dict(request.header_items())
        told = Client().generic(request.get_method(), path, request.data or b"", headers=headers)
        assert told.status_code == 200, told.content
        return io.BytesIO(told.content)

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    said = [{**names["SAID"], "platformMessageId": f"m{n}"} for n in range(3)]
    begun = names["push"]("http://here", token, "qq_5001", names["HEAD"], said, size=2)
    run_job.call(begun["job"])

    state = names["ask"]("http://here", token, "qq_5001")
    assert (begun["state"], state["state"], state["counts"]["messages"]) == ("importing", "done", 3)
