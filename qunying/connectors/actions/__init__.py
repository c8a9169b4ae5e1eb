"""Verbs of connectors: take files in, look first, undo, rebuild; connect platforms and hear what they say."""

from qunying.connectors.actions.hearing import (
    forget_raw,
    hear,
    look_at,
    note_failure,
    opened,
    replay,
    settle,
    take_asked,
)
from qunying.connectors.actions.linking import bind, change_keys, connect, go_on, keys_of, pause, wire_of
from qunying.connectors.actions.linking import bind, change_keys, connect, go_on, keys_of, pause, seat
from qunying.connectors.actions.ordering import order_export, order_import, order_undo, remember_columns
from qunying.connectors.actions.taking import (
    FileReport,
    Order,
    as_json,
    diagnose_now,
    files_of,
    hold,
    open_batch,
    preview,
    run_batch,
    take_files,
    total,
)
from qunying.connectors.actions.undoing import forget_expired, forget_files, rebuild, remove_brand, undo

__all__ = [
    "FileReport",
    "Order",
    "as_json",
    "diagnose_now",
    "bind",
    "change_keys",
    "connect",
    "files_of",
    "forget_expired",
    "forget_files",
    "forget_raw",
    "go_on",
    "hear",
    "hold",
    "keys_of",
    "look_at",
    "note_failure",
    "open_batch",
    "opened",
    "order_export",
    "order_import",
    "order_undo",
    "pause",
    "preview",
    "rebuild",
    "remember_columns",
    "remove_brand",
    "replay",
    "run_batch",
    "seat",
    "settle",
    "take_asked",
    "take_files",
    "total",
    "undo",
    "wire_of",
]
