"""The acts of one emoji under one message, where the source gives no time of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qunying.connectors.incoming import Act


def reactions(
    reactors: Sequence[str], count: int, *, at: int, target: str, author: str, emoji: str, line: int
) -> Iterator[Act]:
    """One act a known reactor, then one without actor for the rest of the count."""
    for ref in reactors:
        yield _one(ref, 1, at=at, target=target, author=author, emoji=emoji, line=line)
    if count > len(reactors):
        rest = count - len(reactors)
        yield _one("", rest, at=at, target=target, author=author, emoji=emoji, line=line)


def _one(ref: str, value: int, *, at: int, target: str, author: str, emoji: str, line: int) -> Act:
    return Act(
        kind="reaction",
        at=at,
        actor=ref,
        target=target,
        other=author,
        emoji=emoji,
        value=value,
        precision="day",
        line=line,
    )
