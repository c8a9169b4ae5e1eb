"""What the matrix of all routes needs of the outbox, made when asked for."""

from __future__ import annotations

import datetime as dt
import struct
import zlib

from qunying.brands.models import Staff
from qunying.communities.models import Channel, Community
from qunying.outbox.actions import Handed, Wish, assign, finish, hand_in, order, say, stop
from qunying.outbox.actions.sampling import draw
from qunying.outbox.models import Draft, Sampling, Sending, State, Stop, Todo

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def a_sending(by: Staff, community: Community) -> Sending:
    channel = Channel.objects.filter(community=community).first()
    assert channel is not None
    words = {"text": "早", "pictures": [a_picture(by)]}
    return order(channel, wish=Wish("message.create", words), key="one", at=AT, by=by)


def a_picture(by: Staff) -> int:
    """One that the colleague handed in."""
    (row,) = hand_in([Handed("茶.png", png())], by=by, at=AT)
    return row.pk


def a_stop(by: Staff, community: Community) -> Stop:
    standing = Stop.objects.filter(community=community).first()
    return standing or stop(by.brand, community=community, reason="发错了", by=by, at=AT)


def a_todo(by: Staff, community: Community) -> Todo:
    """Done, with a picture that shows it."""
    todo = assign(community, text="请回复", due_on=AT.date(), staff=None, cause="", key="k", at=AT)
    if todo.state == State.WAITING:
        finish(todo, by=by, at=AT, picture=png())
    return todo


def a_draft(by: Staff, community: Community) -> Draft:
    """The same of a draft."""
    draft = say(
        community, text="请回复", kind="value", due_on=AT.date(), staff=None, cause="", key="k", at=AT
    )
    if draft.state == State.WAITING:
        finish(draft, by=by, at=AT, picture=png())
    return draft


def a_sampling(by: Staff, community: Community) -> Sampling:
    a_todo(by, community)
    day = AT.date()
    return draw(community, first=day, last=day, size=1, seed="s", at=AT, by=by)


def png(width: int = 2, height: int = 3, *, grey: int = 0) -> bytes:
    """A real picture of one shade."""
    rows = (b"\0" + bytes([grey]) * width) * height
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
