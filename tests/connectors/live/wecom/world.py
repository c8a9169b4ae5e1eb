"""A brand whose corporation on WeCom lives in a simulator, on a clock that the test moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from qunying.brands.models import Brand, Staff
from qunying.communities.fact_kinds import JOINED, LEFT, REMOVED
from qunying.communities.models import Channel
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.live.connector import Knock
from qunying.connectors.live.wecom import WECOM
from qunying.connectors.live.wecom.client import HOST
from qunying.connectors.live.wire import Wire
from qunying.connectors.models import Connection
from qunying.demo.simulators.wecom import Wecom
from qunying.demo.simulators.wecom_corp import Callback, Corporation
from qunying.facts.models import Fact
from qunying.members.models import Identity
from tests.connectors.live.world import AT, NOW

CORP, SECRET, TOKEN = "wwcmkt0000000001", "SECRET", "cmkt-token-0001"
AES_KEY = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG"
KEYS = {"corp": CORP, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY}
QING, LAN = "wmCMKT000000000000000000000001", "wmCMKT000000000000000000000002"


class World:
    """One connected corporation; `clock` is seconds UTC and moves only by `wait`."""

    def __init__(self, brand: Brand, chief: Staff) -> None:
        self.brand, self.chief, self.seconds = brand, chief, float(NOW)
        self.corp = Corporation(CORP, TOKEN, AES_KEY, clock=self.clock)
        self.corp.hire("kefu01", "客服小茶")
        self.connection = connect(brand, chief)
        self.wire = Wire(KEYS, (HOST,), clock=self.clock, notes=partial(actions.notes_of, self.connection))

    def clock(self) -> float:
        return self.seconds

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.seconds, dt.UTC)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def post(self, callback: Callback) -> int:
        assert WECOM.hook is not None
        knock = Knock("POST", callback.query, {}, callback.body, int(self.seconds * 1000))
        heard = WECOM.hook(KEYS, knock)
        actions.hear(self.connection, heard.payloads, at=self.now, notes=heard.notes)
        return 200

    def ask(self) -> int:
        """Everything that is due by now; answers how many payloads it brought."""
        assert WECOM.ask is not None
        brought = 0
        for _round in range(200):
            before = (self.connection.position, self.connection.notes.count())
            asked = WECOM.ask(self.wire, self.connection.position)
            actions.take_asked(self.connection, asked, at=self.now)
            brought += len(asked.payloads)
            if (self.connection.position, self.connection.notes.count()) == before and not asked.payloads:
                break
        self.read()
        return brought

    def read(self) -> None:
        settle_all()

    def hear(self, *, after: float = 60.0) -> int:
        """All callbacks arrive, and what they ask for is looked at."""
        self.corp.knock(self.post)
        self.wait(after)
        return self.ask()

    def bind(self, *chats: str) -> None:
        for chat in chats:
            actions.bind(self.connection, chat=chat, community=None, at=AT, by=self.chief)
        settle_all()


def connect(brand: Brand, chief: Staff) -> Connection:
    return actions.connect(brand, connector_key="wecom", name="", keys=KEYS, at=AT, by=chief)


@contextmanager
def simulated(settings: object, world: World, **more: object) -> Iterator[Wecom]:
    with Wecom(world.corp, SECRET, **more) as platform:  # type: ignore[arg-type]  # the tests name fields
        settings.SIMULATORS = {HOST: platform.address}  # type: ignore[attr-defined]  # pytest-django's
        yield platform


def moves(chat: str) -> list[tuple[str, str, int]]:
    """(who, what, seconds) of everybody who came or went."""
    names = {JOINED: "joined", LEFT: "left", REMOVED: "removed"}
    whose = dict(Identity.objects.values_list("member", "value"))
    channel = Channel.objects.get(key=chat)
    rows = Fact.objects.filter(channel=channel.pk, kind__in=names).order_by("happened_at", "kind", "member")
    return [
        (whose[member or 0], names[kind], at // 1000)
        for member, kind, at in rows.values_list("member", "kind", "happened_at")
    ]
