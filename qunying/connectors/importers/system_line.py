"""What a line written by the platform itself says, once a table has understood it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from qunying.connectors.incoming import ActKind

SELF_WORDS = ("你", "您", "我", "You", "you")


class Who(Struct, frozen=True):
    """Somebody a line names: by account id where the line has it, else by displayed name.

    `is_self` is the person whose phone wrote the file ("你").
    """

    name: str = ""
    id: str = ""
    is_self: bool = False

    def __bool__(self) -> bool:
        return bool(self.name or self.id or self.is_self)


NOBODY = Who()


class SystemLine(Struct, frozen=True):
    """One act told by a system line; `actor`, `other` and `target` mean what they mean in `Act`."""

    kind: ActKind
    actor: Who = NOBODY
    other: Who = NOBODY
    target: str = ""
    text: str = ""
    source: str = ""


class Rule(Struct, frozen=True):
    """A wording. Groups: `a` who acted or came or went (several: joined by 、), `o` the other, `t` a text.

    Without a `kind` the wording is understood and tells no fact of a member.
    """

    pattern: re.Pattern[str]
    kind: ActKind | None = None
    source: str = ""


def understand(text: str, rules: Sequence[Rule], *, separators: str = "、") -> tuple[SystemLine, ...] | None:
    """The acts the line tells; an empty tuple where it is understood and tells none; None where no rule fits."""
    for rule in rules:
        hit = rule.pattern.fullmatch(text)
        if hit is None:
            continue
        if rule.kind is None:
            return ()
        groups = hit.groupdict()
        other = who(groups.get("o"))
        return tuple(
            SystemLine(
                kind=rule.kind, actor=actor, other=other, text=groups.get("t") or "", source=rule.source
            )
            for actor in _several(groups.get("a"), separators)
        )
    return None


_WITH_ID = re.compile(r"(?P<name>.*?)[(（](?P<id>\d{5,12})[)）]", re.DOTALL)


def who(name: str | None) -> Who:
    """`Bo`, `Bo(10001003)` or one of the words for the owner of the file."""
    name = (name or "").strip().strip('"“”')
    if name in SELF_WORDS:
        return Who(is_self=True)
    hit = _WITH_ID.fullmatch(name)
    return Who(name=hit["name"], id=hit["id"]) if hit else Who(name=name)


def _several(names: str | None, separators: str) -> list[Who]:
    parts = re.split(f"[{separators}]", names) if names and separators else [names or ""]
    return [person for person in map(who, parts) if person] or [NOBODY]
