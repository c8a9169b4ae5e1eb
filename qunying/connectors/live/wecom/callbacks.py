"""WeCom's callbacks: sealed XML that says what changed.

Changes of a customer group are only hints, since the detail they speak of may be missing: they set a look at the group
on the list, and the look tells who came and went. Friends that are won and lost are told by the callback alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.connectors.live.connector import Greeting, Heard, Knock, Payload, Unsigned
from qunying.connectors.live.wecom import errands, tags
from qunying.connectors.live.wecom.crypto import is_signed, unseal
from qunying.connectors.live.wecom.people import contacts, external, staff
from qunying.connectors.live.wire import Keys

WINDOW_SECONDS = 300
BRIEF_SECONDS = (3, 30)
"""How long after a hint a group is looked at: its detail is right about 2 s later, and now and then much later."""
WELCOME_SECONDS = 20
STEP_MS = 3_000
"""Hints that say the same and fall due within this time are one."""
SEALED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?\s*([A-Za-z0-9+/=]+)\s*(?:\]\]>)?\s*</Encrypt>")
"""Taken out without a parser: nothing is parsed before its signature holds."""


def hook(keys: Keys, knock: Knock) -> Heard:
    """The address check is answered with what it has sealed; a callback is stored and the group it is about noted."""
    if knock.method == "GET":
        return Heard(reply=_opened(keys, knock, knock.query.get("echostr", "")))
    found = SEALED.search(knock.body)
    plain = _opened(keys, knock, found[1].decode() if found else "")
    notes = dict(_errands(plain, knock.at))
    return Heard((Payload(hashlib.sha256(plain).hexdigest(), plain),), b"success", notes=notes)


def _opened(keys: Keys, knock: Knock, sealed: str) -> bytes:
    given, timestamp, nonce = (knock.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    if not sealed or not is_signed(
        given, token=keys["token"], timestamp=timestamp, nonce=nonce, sealed=sealed
    ):
        raise Unsigned("connectors.bad_signature")
    if (
        len(timestamp) > 12
        or not timestamp.isdecimal()
        or abs(knock.at / 1000 - int(timestamp)) > WINDOW_SECONDS
    ):
        raise Unsigned("connectors.stale", seconds=WINDOW_SECONDS)
    return unseal(sealed, key=keys["aes_key"], receiver=keys["corp"])


@dataclass(frozen=True)
class Said:
    """One callback, opened."""

    fields: Mapping[str, str]
    changed: tuple[str, ...]
    """Members of a group who came or went, where it names them."""

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def what(self) -> tuple[str, str]:
        return self["Event"], self["ChangeType"]

    @property
    def at(self) -> int:
        return int(self["CreateTime"]) * 1000


def read(plain: bytes) -> Said:
    root = ElementTree.fromstring(plain)
    fields = {child.tag: (child.text or "").strip() for child in root}
    changed = tuple(filter(None, ((item.text or "").strip() for item in root.iterfind("MemChangeList/Item"))))
    return Said(fields, changed)


def decode(plain: bytes) -> Iterator[Entry]:
    """Friends won and lost. One who added an employee that has not answered yet comes again once he has."""
    said = read(plain)
    event, change = said.what
    if event != "change_external_contact" or not said["ExternalUserID"]:
        return
    who, mine = external(said["ExternalUserID"]), staff(said["UserID"])
    if change == "add_external_contact":
        act = Act("contact_add", said.at, who.ref, other=mine.ref, source=said["State"])
    elif change in ("del_external_contact", "del_follow_user"):
        act = Act("contact_loss", said.at, who.ref, other=mine.ref, value=int(change == "del_follow_user"))
    else:
        return
    entries: tuple[Chat | Person | Act, ...] = (contacts(said["ToUserName"]), who, mine, act)
    yield from entries


def greets(plain: bytes) -> Greeting | None:
    """Who has just added an employee; nobody where WeCom gives no code, since it greets by itself."""
    try:
        said = read(plain)
    except (ParseError, DefusedXmlException):
        return None
    event, change = said.what
    if event != "change_external_contact" or change not in (
        "add_external_contact",
        "add_half_external_contact",
    ):
        return None
    code = said["WelcomeCode"]
    return Greeting(code[:200], said["State"], WELCOME_SECONDS) if code else None


def _errands(plain: bytes, now: int) -> Iterator[tuple[str, bytes]]:
    """What is to be looked at because of this callback; nothing for one that cannot be read, which is kept anyway."""
    try:
        said = read(plain)
        (event, change), at = said.what, said.at
    except (ParseError, DefusedXmlException, ValueError):
        return
    if event == "change_external_chat" and said["ChatId"]:
        errand: errands.Record = {"look": "chat", "chat": said["ChatId"], "version": said["CurMemVer"]}
        if change == "dismiss":
            errand["ended"] = at
        if said["UpdateDetail"] == "del_member":
            errand["gone"] = {who: [at, said["QuitScene"] == "1"] for who in said.changed}
        for seconds in BRIEF_SECONDS:
            due = -(-(now + seconds * 1000) // STEP_MS) * STEP_MS
            yield errands.note(due, said["ChatId"], errand)
    elif event == "change_external_contact" and change in ("add_external_contact", "edit_external_contact"):
        who = said["ExternalUserID"]
        yield errands.note(
            now, who, {"look": "contact", "contact": who, "changed": at, "who": said["UserID"]}
        )
    elif event == "change_external_tag":
        yield from tags.look_at_words(now).items()
