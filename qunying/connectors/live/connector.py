"""What a platform's connector declares: how it is set up, what it can do, how its payloads read.

`decode` is pure (bytes in, entries out), so the payloads in tests are a conformance suite and a repaired decoder can
be run over everything that was kept.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from django.utils.translation import gettext_lazy as _

from qunying.connectors.incoming import Chat, Entry
from qunying.connectors.live.images import Image, Pictures
from qunying.connectors.live.wire import Keys, Wire, host_of
from qunying.kit.errors import NotAllowed
from qunying.kit.refusals import Text
from qunying.outbox.outcomes import Outcome

MEGABYTE = 1024 * 1024
Find = Callable[[str], bytes | None]


class Ears(Protocol):
    """Takes what came over a socket; when it answers, that is on disk, and the position with it if one is given, from
    which a talk goes on as `wire.memory["position"]`. No payloads at all only say that the line lives."""

    def __call__(self, payloads: Sequence[Payload], position: str | None = None, /) -> None: ...


class Means(StrEnum):
    """How a platform lets us do something."""

    DIRECT = "direct"
    PERSON = "person"
    POLLED = "polled"
    PAID = "paid"
    NONE = "none"


class Fallback(StrEnum):
    """What happens to an action the platform has no means for."""

    TASK = "task"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True)
class Ability:
    """能力: one thing a platform lets us do or see, in which way, with the words an operator reads about it."""

    means: Means
    words: Text
    fallback: Fallback = Fallback.FAIL


@dataclass(frozen=True)
class Field:
    """One value of the set-up form; a secret one is kept sealed and never shown again."""

    name: str
    label: Text
    hint: Text = ""
    is_secret: bool = False
    is_needed: bool = True
    pattern: str = ""
    is_made: bool = False
    """Left empty when the account is connected, we make it up."""


class Unsigned(NotAllowed):
    """The request does not carry the signature of the platform it claims to come from."""

    status = 401


@dataclass(frozen=True)
class Knock:
    """One HTTP request at a connection's address. Header names are lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: int
    """Milliseconds UTC of its arrival."""
    door: str = ""
    """The unguessable part of the connection's address, from which shared secrets are made."""
    path: str = ""
    """What follows the connection's own address."""


@dataclass(frozen=True)
class Payload:
    """One raw payload. `key` is how the platform names this delivery: the same key again is the same payload."""

    key: str
    body: bytes


@dataclass(frozen=True)
class Heard:
    """What a knock brought, and what the platform wants to hear back once it is stored."""

    payloads: tuple[Payload, ...] = ()
    reply: bytes = b""
    content_type: str = "text/plain"
    status: int = 200
    notes: Mapping[str, bytes] = field(default_factory=dict)
    """What the connector writes down for itself, together with the payloads; an empty note is thrown away."""


@dataclass(frozen=True)
class Greeting:
    """Somebody new who may be greeted once, with this code: `way` is the mark of the code by which he came, `seconds`
    how long the platform lets us."""

    code: str
    way: str
    seconds: float


@dataclass(frozen=True)
class Asked:
    """What one question brought and where to go on; `position` counts only once the payloads are stored."""

    payloads: tuple[Payload, ...] = ()
    position: str = ""
    notes: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """One page of what was said in a chat, going backwards: `before` is where the next, older page begins ("": there is
    none), `oldest` when the oldest of this one happened (milliseconds UTC, 0 where the page is empty)."""

    payloads: tuple[Payload, ...] = ()
    before: str = ""
    oldest: int = 0


@dataclass(frozen=True)
class Action:
    """One thing to do: in which chat (the platform's key), about whom or what, with what; `wire` is the idempotency
    key for platforms that take one, `images` go with the words where the connector declares `pictures`."""

    op: str
    chat: str
    target: str
    params: Mapping[str, Any]
    wire: str
    images: Sequence[Image] = ()


class Basis(StrEnum):
    """How sure we are of a figure."""

    READ = "read"
    RECALLED = "recalled"
    OURS = "ours"


@dataclass(frozen=True)
class Source:
    """出处: where a figure is from, and when somebody last looked there; the first of the month where only that is
    known. `words` is what the platform says where our own figure is lower, and what else to know."""

    name: Text
    as_of: dt.date
    words: Text = ""
    basis: Basis = Basis.READ


@dataclass(frozen=True)
class Rate:
    """频率限制: at most `size` calls in `seconds`, per account or per group, for ops that begin with `op`."""

    per: Literal["account", "group"]
    size: float
    seconds: float
    source: Source
    op: str = ""


@dataclass(frozen=True)
class Longest:
    """字数上限: how long one message may be, in `letters` as browsers and platforms count them (UTF-16) or in
    `bytes`."""

    size: int
    unit: Literal["letters", "bytes"]
    source: Source

    def count(self, text: str) -> int:
        return len(text.encode()) if self.unit == "bytes" else len(text.encode("utf-16-le")) // 2

    def holds(self, text: str) -> bool:
        return self.count(text) <= self.size


class Reached(StrEnum):
    """What we do when a limit is reached."""

    WAIT = "wait"
    REFUSE = "refuse"
    SPLIT = "split"
    EXPIRE = "expire"
    PLATFORM = "platform"
    GONE = "gone"
    TURN = "turn"
    UNUSED = "unused"


@dataclass(frozen=True)
class Ceiling:
    """平台限额: one more limit of the platform, beside rates and the longest message, as an operator reads it: `figure`
    in `unit` within `window` ("": always), for each `per`; `where` where it is about one kind of group only."""

    what: Text
    figure: int | Text
    unit: Text
    per: Text
    reached: Reached
    source: Source
    window: Text = ""
    where: Text = ""


def per_picture(pictures: Pictures, source: Source, *, where: Text = "") -> Ceiling:
    """How large one picture may be, as the list of limits says it."""
    size = (pictures.bytes or 0) // MEGABYTE
    return Ceiling(_("一张图片的大小"), size, "MB", _("按图片"), Reached.REFUSE, source, where=where)


@dataclass(frozen=True)
class Codes:
    """活码: what a platform with codes lets us put behind one (`members` fill a group that is joined by a code), and in
    which of its connector's notes it stands how many members a group has, by its key, and which employees serve."""

    employees: int
    chats: int
    members: int
    size_note: Callable[[str], str]
    size: Callable[[bytes], int]
    staff_note: str
    staff: Callable[[bytes], Sequence[str]]


@dataclass(frozen=True)
class TagWord:
    """One tag of the platform, in its family of tags."""

    number: str
    family: str
    name: str


@dataclass(frozen=True)
class Tagged:
    """Which tags an account had at a moment (milliseconds UTC), each with the employees who gave it; `friends` are all
    who could. `only` is the employee as whom alone we looked, "" for all. `changed` is when it was last changed, by
    whom (`who`), where the platform said so."""

    account: str
    at: int
    holders: Mapping[str, tuple[str, ...]]
    friends: tuple[str, ...]
    only: str = ""
    changed: int = 0
    who: str = ""


@dataclass(frozen=True)
class TagNews:
    """What a payload tells of tags as they were at a moment (milliseconds UTC): all there are, or those of some
    accounts."""

    at: int
    words: tuple[TagWord, ...] | None = None
    people: tuple[Tagged, ...] = ()


@dataclass(frozen=True)
class Tags:
    """标签: how a platform's tags are read (pure, from its payloads), by which scheme its accounts go, and the notes by
    which its connector is told to look: at every friend of these employees, at these accounts, at all there are."""

    scheme: str
    read: Callable[[bytes], TagNews | None]
    look_at_all: Callable[[int, Sequence[str]], Mapping[str, bytes]]
    look_at: Callable[[int, Sequence[str]], Mapping[str, bytes]]
    look_at_words: Callable[[int], Mapping[str, bytes]]


@dataclass(frozen=True)
class Check:
    """One line of the live check: what was looked at, whether it is as it should be, and what to do if not."""

    label: Text
    is_good: bool
    words: Text = ""


@dataclass(frozen=True)
class Connector:
    """平台接入方式: how one kind of platform account is set up, what it can do, how it speaks.

    `account` is the platform's own name for what the keys open (bot, corporation): one connection each. `decode` takes
    a stored payload and when it was heard (milliseconds UTC). `hook` verifies a request before it reads it and raises
    Unsigned for a wrong signature. `ask` fetches what is new since a position, waiting at most a few seconds.
    `talk` reads a socket until the event is set or the line breaks, then raises Upstream; it gives what it read to the
    ears before it reads on, so what cannot be stored holds the platform back. `admit` verifies one who knocks at our
    side to open that socket and raises Unsigned like a hook. `look` names what is there and looks like the effect of an
    action since a moment (milliseconds UTC), for one of which nobody knows whether it happened; oldest first.
    `result_of` asks by its handle what has become of what waits for people to tap.
    `check` looks whether the keys work and what they allow. `perform` does one action; it raises Upstream when the
    request never left and LostError when no answer came, which is tried again only for an op in `dedupes`, where the
    platform itself keeps it from happening twice within `dedupe_seconds`. `hosts` is everywhere the connector may call,
    one that begins with a dot with all below it; `homes` names the fields in which the operator gives the address of a
    server of their own, which it may call as well if that lies outside. `relate` puts an earlier payload, found by its
    key, beside one that cannot be read without it. `follow` does what a payload that was pushed asks of us at once,
    such as accepting an invitation, and answers what that brought; when it fails, the push is not acknowledged.
    `history` asks for a chat's page before a place ("": the latest), each message under the key it has, or would have
    had, live; Upstream where the platform wants to be left alone (with its `seconds`) or is away.
    `greets` reads from a payload who may be greeted; `lobby` is where, for an account.
    `is_one_channel`: the keys open one group only, bound by hand.
    """

    key: str
    label: Text
    platform: str
    fields: tuple[Field, ...]
    abilities: Mapping[str, Ability]
    hosts: tuple[str, ...]
    account: Callable[[Keys], str]
    decode: Callable[[bytes, int], Iterable[Entry]]
    check: Callable[[Wire], Iterable[Check]]
    hook: Callable[[Keys, Knock], Heard] | None = None
    ask: Callable[[Wire, str], Asked] | None = None
    talk: Callable[[Wire, Ears, threading.Event], None] | None = None
    admit: Callable[[Keys, Knock], None] | None = None
    perform: Callable[[Wire, Action], Outcome] | None = None
    look: Callable[[Wire, Action, int], Sequence[str]] | None = None
    history: Callable[[Wire, str, str], Past] | None = None
    result_of: Callable[[Wire, str], Outcome] | None = None
    homes: tuple[str, ...] = ()
    dedupes: frozenset[str] = frozenset()
    dedupe_seconds: float = math.inf
    rates: tuple[Rate, ...] = ()
    relate: Callable[[bytes, Find], bytes] | None = None
    follow: Callable[[Wire, Payload], Iterable[Payload]] | None = None
    greets: Callable[[bytes], Greeting | None] | None = None
    lobby: Callable[[str], Chat] | None = None
    codes: Codes | None = None
    tags: Tags | None = None
    longest: Longest | None = None
    """Of one message to a group; None where the platform tells none."""
    pictures: Pictures | None = None
    """What may go beside the words; None where only words go."""
    sheets: tuple[str, ...] = ()
    """Its keys for chats in which nobody can be spoken to: there its own numbers stand."""
    largest: int = MEGABYTE
    """Bytes of one request at its address; what is larger is refused."""
    month_ops: frozenset[str] = frozenset()
    """Ops of which each group or customer takes as many in a month as it has days."""
    ceilings: tuple[Ceiling, ...] = ()
    where: Text = ""
    """The kind of group it reaches, where its platform has several."""
    is_one_channel: bool = False
    setup_file: Callable[[Keys, str, str], str] | None = None
    """The file the platform needs to know us, from the keys, the connection's address and its door."""

    def line(self, keys: Keys, door: str) -> Wire:
        """The line to the platform that these keys open."""
        homes = tuple(filter(None, (host_of(keys.get(name, "")) for name in self.homes)))
        return Wire(keys, self.hosts, door, homes)
