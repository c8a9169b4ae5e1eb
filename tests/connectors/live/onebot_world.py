"""A QQ account's client, and someone who talks with it: with ears that only remember, or for a brand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.doorway import Doorway, Guest
from qunying.connectors.live.onebot import ONEBOT
from qunying.connectors.live.wire import Wire, host_of
from qunying.connectors.models import Connection
from qunying.demo.simulators.onebot import OneBot
from tests.connectors.live.talks import Talking, eventually, talking
from tests.connectors.live.world import AT, NOW, open_brand

GROUP, OWN, LIN, QING = 612345678, 10001000, 10001001, 10001002
TOKEN = "a-token-both-sides-know"  # of the simulator


def wire_to(client: OneBot, **keys: str) -> Wire:
    told = {"number": str(OWN), "address": client.address, "token": TOKEN, **keys}
    return Wire(told, (host_of(told["address"]),) if told["address"] else ())


@contextmanager
def listening_to(client: OneBot, **keys: str) -> Iterator[Talking]:
    """A talk over the socket we open."""
    with talking(ONEBOT, wire_to(client, **keys)) as talk:
        eventually(lambda: "get_group_msg_history" in client.asked or talk.error)
        yield talk


@contextmanager
def door(wire: Wire) -> Iterator[str]:
    """An address at which the socket for this wire may be opened."""
    doorway = Doorway("127.0.0.1", 0)
    doorway.guests = {"secret-door": Guest(ONEBOT, wire, threading.Event())}
    try:
        yield f"ws://127.0.0.1:{doorway.port}/sockets/secret-door/"
    finally:
        doorway.guests["secret-door"].ended.set()
        doorway.close()


class World:
    """A brand whose QQ account is connected, with its group bound, and whose talker is the test."""

    def __init__(self, client: OneBot) -> None:
        self.client = client
        self.brand, self.chief = open_brand()
        keys = {"number": str(OWN), "address": client.address, "token": TOKEN}
        self.row: Connection = actions.connect(
            self.brand, connector_key="onebot", name="", keys=keys, at=AT, by=self.chief
        )
        self.wire = actions.wire_of(self.row)
        self.number = 0

        def say(talk: Talking) -> object:
            if client.lines and not self.number:
                self.number = client.say(GROUP, LIN, "林", "今晚八点开奖", at=NOW)
            return talk.heard

        self.hear(say)
        actions.bind(self.row, chat=str(GROUP), community=None, at=AT, by=self.chief)
        settle_all()

    def hear(self, until: Callable[[Talking], object]) -> None:
        """Store what a talk brings, in this thread, where the test's transaction is."""
        with talking(ONEBOT, self.wire) as talk:
            eventually(lambda: until(talk))
        actions.hear(self.row, talk.heard, at=AT)
        settle_all()
