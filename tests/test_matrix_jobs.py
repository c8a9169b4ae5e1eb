"""The matrix for what has no address: every kind of job and command, asked by one brand about another's things."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from qunying.cli.commands import app
from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.kit.errors import QunyingError
from tests.matrix_world import AT, House, build, dump_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def houses(tmp_path, settings):
    settings.HOME = tmp_path
    return build("a", tmp_path), build("b", tmp_path)


JOB_ARGS = {
    "connectors.import": lambda other: {"batch": other.batch.pk, "rows": 1},
    "connectors.backfill": lambda other: {"connection": other.connection(), "days": 7},
    "connectors.preview": lambda other: {"draft": other.draft(), "staff": other.first.pk},
    "connectors.take_back": lambda other: {"batch": other.batch.pk},
    "connectors.undo": lambda other: {"batch": other.batch.pk},
    "connectors.export": lambda other: {"community": other.community.pk},
    "members.erase": lambda other: {"member": other.members[1].pk},
    "metrics.restate": lambda other: {"members": [member.pk for member in other.members]},
    "connectors.nightly": lambda other: {},
    "connectors.diagnose": lambda other: {},
}
"""Arguments of each kind of job that name something of another brand."""
MAY_END_WELL = {"metrics.restate", "connectors.nightly", "connectors.diagnose"}
"""Kinds that name nothing, or leave out what is not the brand's own instead of refusing it."""


def run_about(own: House, other: House, key: str) -> str:
    """Runs the job for one brand about the other's things; answers how it ended."""
    kind = next(entry for entry in catalog.collect("job_kinds") if entry.key == key)
    job = Job.objects.create(
        brand=own.brand, kind=key, args=JOB_ARGS[key](other), staff=own.first, created_at=AT
    )
    try:
        kind.run(job, lambda _done, _total: None)
    except QunyingError as refused:
        return refused.code.partition(".")[2]
    return "done"


def test_every_kind_of_job_is_listed_here():
    assert {entry.key for entry in catalog.collect("job_kinds")} == set(JOB_ARGS)


def test_no_job_touches_another_brands_things(houses):
    own, other = houses
    ends, before = {}, None
    for key in JOB_ARGS:
        other.draft(), other.connection()
        before = dump_of(other.brand)
        ends[key] = run_about(own, other, key)
        if dump_of(other.brand) != before:
            ends[key] = "changed the other brand"

    assert {key: end for key, end in ends.items() if end != "not_found" and key not in MAY_END_WELL} == {}
    assert {ends[key] for key in MAY_END_WELL} <= {"done", "not_found"}


WORDS = {
    "import": lambda other, path: [str(path)],
    "metric": lambda other, path: ["dau"],
    "report": lambda other, path: [
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-07",
        "--out",
        str(path.with_suffix(".json")),
    ],
}
"""What a command that takes a community needs beside it."""


def of_a_community() -> list[str]:
    """Commands that can be told a community."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group of commands
    return [
        name for name, command in commands.items() if any(one.name == "community" for one in command.params)
    ]


def test_every_command_about_a_community_is_listed_here():
    assert set(of_a_community()) <= set(WORDS)


def test_no_command_of_a_brand_takes_another_brands_community(houses, tmp_path):
    own, other = houses
    path = tmp_path / "茶友群.csv"
    path.write_text("platform,timestamp,user_id,user_name,text\nqq,2026-03-05 09:00,u9,新人,你好\n")
    before, found = dump_of(other.brand), {}
    for name in of_a_community():
        words = [
            name,
            *WORDS[name](other, path),
            "--brand",
            own.brand.slug,
            "--community",
            str(other.community.pk),
        ]
        answer = CliRunner().invoke(app, words)
        found[name] = getattr(answer.exception, "code", answer.exit_code)

    assert found == dict.fromkeys(of_a_community(), "communities.unknown")
    assert dump_of(other.brand) == before
