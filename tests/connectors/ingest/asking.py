"""One request to the ingest API, asked of its handler as the server asks it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from qunying.connectors.ingest.door import Desk, ingest

NOW = 1_740_787_200_000


def row(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"m{number}",
        "kind": "message",
        "at": NOW + number * 1000,
        "platform": "forum",
        "chat": "tea",
        "who": {"scheme": "forum.user", "value": f"u{number % 7}", "name": f"茶友{number % 7}"},
        "text": f"第{number}句话",
        **more,
    }


class Api:
    """A desk and a token to write to it with."""

    def __init__(self, token: str) -> None:
        self.token, self.desk = token, Desk()

    def post(self, body: object, *, token: str | None = None, **headers: str) -> tuple[int, Any]:
        """Status and told body; a list is sent as JSON, bytes as they are."""
        return asyncio.run(self.ask(body, token=token, **headers))

    def post_many(self, bodies: list[object]) -> list[tuple[int, Any]]:
        async def all_at_once() -> list[tuple[int, Any]]:
            return list(await asyncio.gather(*(self.ask(body) for body in bodies)))

        return asyncio.run(all_at_once())

    async def ask(self, body: object, *, token: str | None = None, **headers: str) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        told = {"authorization": f"Bearer {self.token if token is None else token}", **headers}
        told.setdefault("content-length", str(len(raw)))
        answers: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        }
        await ingest(scope, receive, send, self.desk)
        return answers[0]["status"], orjson.loads(answers[1]["body"])
