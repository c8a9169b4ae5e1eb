"""What the matrix of all routes needs of the outbox, made when asked for."""

from __future__ import annotations

import datetime as dt

from qunying.brands.models import Staff
from qunying.communities.models import Channel, Community
from qunying.outbox.actions import Wish, order, stop
from qunying.outbox.models import Sending, Stop

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def a_sending(by: Staff, community: Community) -> Sending:
    channel = Channel.objects.filter(community=community).first()
    assert channel is not None
    return order(channel, wish=Wish("message.create", {"text": "早"}), key="one", at=AT, by=by)


def a_stop(by: Staff, community: Community) -> Stop:
    standing = Stop.objects.filter(community=community).first()
    return standing or stop(by.brand, community=community, reason="发错了", by=by, at=AT)
