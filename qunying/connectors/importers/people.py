"""Who is who inside one file: who has been introduced, and which name belongs to which account."""

from __future__ import annotations

from collections.abc import Iterator

from qunying.connectors.incoming import Person


class Roll:
    """The people introduced so far in one chat."""

    def __init__(self) -> None:
        self._known: dict[str, Person] = {}

    def meet(self, person: Person) -> Iterator[Person]:
        """The person when first seen, and once more when a later record knows the name or the roles."""
        known = self._known.get(person.ref)
        if known is None or (person.name and not known.name) or (person.roles and not known.roles):
            self._known[person.ref] = person
            yield person

    def __contains__(self, ref: str) -> bool:
        return ref in self._known


class Names:
    """Which accounts carry a name. A name several carry, or none, belongs to nobody for sure."""

    def __init__(self) -> None:
        self._refs: dict[str, str | None] = {}

    def add(self, name: str | None, ref: str) -> None:
        if name and ref:
            self._refs[name] = ref if self._refs.get(name, ref) == ref else None

    def ref(self, name: str) -> str:
        """The one account of that name, "" where there is not exactly one."""
        return self._refs.get(name) or ""


def weak(name: str, chat: str) -> Person:
    """One we know only by a displayed name: a pseudo-account that never merges people."""
    return Person(ref=f"name:{name}", scheme="name", scope=chat, value=name, name=name)
