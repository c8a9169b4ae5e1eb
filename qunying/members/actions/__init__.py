"""Verbs of members: make people from accounts, mark, tag, merge, erase."""

from qunying.members.actions.erasing import become_tombstones, erase, order_erasure, traces_of
from qunying.members.actions.marks import (
    flag_many,
    mark_bot,
    mark_test,
    read_spans,
    set_staff,
    set_staff_many,
    written,
)
from qunying.members.actions.merging import merge, restate_later, unmerge
from qunying.members.actions.people import (
    Account,
    fingerprint,
    forget_batch,
    known_before,
    mark_staff,
    meet,
)
from qunying.members.actions.tagging import Tagging, put_back, tag_many, untag_many

__all__ = [
    "Account",
    "Tagging",
    "become_tombstones",
    "erase",
    "fingerprint",
    "flag_many",
    "forget_batch",
    "known_before",
    "mark_bot",
    "mark_staff",
    "mark_test",
    "meet",
    "merge",
    "order_erasure",
    "put_back",
    "read_spans",
    "restate_later",
    "set_staff",
    "set_staff_many",
    "tag_many",
    "traces_of",
    "unmerge",
    "untag_many",
    "written",
]
