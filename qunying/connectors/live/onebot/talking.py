"""Talking with a OneBot implementation: events are stored, answers handed to whoever asked, and after a break the last
messages of each group fetched, since sockets lose what is said while they are down."""

from __future__ import annotations

import hashlib
import hmac
import math
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from queue import Empty
from typing import Any

import orjson
from websockets.sync.connection import Connection

from qunying.connectors.live.connector import Ears, Knock, Payload, Unsigned
from qunying.connectors.live.onebot.reading import channel_name, references, sequence
from qunying.connectors.live.sockets import READ_SECONDS, Socket, batches
from qunying.connectors.live.wire import Keys, Visit, Wire, host_of
from qunying.kit.errors import Invalid, Upstream

Record = Mapping[str, Any]
REMEMBERED = 20_000
"""Messages whose sequence numbers are remembered for replies, recalls and reactions."""
CATCH_UP, MOST_PAGES = 100, 50
"""Messages of each group that are fetched at once after a break, and how often at most, back to where we stopped."""
ASK_SECONDS = 3.0


def admit(keys: Keys, knock: Knock) -> None:
    """One socket for everything, with our token, from the account that is connected."""
    scheme, _space, token = knock.headers.get("authorization", "").partition(" ")
    given = token if scheme in ("Bearer", "Token") else knock.query.get("access_token", "")
    if not hmac.compare_digest(given.encode(), keys["token"].encode()):
        raise Unsigned("connectors.bad_signature")
    if knock.headers.get("x-self-id", keys["number"]) != keys["number"]:
        raise Invalid("connectors.other_account", account=keys["number"])
    if knock.headers.get("x-client-role", "Universal").lower() != "universal":
        raise Invalid("connectors.one_socket")


def talk(wire: Wire, ears: Ears, until: threading.Event) -> None:
    """Over the socket we open, or over the next one that is opened to us."""
    if wire.keys.get("address"):
        with dial(wire) as line:
            Talk(wire, line, ears, until).run()
        _broken(wire, until)
        return
    while not until.is_set():
        visit = _next(wire, until)
        if visit is not None:
            try:
                Talk(wire, visit.line, ears, until).run()
            finally:
                visit.over.set()
                visit.line.close()


def dial(wire: Wire) -> Connection:
    return wire.dial(wire.keys["address"], Authorization=f"Bearer {wire.keys['token']}")


def name_of(wire: Wire) -> str:
    return host_of(wire.keys.get("address") or "") or wire.keys["number"]


def _broken(wire: Wire, until: threading.Event) -> None:
    if not until.is_set():
        raise Upstream("connectors.socket_closed", host=name_of(wire))


def _next(wire: Wire, until: threading.Event) -> Visit | None:
    """The newest socket opened to us; older ones are from before a break."""
    try:
        visit = wire.visits.get(timeout=READ_SECONDS)
    except Empty:
        return None
    while not wire.visits.empty():
        visit.over.set()
        visit = wire.visits.get()
    return visit


class Talk:
    """One open socket being read."""

    def __init__(self, wire: Wire, line: Connection, ears: Ears, until: threading.Event) -> None:
        self.wire, self.line, self.ears, self.until = wire, line, ears, until
        self.socket = Socket(line, name=name_of(wire))
        self.seqs: OrderedDict[tuple[str, str], str] = wire.memory.setdefault("seqs", OrderedDict())
        self.names: dict[str, str] = wire.memory.setdefault("names", {})
        self.groups: deque[tuple[str, object]] = deque()
        self.is_listed = False
        self.since, self.newest = int(wire.memory.get("position") or 0), 0
        self.pages: Counter[str] = Counter()
        self.asked_at = 0.0
        self.held: dict[str, tuple[float, Record]] = {}

    def run(self) -> None:
        """Until the event is set, the line breaks, or a newer one was opened to us."""
        self.wire.memory["socket"] = self.socket
        try:
            self._ask("get_login_info", {}, "login")
            self._ask("get_group_list", {}, "groups")
            for frames in batches(self.line, self.until):
                self._take([told for frame in frames if (told := _record(frame))])
                self._catch_up()
                if not self.wire.visits.empty():
                    return
        finally:
            if self.wire.memory.get("socket") is self.socket:
                del self.wire.memory["socket"]
            self.line.close()
            self.socket.give_up()
            if self.held:
                self.ears(self._held_until(math.inf))

    def _take(self, told: Sequence[Record]) -> None:
        payloads: list[Payload] = []
        for record in told:
            if "post_type" in record:
                payloads += self._heard(record)
            elif "echo" in record:
                payloads += self._answer(record)
        payloads += self._held_until(time.monotonic())
        if payloads or told:
            self._store(payloads)

    def _store(self, payloads: Sequence[Payload]) -> None:
        """With the second up to which everything was heard, once all is fetched that was missed before."""
        if self.newest and self.is_listed and not self.groups and not self.asked_at:
            self.wire.memory["position"] = str(self.newest)
            self.ears(payloads, str(self.newest))
        else:
            self.ears(payloads)

    def _heard(self, event: Record) -> list[Payload]:
        """What is said in groups. A private chat belongs to the person whose account this is, and is not kept."""
        if str(event.get("self_id", self.wire.keys["number"])) != self.wire.keys["number"]:
            raise Invalid("connectors.other_account", account=self.wire.keys["number"])
        group = str(event.get("group_id") or "")
        if not group or event["post_type"] == "meta_event":
            return []
        self._learn(group, event)
        self.newest = max(self.newest, int(event["time"]))
        missing = [id_ for id_ in references(event) if self._asks_for(group, event, id_)]
        if missing and "has_seqs" in self.wire.memory:
            key = _key(event)
            self.held[key] = (time.monotonic() + ASK_SECONDS, event)
            self._ask("get_msg", {"message_id": _number(missing[0])}, f"seq:{group}:{missing[0]}:{key}")
            return []
        return [self._payload(group, event)]

    def _asks_for(self, group: str, event: Record, id_: str) -> bool:
        is_its_own = str(event.get("message_id")) == id_ and sequence(event)
        return not is_its_own and (group, id_) not in self.seqs

    def _learn(self, group: str, event: Record) -> None:
        if channel_name(event):
            self.names[group] = channel_name(event)
        number = sequence(event)
        if number and event.get("message_id"):
            self.wire.memory["has_seqs"] = True
            self.seqs[group, str(event["message_id"])] = number
            while len(self.seqs) > REMEMBERED:
                self.seqs.popitem(last=False)

    def _payload(self, group: str, event: Record) -> Payload:
        """The event as it came, with what it refers to but does not tell."""
        seqs = {id_: self.seqs[group, id_] for id_ in references(event) if (group, id_) in self.seqs}
        name = "" if event.get("group_name") else self.names.get(group, "")
        known = {**({"seqs": seqs} if seqs else {}), **({"name": name} if name else {})}
        return Payload(_key(event), orjson.dumps({**event, "_known": known} if known else event))

    def _ask(self, action: str, params: Record, echo: str) -> None:
        """A question whose answer comes by this loop."""
        self.socket.post({"action": action, "params": params, "echo": f"~{echo}"})

    def _answer(self, answer: Record) -> list[Payload]:
        """Answers to our own questions are read here, others go to whoever asked."""
        echo = str(answer["echo"])
        if not echo.startswith("~"):
            self.socket.hand(answer)
            return []
        kind, _colon, rest = echo.removeprefix("~").partition(":")
        data = answer.get("data")
        if kind == "seq":
            return self._sequence_told(rest, data if isinstance(data, dict) else {})
        if kind == "history":
            return self._missed(rest, data if isinstance(data, dict) else {})
        self.is_listed = self.is_listed or kind == "groups"
        if not data:
            return []
        if kind == "login" and str(data.get("user_id")) != self.wire.keys["number"]:
            raise Invalid("connectors.other_account", account=self.wire.keys["number"])
        if kind == "groups":
            self.names.update((str(each["group_id"]), str(each.get("group_name") or "")) for each in data)
            self.groups.extend((str(each["group_id"]), None) for each in data)
        return []

    def _sequence_told(self, rest: str, data: Record) -> list[Payload]:
        group, id_, key = rest.split(":", 2)
        if number := sequence(data):
            self.seqs[group, id_] = number
        held = self.held.pop(key, None)
        return [self._payload(group, held[1])] if held else []

    def _held_until(self, now: float) -> list[Payload]:
        """Events whose references nobody explained in time."""
        late = [key for key, (until, _event) in self.held.items() if until < now]
        events = [self.held.pop(key)[1] for key in late]
        return [self._payload(str(event["group_id"]), event) for event in events]

    def _catch_up(self) -> None:
        """Ask for the last messages group by group, each after the answer for the one before, or after a while."""
        if time.monotonic() <= self.asked_at + ASK_SECONDS:
            return
        self.asked_at = 0.0
        if self.groups:
            group, before = self.groups.popleft()
            self.asked_at = time.monotonic()
            self.pages[group] += 1
            since = {} if before is None else {"message_seq": before}
            params = {"group_id": _number(group), "count": CATCH_UP, **since}
            self._ask("get_group_msg_history", params, f"history:{group}:{'' if before is None else before}")

    def _missed(self, rest: str, data: Record) -> list[Payload]:
        """Only messages with sequence numbers: their keys are those they had, or would have had, live. What is older is
        asked for until it is from before the break."""
        group, _colon, before = rest.partition(":")
        self.asked_at = 0.0
        told = [
            {**each, "group_id": group, "post_type": "message", "message_type": "group"}
            for each in data.get("messages") or ()
            if sequence(each)
        ]
        if told and self.since and self.pages[group] < MOST_PAGES:
            oldest = min(told, key=lambda each: int(each["time"]))
            if int(oldest["time"]) >= self.since and str(oldest.get("message_seq")) != before:
                self.groups.appendleft((group, oldest.get("message_seq")))
        return [payload for each in told for payload in self._heard(each)]


def _record(frame: str | bytes) -> Record | None:
    """None for what is no JSON object."""
    try:
        told = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


def _number(id_: str) -> int | str:
    """Ids are numbers wherever they can be."""
    return int(id_) if id_.lstrip("-").isdigit() else id_


def _key(event: Record) -> str:
    """How a delivery is named: a message by its id, anything else by everything it says."""
    if str(event["post_type"]).startswith("message"):
        return f"m|{event['group_id']}|{event['message_id']}"
    return hashlib.sha256(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).hexdigest()
