"""A chat history in ChatLab format, and the pieces in which a program pushes it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.test import Client

from qunying.brands.actions import issue_token
from qunying.brands.models import Staff
from qunying.connectors.actions import Sender, take_piece
from qunying.connectors.models import Code, Welcome
from qunying.connectors.pieces import read_piece
from qunying.jobs.actions import run_job
from qunying.jobs.models import Job

AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
BEGUN = 1_772_323_200
"""Seconds; 2026-03-01 in UTC."""
HEAD: dict[str, object] = {
    "chatlab": {"version": "0.0.2", "exportedAt": BEGUN},
    "meta": {"name": "茶友群", "platform": "qq", "type": "group", "groupId": "5001"},
    "members": [
        {"platformId": f"{1000 + who}", "accountName": f"茶友{who}", "avatar": "data:image/png;base64,AAAA"}
        for who in range(3)
    ],
}


def message(number: int, **more: object) -> dict[str, object]:
    return {
        "platformMessageId": f"m{number}",
        "sender": f"{1000 + number % 3}",
        "timestamp": BEGUN + number * 60,
        "type": 0,
        "content": f"第{number}句话",
        **({"replyToMessageId": f"m{number - 1}"} if number % 2 else {}),
        **more,
    }


def piece(*numbers: int, **more: object) -> dict[str, object]:
    """A later piece: messages alone."""
    return {"messages": [message(number) for number in numbers], **more}


def first(*numbers: int, **more: object) -> dict[str, object]:
    return {**HEAD, **piece(*numbers), **more}


def a_push(by: Staff) -> str:
    """A session of which one piece waits; its name."""
    name = f"qq_{by.brand.slug}"
    whole = read_piece(json.dumps(first(1, 2)).encode())
    take_piece(Sender(by), name=name, piece=whole, key="", at=AT)
    return name


def a_welcome(connection: int) -> int:
    return int(Welcome.objects.get_or_create(connection_id=connection, defaults={"text": "欢迎"})[0].pk)


def a_code(connection: int) -> int:
    shape = {"kind": "contact", "name": "名片码", "created_at": AT}
    return int(Code.objects.get_or_create(connection_id=connection, state="名片码", defaults=shape)[0].pk)


class Program:
    """What pushes: a token, and a session to push to."""

    def __init__(
        self, staff: Staff, *, scopes: tuple[str, ...] = ("imports.edit",), name: str = "qq_5001"
    ) -> None:
        self.token = issue_token(staff, name="导出工具", scopes=list(scopes), at=AT)
        self.name = name

    def push(self, body: object, *, key: str = "", more: str = "", **headers: str) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if key:
            headers["Idempotency-Key"] = key
        return self._ask("post", f"/api/v1/imports/{self.name}{more}", raw, **headers)

    def complete(self) -> tuple[int, Any]:
        return self._ask("post", f"/api/v1/imports/{self.name}/completion", b"")

    def state(self) -> Any:
        return self._ask("get", f"/api/v1/imports/{self.name}", b"")[1]["data"]

    def _ask(self, method: str, path: str, raw: bytes, **headers: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        more = {} if method == "get" else {"data": raw, "content_type": "application/json"}
        answer = getattr(Client(), method)(path, headers=headers, **more)
        self.answer = answer
        return answer.status_code, answer.json()


def counts(told: tuple[int, Any]) -> tuple[int, ...]:
    """Status, then received, written, duplicate, unknown."""
    return (
        told[0],
        *(
            told[1]["data"]["batch"][f"{name}Count"]
            for name in ("received", "written", "duplicate", "unknown")
        ),
    )


def work_off() -> None:
    for job in Job.objects.filter(state=Job.State.WAITING):
        run_job.call(job.pk)
