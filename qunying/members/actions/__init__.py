"""Verbs of members: make people from accounts, mark, tag, merge, keep consents, erase."""

from qunying.members.actions.consenting import give_consent, withdraw_consent, write_consent_text
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
from qunying.members.actions.opting_out import Unwanted, end_opt_out, opt_out, opt_out_many
from qunying.members.actions.people import (
    Account,
    fingerprint,
    forget_batch,
    known_before,
    mark_staff,
    meet,
)
from qunying.members.actions.tagging import Tagging, name_tag, put_back, tag_many, untag_many

__all__ = [
    "Account",
    "Tagging",
    "Unwanted",
    "become_tombstones",
    "end_opt_out",
    "erase",
    "fingerprint",
    "flag_many",
    "forget_batch",
    "give_consent",
    "known_before",
    "mark_bot",
    "mark_staff",
    "mark_test",
    "meet",
    "merge",
    "name_tag",
    "opt_out",
    "opt_out_many",
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
    "withdraw_consent",
    "write_consent_text",
    "written",
]
