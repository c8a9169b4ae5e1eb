"""Verbs of the outbox: what waits for a person, and what goes out to a platform."""

from qunying.outbox.actions.alarming import expire, overdue, raise_alarms, tell_staff
from qunying.outbox.actions.attaching import (
    Handed,
    contents,
    forget_attached,
    forget_attached_to,
    hand_in,
    take_along,
)
from qunying.outbox.actions.awaiting import awaited, settle_awaited
from qunying.outbox.actions.doubting import doubtful, known_ids, settle_doubt
from qunying.outbox.actions.evidence import forget_evidence, forget_pictures
from qunying.outbox.actions.limiting import Limit, shut, take
from qunying.outbox.actions.nudging import due, nudge
from qunying.outbox.actions.reminding import remind
from qunying.outbox.actions.sending import (
    CALLABLE_OFF,
    Wish,
    approve,
    call_off,
    claim,
    conclude,
    depart,
    look_again,
    order,
    put_back,
    reclaim,
    stopped,
)
from qunying.outbox.actions.stopping import resume, stop
from qunying.outbox.actions.waiting import Item, assign, drop, finish, forget_person, give_up, reopen, say
from qunying.outbox.actions.withdrawing import in_hands, withdraw

__all__ = [
    "CALLABLE_OFF",
    "Handed",
    "Item",
    "Limit",
    "Wish",
    "approve",
    "assign",
    "awaited",
    "call_off",
    "claim",
    "conclude",
    "contents",
    "depart",
    "doubtful",
    "drop",
    "due",
    "expire",
    "finish",
    "forget_attached",
    "forget_attached_to",
    "forget_evidence",
    "forget_person",
    "forget_pictures",
    "give_up",
    "hand_in",
    "in_hands",
    "known_ids",
    "look_again",
    "nudge",
    "order",
    "overdue",
    "put_back",
    "raise_alarms",
    "reclaim",
    "remind",
    "reopen",
    "resume",
    "say",
    "settle_awaited",
    "settle_doubt",
    "shut",
    "stop",
    "stopped",
    "take",
    "take_along",
    "tell_staff",
    "withdraw",
]
