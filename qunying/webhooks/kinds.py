"""What an app declares it can tell programs outside (tuple TIDINGS in `tidings`)."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.kit import catalog
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Tiding:
    """推送内容: a kind of message. `key` is the `type` the receiver sees; `words` says when it is sent and what is in
    it. One with the name of a kind of fact follows the log by itself."""

    key: str
    label: Text
    words: Text


def tidings() -> dict[str, Tiding]:
    """All declared kinds by their key."""
    return {entry.key: entry for entry in catalog.collect("tidings")}
