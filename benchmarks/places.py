"""Homes of the product for benchmarks that ask a running server: a brand 茶 whose group is bound, and a token that may
write facts. Made once by `python -m benchmarks.places`, then copied, so that every competitor starts from the same rows
and the same keys."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CHATS = tuple(f"tea{number}" for number in range(5))
PLATFORM = "forum"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSBiZW5jaG1hcms" * 2


@dataclass(frozen=True)
class Place:
    """Where one server keeps its data, and the token to write to it with."""

    home: Path
    url: str
    token: str

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "QUNYING_HOME": str(self.home),
            "DATABASE_URL": self.url,
            "QUNYING_SOCKETS": "",
            "DJANGO_SETTINGS_MODULE": "qunying.settings",
        }


def first_place(folder: Path, url: str = "") -> Place:
    """A filled home; `url` names an empty PostgreSQL database, without it everything is in SQLite under the folder."""
    place = Place(folder / "first", url, "")
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.places"],
        env=place.env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Place(place.home, url, made.stdout.split()[-1])


def another(place: Place, folder: Path) -> Place:
    """A copy of a home that nobody uses now."""
    shutil.copytree(place.home, folder)
    if not place.url:
        return Place(folder, "", place.token)
    import psycopg

    base, _slash, name = place.url.rpartition("/")
    with psycopg.connect(f"{base}/template1", autocommit=True) as line:
        line.execute(f"CREATE DATABASE {folder.name.replace('-', '_')} TEMPLATE {name}".encode())
    return Place(folder, f"{base}/{folder.name.replace('-', '_')}", place.token)


def ask(place: Place, words: str) -> list[tuple[Any, ...]]:
    """Rows of a question in SQL, past the product."""
    if place.url:
        import psycopg

        with psycopg.connect(place.url) as other:
            return other.execute(words.encode()).fetchall()
    with closing(sqlite3.connect(place.home / "qunying.sqlite3")) as line:
        return line.execute(words).fetchall()


def fill() -> str:
    """The brand, its owner, its bound groups; answers the token."""
    from benchmarks.board_ours import set_up

    set_up(Path(os.environ["QUNYING_HOME"]))
    from qunying.brands.actions import appoint, issue_token, open_account, open_brand
    from qunying.connectors.actions import connect, seat

    account = open_account("bench", password="only for the benchmark", at=NOW)
    brand = open_brand("茶", at=NOW, slug="tea")
    owner = appoint(brand, account=account, role="owner", at=NOW, by=None)
    door = connect(
        brand, connector_key="http", name="论坛", keys={"name": "forum", "secret": SECRET}, at=NOW, by=owner
    )
    for chat in CHATS:
        seat(door, chat=chat, name=chat, community=None, at=NOW, by=owner, platform=PLATFORM)
    return issue_token(owner, name="论坛", scopes=["facts.write"], at=NOW)


if __name__ == "__main__":
    print(fill())
