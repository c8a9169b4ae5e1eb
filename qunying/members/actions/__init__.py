"""Verbs of members: make people from accounts, mark, tag, merge, erase."""

from qunying.members.actions.erasing import become_tombstones, erase, order_erasure, traces_of
from qunying.members.actions.merging import merge, restate_later, unmerge
from qunying.members.actions.people import (
    Account,
    fingerprint,
    forget_batch,
    mark_bot,
    mark_staff,
    meet,
    tag_many,
    untag_many,
)

__all__ = [
    "Account",
    "become_tombstones",
    "erase",
    "fingerprint",
    "forget_batch",
    "mark_bot",
    "mark_staff",
    "meet",
    "merge",
    "order_erasure",
    "restate_later",
    "tag_many",
    "traces_of",
    "unmerge",
    "untag_many",
]
