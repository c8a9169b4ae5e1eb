"""Reads a back end's member list: who is in which group since when, came in how, invited by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.moments import Moment, moment, zone_of
from qunying.connectors.importers.roster import Namesakes, Roster
from qunying.connectors.importers.sheet_rows import Sheet
from qunying.connectors.importers.tables import Cells, raw, text
from qunying.connectors.incoming import Act, Chat, Entry, Options, Person, Unknown

_STAFF = frozenset(
    {"是", "员工", "企业成员", "内部成员", "企业员工", "内部员工", "yes", "true", "1", "staff", "employee"}
)
_NONE = frozenset({"-", "--", "—", "无"})
_ROLES = {
    "群主": "owner",
    "创建者": "owner",
    "owner": "owner",
    "管理员": "admin",
    "群管理员": "admin",
    "admin": "admin",
}


@dataclass
class _Crowd:
    """What the first pass learns of one group: who carries which name, by id or by time of joining."""

    names: Namesakes = field(default_factory=Namesakes)
    namesakes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


def read_members(sheet: Sheet, options: Options) -> Iterator[Entry]:
    """A `Person` for every row, a join where the time is known, a leave where the row tells one.

    Two rows of one name without ids are two people: the later joiner is told apart by a number, in the order
    of joining, so that a longer list of the same group names them alike.
    """
    zone = zone_of(options.zone)
    crowds = _first_pass(sheet, zone)
    rosters: dict[str, Roster] = {}
    chat: Chat | None = None
    for row in sheet.rows():
        if isinstance(row, Unknown):
            yield row
            continue
        at, cells = row
        now = sheet.chat(cells)
        crowd = crowds[now.key]
        roster = rosters.setdefault(now.key, Roster(now.key, crowd.names))
        if now != chat:
            chat = now
            yield chat
        yield from _member(_Row(sheet, zone, crowd, at, cells), roster)


def _first_pass(sheet: Sheet, zone: ZoneInfo) -> dict[str, _Crowd]:
    crowds: dict[str, _Crowd] = {}
    for found in sheet.rows():
        if isinstance(found, Unknown):
            continue
        at, cells = found
        row = _Row(sheet, zone, crowds.setdefault(sheet.chat(cells).key, _Crowd()), at, cells)
        scheme, value = row.account
        if value:
            row.crowd.names.add(row.text("name"), scheme, value)
        else:
            row.crowd.namesakes.setdefault(row.text("name"), []).append(row.rank)
    for crowd in crowds.values():
        for same in crowd.namesakes.values():
            same.sort()
    return crowds


@dataclass(frozen=True)
class _Row:
    """One row and what is known of its group."""

    sheet: Sheet
    zone: ZoneInfo
    crowd: _Crowd
    at: int
    cells: Cells

    def text(self, field_name: str) -> str:
        written = self.sheet.text(self.cells, field_name)
        return "" if written in _NONE else written

    def when(self, field_name: str) -> Moment | None:
        return moment(self.sheet.cell(self.cells, field_name), self.zone)

    @property
    def rank(self) -> tuple[int, int]:
        """By what people of one name are put in order."""
        joined = self.when("joined")
        return (joined[0] if joined else 0), self.at

    @property
    def is_owner(self) -> bool:
        return bool(self.text("name")) and self.text("name") == self.text("owner")

    @property
    def is_staff(self) -> bool:
        """As the row says; where it does not say, a WeCom group's owner is always staff."""
        told = self.text("staff").lower()
        return told in _STAFF if told else self.is_owner and self.sheet.template.platform == "wecom"

    @property
    def account(self) -> tuple[str, str]:
        """(scheme, id), with an empty id where the sheet has none for the row."""
        template = self.sheet.template
        return template.staff_scheme if self.is_staff else template.id_scheme, self.text("id")


def _member(row: _Row, roster: Roster) -> Iterator[Entry]:
    joined, left = row.when("joined"), row.when("left")
    why = ""
    if (row.text("joined") and not joined) or (row.text("left") and not left):
        why = whys_text.BAD_TIME
    elif not row.text("name") and not row.account[1]:
        why = whys_text.NO_MEMBER_NAME
    if why:
        yield Unknown(line=row.at, raw=raw(row.cells), why=why)
        return
    person = _person(row, roster)
    inviter = row.text("inviter")
    other = _named(row.crowd, roster, inviter) if inviter else ""
    yield from roster.fresh()
    roster.put(person)
    yield from roster.fresh()
    if inviter and not other:
        yield Unknown(line=row.at, raw=inviter, why=whys_text.NAMESAKES)
    if joined:
        at, precision = joined
        source = row.text("source")
        yield Act("join", at, person.ref, other=other, source=source, precision=precision, line=row.at)
    if left:
        at, precision = left
        yield Act("leave", at, person.ref, precision=precision, line=row.at)


def _named(crowd: _Crowd, roster: Roster, name: str) -> str:
    """The ref of an inviter: the one row of that name, else somebody not listed; "" where several carry it."""
    return "" if len(crowd.namesakes.get(name, ())) > 1 else roster.named(name)


def _person(row: _Row, roster: Roster) -> Person:
    name, alias = row.text("name"), row.text("alias")
    scheme, value = row.account
    scope, ref = "", value
    if not value:
        scheme, scope = "name", roster.scope
        rank = row.crowd.namesakes[name].index(row.rank) + 1
        value = name if rank == 1 else f"{name}#{rank}"
        ref = roster.weak_ref(value)
    role = _ROLES.get(row.text("role").lower(), "owner" if row.is_owner else "")
    used = set(row.sheet.fields.values())
    heads = enumerate(row.sheet.titles)
    return Person(
        ref=ref,
        scheme=scheme,
        scope=scope,
        value=value,
        name=name,
        aliases=(alias,) if alias and alias != name else (),
        roles=(role,) if role else (),
        is_staff=row.is_staff,
        is_listed=not row.text("left"),
        attributes={
            head: text(row.cells[at]) for at, head in heads if at not in used and head and text(row.cells[at])
        },
        row=row.at,
    )
