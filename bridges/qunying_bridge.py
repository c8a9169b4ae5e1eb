"""A NoneBot2 plugin that tells Qunying what members say on any platform NoneBot has an adapter for.

It stands alone: it runs in NoneBot's own environment, knows nothing of Qunying but `POST /api/v1/facts`, and forgets
nothing on the way: what could not be delivered waits, in order, in a file, and is sent again. Rows have the platform's
own ids, so sending twice changes nothing. docs/how-to/bridge-nonebot.md says how to set it up."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import urllib.error
import urllib.request
from itertools import accumulate
from pathlib import Path
from typing import Any

from nonebot import get_driver, logger, on_message, require
from nonebot.adapters import Bot, Event
from pydantic import BaseModel

require("nonebot_plugin_uninfo")
from nonebot_plugin_uninfo import Session, get_session  # noqa: E402  # a plugin has to be required first

BATCH, LARGEST = 500, 4_000_000
"""Rows and bytes of one request."""
WAIT_SECONDS = 1.0
LONGEST_WAIT = 60.0
SCHEMES = {"qq": "qq.uin", "telegram": "telegram.user", "discord": "discord.user"}
"""Accounts that Qunying knows from its own connections and imports; others are named after their platform."""
PLATFORMS = {"QQClient": "qq", "Telegram": "telegram", "Discord": "discord"}
SCOPES = {"OneBot V11": "QQClient", "OneBot V12": "QQClient"}
"""What an adapter's platform is called where only the adapter is known."""


class Config(BaseModel):
    """Lines of NoneBot's .env."""

    qunying_address: str = "http://127.0.0.1:8000"
    qunying_token: str = ""
    qunying_queue: str = "qunying-queue.sqlite3"


driver = get_driver()
config = Config.model_validate(driver.config.model_dump())
messages = on_message(priority=1, block=False)
_state: dict[str, Any] = {}


class Queue:
    """What waits to be delivered, on disk, oldest first."""

    def __init__(self, path: Path) -> None:
        self.line = sqlite3.connect(path, check_same_thread=False)
        self.line.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")

    def put(self, row: dict[str, object]) -> None:
        with self.line:
            self.line.execute("INSERT INTO rows (body) VALUES (?)", [json.dumps(row, ensure_ascii=False)])

    def first(self) -> tuple[list[int], list[str]]:
        """As many as one request may bear."""
        rows = self.line.execute("SELECT id, body FROM rows ORDER BY id LIMIT ?", [BATCH]).fetchall()
        sizes = accumulate(len(row[1].encode()) + 1 for row in rows)
        fitting = [row for row, size in zip(rows, sizes, strict=True) if size <= LARGEST]
        return [row[0] for row in fitting], [row[1] for row in fitting]

    def drop(self, ids: list[int]) -> None:
        with self.line:
            self.line.executemany("DELETE FROM rows WHERE id = ?", [(each,) for each in ids])


def row_of(bot: Bot, event: Event, session: Session | None, now: float) -> dict[str, object] | None:
    """The event as one row of the interface; None for what was said in private or has no id. Without a session, where
    the platform did not say who is who, by what the event itself bears."""
    group = session and (session.group or session.guild)
    chat = group.id if group else None if session else _own_chat(event)
    number = str(getattr(event, "message_id", "") or getattr(event, "id", "") or "")
    if not chat or not number:
        return None
    scope = str(session.scope) if session else SCOPES.get(bot.type, bot.type)
    platform = PLATFORMS.get(scope, scope.lower())[:30]
    said_at = getattr(event, "time", None)
    at = said_at if isinstance(said_at, (int, float)) else now
    who = session.user if session else None
    card = session.member.nick if session and session.member else None
    return {
        "id": number,
        "kind": "message",
        "at": int(at * 1000) if at < 10**11 else int(at),
        "platform": platform,
        "chat": str(chat),
        "chat_name": ((group and group.name) or "")[:200],
        "who": {
            "scheme": SCHEMES.get(platform, f"{platform}.user")[:40],
            "value": str(who.id) if who else event.get_user_id(),
            "name": (card or (who and (who.nick or who.name)) or "")[:200],
        },
        "text": event.get_plaintext()[:20_000],
    }


def _own_chat(event: Event) -> object:
    names = ("group_id", "group_openid", "channel_id", "chat_id")
    return next((found for name in names if (found := getattr(event, name, None))), None)


@messages.handle()
async def hear(bot: Bot, event: Event) -> None:
    """Write down what was said before anything else happens to it."""
    try:
        session = await get_session(bot, event)
    except Exception as error:  # what was said counts, whatever the platform answers about names
        logger.warning(f"{bot.type} does not say who {event.get_user_id()} is: {error!r}")
        session = None
    row = row_of(bot, event, session, time.time())
    if row is not None:
        _state["queue"].put(row)
        _state["news"].set()


def push(rows: list[str]) -> dict[str, Any]:
    """Hand the rows over; raises OSError when they have to be sent again."""
    asked = urllib.request.Request(  # noqa: S310  # the operator's own address
        f"{config.qunying_address.rstrip('/')}/api/v1/facts",
        "\n".join(rows).encode(),
        {"Authorization": f"Bearer {config.qunying_token}", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        told: dict[str, Any] = json.load(answer)
        return told


async def deliver() -> None:
    """Empty the queue whenever something is in it; while Qunying is away wait longer each time."""
    wait = WAIT_SECONDS
    while True:
        ids, rows = _state["queue"].first()
        if not rows:
            _state["news"].clear()
            await _state["news"].wait()
            continue
        try:
            told = await asyncio.to_thread(push, rows)
        except OSError as error:  # HTTP's refusals too: nothing of the request was taken
            code = error.code if isinstance(error, urllib.error.HTTPError) else 0
            logger.warning(
                f"Qunying did not take {len(rows)} rows ({code or error}); trying again in {wait} s"
            )
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
            continue
        wait = WAIT_SECONDS
        for fault in told["faults"]:  # kept by Qunying, where they are bound, repaired or thrown away
            logger.warning(f"Qunying set a row aside: {fault}")
        _state["queue"].drop(ids)


@driver.on_startup
async def start() -> None:
    if not config.qunying_token:
        raise SystemExit("qunying_bridge: put QUNYING_TOKEN into .env (Qunying: 设置 → API 令牌).")
    _state.update(queue=Queue(Path(config.qunying_queue)), news=asyncio.Event())
    _state["task"] = asyncio.create_task(deliver())


@driver.on_shutdown
async def stop() -> None:
    _state["task"].cancel()
