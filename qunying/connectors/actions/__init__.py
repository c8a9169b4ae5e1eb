"""Verbs of connectors: take files in, look first, undo, rebuild."""

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
    "files_of",
    "forget_expired",
    "forget_files",
    "hold",
    "open_batch",
    "order_export",
    "order_import",
    "order_undo",
    "preview",
    "rebuild",
    "remember_columns",
    "remove_brand",
    "run_batch",
    "take_files",
    "total",
    "undo",
]
