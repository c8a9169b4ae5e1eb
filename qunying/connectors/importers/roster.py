"""Who is who inside one chat of a text or table: names resolved to ids where only one fits, weak otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import structs

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.importers.system_line import SystemLine, Who
from qunying.connectors.incoming import Act, Person, Unknown


@dataclass
class Namesakes:
    """Which accounts carry a name, gathered over the whole chat before it is read."""

    accounts: dict[str, dict[tuple[str, str], None]] = field(default_factory=dict)

    def add(self, name: str, scheme: str, value: str) -> None:
        if name:
            self.accounts.setdefault(name, {})[scheme, value] = None

    def find(self, name: str) -> list[tuple[str, str]]:
        """(scheme, value) of every account seen under the name."""
        return list(self.accounts.get(name, ()))


@dataclass
class Roster:
    """The people of one chat as it is read.

    `pending` holds the `Person`s not yet handed out; `self_ref` is the owner of the file, where that is known.
    """

    scope: str
    names: Namesakes = field(default_factory=Namesakes)
    known: dict[str, Person] = field(default_factory=dict)
    pending: list[Person] = field(default_factory=list)
    self_ref: str = ""

    def account(
        self, scheme: str, value: str, name: str = "", roles: tuple[str, ...] = (), *, scope: str = ""
    ) -> str:
        """The ref of an account with an id; a new nickname becomes its name and the old one an alias."""
        before = self.known.get(value)
        if before is None:
            return self.put(
                Person(ref=value, scheme=scheme, scope=scope, value=value, name=name, roles=roles)
            )
        if roles and roles != before.roles:
            before = structs.replace(before, roles=roles)
            self.put(before)
        if not name or name == before.name:
            return value
        seen = (*before.aliases, before.name) if before.name else before.aliases
        aliases = tuple(other for other in seen if other != name)
        return self.put(structs.replace(before, name=name, aliases=aliases))

    def named(self, name: str) -> str:
        """The ref for a bare name: the account that alone carries it in this file, else a weak identity.

        "" where several accounts carry it, since any choice might be wrong.
        """
        found = self.names.find(name)
        if len(found) > 1:
            return ""
        if found:
            scheme, value = found[0]
            return value if value in self.known else self.account(scheme, value, name)
        return self.weak(name)

    def weak(self, name: str) -> str:
        """The ref of somebody known by name only, whoever else is called so."""
        ref = self.weak_ref(name)
        if ref in self.known:
            return ref
        return self.put(Person(ref=ref, scheme="name", scope=self.scope, value=name, name=name))

    def who(self, who: Who, scheme: str) -> str:
        """The ref of somebody a system line names; "" where nobody knows who that is."""
        if who.is_self:
            return self.self_ref
        if who.id:
            return self.account(scheme, who.id, who.name)
        return self.named(who.name) if who.name else ""

    def told(self, line: SystemLine, act: Act, raw: str, scheme: str) -> Act | Unknown:
        """The act a system line tells, dated and numbered like `act`."""
        actor = self.who(line.actor, scheme)
        if not actor:
            why = whys_text.NAMESAKES if line.actor.name else whys.NO_SENDER
            return Unknown(line=act.line, raw=raw, why=why)
        return structs.replace(
            act,
            kind=line.kind,
            actor=actor,
            other=self.who(line.other, scheme),
            text=line.text,
            source=line.source,
            target=line.target,
        )

    def weak_ref(self, name: str) -> str:
        """The ref of a weak identity; it holds the chat, as the same name elsewhere may be somebody else."""
        return f"name:{self.scope}:{name}"

    def put(self, person: Person) -> str:
        """Hand out a person, new or changed; answers its ref."""
        self.known[person.ref] = person
        self.pending.append(person)
        return person.ref

    def fresh(self) -> Iterator[Person]:
        """The people to hand out before the next entry."""
        taken, self.pending = self.pending, []
        yield from taken
