"""From what a system line says to the people and acts it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from qunying.connectors.importers.people import Names, Roll, weak
from qunying.connectors.importers.system_line import SystemLine, Who
from qunying.connectors.importers.whys import NO_SENDER
from qunying.connectors.incoming import Act, Person, Precision, Unknown


@dataclass
class Stage:
    """What a reader knows of one chat: who has come on, which name is whose, and whose file it is.

    `account` makes the person of an account id; `names` is asked only when a line names people, and may find out
    `self_ref` on the way.
    """

    chat: str
    roll: Roll
    names: Callable[[], Names]
    account: Callable[[str, str], Person]
    self_ref: str = ""

    def meet(self, who: Who) -> tuple[str, list[Person]]:
        """The ref of the one named, "" for nobody, and the introduction where it is the first time."""
        if not who:
            return "", []
        names = self.names() if not who.id else None
        ref = self.self_ref if who.is_self else who.id or (names.ref(who.name) if names else "")
        if who.is_self and not ref:
            return "", []
        person = self.account(ref, who.name) if ref else weak(who.name, self.chat)
        return person.ref, list(self.roll.meet(person))

    def play(
        self,
        lines: Iterable[SystemLine],
        *,
        at: int,
        line: int,
        raw: str,
        id_: str = "",
        precision: Precision = "s",
    ) -> Iterator[Person | Act | Unknown]:
        """The people and acts of one system line. The acts of one line share its id with /2, /3 … behind it."""
        for count, told in enumerate(lines, start=1):
            actor, introduced = self.meet(told.actor)
            yield from introduced
            if not actor:
                yield Unknown(line=line, raw=raw, why=NO_SENDER)
                continue
            other, introduced = self.meet(told.other)
            yield from introduced
            yield Act(
                kind=told.kind,
                at=at,
                actor=actor,
                id=id_ if not id_ or count == 1 else f"{id_}/{count}",
                text=told.text,
                target=told.target,
                other=other,
                source=told.source,
                precision=precision,
                line=line,
            )
