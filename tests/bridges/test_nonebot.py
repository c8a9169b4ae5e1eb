"""The NoneBot2 bridge in NoneBot itself, in an environment of its own: what a member says arrives once, also what was
said while we were away."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from msgspec import structs

from qunying.connectors.rows import Row, Who, decode_row
from qunying.demo.simulators.server import Call, Reply, Simulator
from qunying.demo.simulators.synapse import locked

pytestmark = [pytest.mark.slow, pytest.mark.once]
ROOT = Path(__file__).parents[2]
BOT = """
import asyncio, sys
import nonebot
from nonebot.adapters.onebot.v11 import Adapter, Bot, GroupMessageEvent, Message, PrivateMessageEvent
from nonebot.message import handle_event

nonebot.init(driver="~none", log_level="WARNING", qunying_address=sys.argv[1], qunying_token="t" * 20)
nonebot.get_driver().register_adapter(Adapter)
plugin = nonebot.load_plugin("qunying_bridge")
assert plugin is not None


class Talker(Bot):
    # answers as a OneBot client does, until it is asked about group 90002

    async def call_api(self, api, **data):
        if data.get("group_id") == 90002:
            raise RuntimeError("away")
        group = {"group_id": 90001, "group_name": "山茶老客群"}
        return {**group, "user_id": 7, "nickname": "阿青", "card": "阿青·老客", "role": "member"}


async def main():
    driver = nonebot.get_driver()
    await driver._lifespan.startup()
    bot = Talker(nonebot.get_adapter(Adapter), "10001")
    words = Message("今天喝白茶")
    said = dict(time=1772323200, self_id=10001, post_type="message", user_id=7, message_id=11, font=0, message=words,
                raw_message=str(words), to_me=False, original_message=words, message_type="group", sub_type="normal",
                sender={"user_id": 7, "nickname": "阿青", "card": "阿青·老客"})
    await handle_event(bot, GroupMessageEvent(**said, group_id=90001))
    await handle_event(bot, GroupMessageEvent(**{**said, "message_id": 12}, group_id=90002))
    await handle_event(bot, PrivateMessageEvent(**{**said, "message_type": "private", "sub_type": "friend"}))
    await asyncio.sleep(float(sys.argv[2]))
    await driver._lifespan.shutdown()


asyncio.run(main())
"""


class Door(Simulator):
    """Stands where POST /api/v1/facts is."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.is_away = False
        super().__init__()

    def answer(self, call: Call) -> Reply:
        if self.is_away:
            return Reply({"code": "busy"}, 503)
        rows = call.body.splitlines()
        self.taken += rows
        return Reply({"accepted": len(rows), "known": 0, "faults": []})


def test_what_members_say_in_groups_arrives_as_rows_though_we_and_the_platform_were_away(tmp_path):
    python = locked("nonebot")
    (tmp_path / "bot.py").write_text(BOT, "utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "bridges")}

    def run(seconds: float) -> None:
        words = [str(python), "bot.py", door.address, str(seconds)]
        subprocess.run(words, cwd=tmp_path, env=env, check=True, timeout=60)

    with Door() as door:
        door.is_away = True
        run(0.2)
        away = list(door.taken)
        door.is_away = False
        run(1.5)

    rows = {row.id: row for row in map(decode_row, door.taken)}
    who = Who("qq.uin", "7", name="阿青·老客")
    known = Row("11", "message", 1772323200000, "qq", "90001", who, "山茶老客群", text="今天喝白茶")
    assert away == []
    assert rows["11"] == known
    assert rows["12"] == structs.replace(known, id="12", chat="90002", chat_name="", who=Who("qq.uin", "7"))
    assert len(rows) == 2  # nothing of what was said in private
