"""What intake knows of one chat while it is being read: its channel, its people, who wrote what."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from qunying.brands.models import Brand
from qunying.communities.actions import find_channel, join_source, take_in
from qunying.communities.models import Channel, Community
from qunying.communities.projectors import respell
from qunying.connectors.incoming import Act, Chat, Duplicates, Figure, Person, Spoken
from qunying.connectors.reading import Reading
from qunying.connectors.summary import Summary
from qunying.connectors.texts import clean
from qunying.facts.keys import Keys
from qunying.kit import days
from qunying.members.actions import Account, known_before, mark_staff, meet
from qunying.members.models import Member


class Visit:
    """One import: the brand, when, as which batch, into which community, and the brand's keys and clock at hand."""

    def __init__(
        self,
        brand: Brand,
        *,
        at: dt.datetime,
        batch: int | None,
        community: Community | None,
        keeps_text: bool,
    ) -> None:
        self.brand, self.batch, self.community = brand, batch, community
        self.begin(at)
        self.clock = brand.clock
        self.keys = Keys(brand.key)
        self.keeps_text = keeps_text

    def begin(self, at: dt.datetime, *, drift: int = 0) -> None:
        """It is this moment now; the source's clock is so many milliseconds slow."""
        self.at, self.now, self.drift = at, days.utc_ms(at), drift


class Desk:
    """The entries of one chat between two flushes."""

    def __init__(self, visit: Visit, chat: Chat, summary: Summary) -> None:
        self.visit, self.chat, self.summary = visit, chat, summary
        self.reading = Reading(chat, visit.keys, visit.clock)
        self.spoken = Spoken()
        self.acts: list[Act] = []
        self.first: dict[str, int] = {}
        self.waits = 0
        self.figures: list[Figure] = []
        self.waiting: dict[str, list[Person]] = {}
        self.rows: Counter[str] = Counter()
        self.left_out: set[str] = set()
        self.told: dict[str, Person] = {}
        self.member: dict[str, int] = {}
        self.staff: set[str] = set()
        self.authors: dict[int, int] = {}
        self.older: dict[int, int] = {}
        self.prefix = self.reading.prefix
        self.channel: Channel | None = None
        self.sources: dict[str, int] = {}
        self.forgotten: tuple[str, ...] = ()

    def note(self, entry: Act | Spoken | Person | Figure) -> int:
        """Put the entry with what waits to be written; answers how many messages and other acts do."""
        if isinstance(entry, Act):
            self.waits += 1
            self.first.setdefault(entry.actor, len(self.first))
            if entry.kind == "message":
                self.reading.add(entry)
            else:
                self.acts.append(entry)
        elif isinstance(entry, Spoken):
            self.waits += len(entry)
            for actor in entry.actor:
                self.first.setdefault(actor, len(self.first))
            self.spoken.extend(entry)
        elif isinstance(entry, Person):
            self.meet(entry)
        else:
            self.figures.append(entry)
        return self.waits

    def take(self) -> tuple[Spoken, list[Act]]:
        """The messages and the other acts that wait; none do afterwards."""
        self.spoken.extend(self.reading.take())
        spoken, acts = self.spoken, self.acts
        self.spoken, self.acts, self.first, self.waits = Spoken(), [], {}, 0
        return spoken, acts

    def meet(self, person: Person) -> None:
        """Note the person; one of whom nothing new is told needs no second look. Rows of a table count one by one."""
        if self.told.get(person.ref) != person:
            self.told[person.ref] = person
            if person.row and self.summary.policy is not None:
                self.rows[person.ref] += 1
                self.waiting.setdefault(person.ref, []).append(person)
            else:
                self.waiting[person.ref] = [person]
            if person.is_staff:
                self.staff.add(person.ref)

    def sort_rows(self) -> None:
        """Note which people of a member table were known before; where such rows are skipped, leave them out."""
        self.summary.chats.add(self.prefix)
        if self.rows:
            self._sort_known()
        if self.left_out:
            self.acts = [act for act in self.acts if act.actor not in self.left_out]

    def _sort_known(self) -> None:
        keys = {ref: _account(people[-1]).key for ref, people in self.waiting.items() if self.rows[ref]}
        found = known_before(self.visit.brand, list(keys.values()), batch=self.visit.batch)
        known = {ref: found[key] for ref, key in keys.items() if key in found}
        self.summary.known.update(known.values())
        self.summary.counts["rows"] += sum(self.rows.pop(ref) for ref in known)
        if self.summary.policy is Duplicates.SKIP:
            self.left_out.update(known)
            self.member.update(known)
            self.waiting = {ref: people for ref, people in self.waiting.items() if ref not in known}

    @property
    def is_left_out(self) -> bool:
        """Whether all there was is skipped, so that not even its group is made."""
        spoken = self.spoken or self.reading.spoken
        return bool(self.left_out) and not (self.waiting or spoken or self.acts or self.figures)

    def community(self) -> Community:
        if self.channel is None:
            self.channel = find_channel(
                self.visit.brand,
                platform=self.chat.platform,
                key=self.chat.key,
                name=clean(self.chat.name),
                community=self.visit.community,
                at=self.visit.at,
                batch=self.visit.batch,
            )
            if self.channel.community.name not in self.summary.communities:
                self.summary.communities.append(self.channel.community.name)
        return self.channel.community

    def take_people(self, community: Community) -> None:
        """Make members of the people met since the last flush, those who acted first coming first."""
        if not self.waiting:
            return
        met = self._meet_all()
        self._forget([person for person in met if self.member[person.ref] < 0])
        alive = [(person, self.member[person.ref]) for person in met if self.member[person.ref] > 0]
        take_in(
            community,
            members=[*(member for _person, member in alive), *self._mentioned()],
            listed=[member for person, member in alive if person.is_listed],
            batch=self.visit.batch,
        )
        respell(self.visit.brand, {(community.pk, member) for person, member in alive if person.is_listed})
        self.summary.people.update(member for _person, member in alive)
        self._mark_staff(alive)
        self.waiting = {}

    def _meet_all(self) -> list[Person]:
        """Everybody who waits, as often as told of, with `member` brought up to date."""
        refs = sorted(self.waiting, key=lambda ref: self.first.get(ref, len(self.first)))
        met = [person for ref in refs for person in self.waiting[ref]]
        accounts = [_account(person) for person in met]
        fills = self.summary.policy in (Duplicates.KEEP, Duplicates.SKIP)
        visit = self.visit
        homes = meet(visit.brand, accounts, batch=visit.batch, at=visit.at, fills=fills)
        for person, account in zip(met, accounts, strict=True):
            self.member[person.ref] = homes[account.key]
        for ref, count in self.rows.items():
            if self.member[ref] > 0:
                self.summary.fresh.add(self.member[ref])
                self.summary.counts["rows"] += count
        self.rows.clear()
        return met

    def _mentioned(self) -> list[int]:
        """Those whose own rows were left out, but who let others in: they belong to the group as anybody named does."""
        return sorted({self.member[act.other] for act in self.acts if act.other in self.left_out})

    def _forget(self, erased: list[Person]) -> None:
        """Remember what erased people are called here, so that texts of others do not name them."""
        words = {
            word
            for person in erased
            for word in (person.name, person.value, *person.aliases)
            if len(word) > 1
        }
        self.forgotten = tuple(sorted({*self.forgotten, *words}, key=len, reverse=True))
        self.summary.counts["erased_people"] += len(erased)

    def _mark_staff(self, alive: list[tuple[Person, int]]) -> None:
        said = (self.spoken.at, self.reading.spoken.at, [act.at for act in self.acts])
        from_at = min((min(some) for some in said if some), default=self.visit.now)
        from_on = days.date(self.visit.clock.day(from_at))
        for person, member in alive:
            if person.is_staff:
                mark_staff(Member.objects.get(pk=member), from_on=from_on, batch=self.visit.batch)

    def source(self, name: str) -> int:
        """Number of a way of coming in, as the source words it; 0 for none."""
        if not name:
            return 0
        if name not in self.sources:
            self.sources[name] = join_source(self.visit.brand, clean(name)).pk
        return self.sources[name]


def _account(person: Person) -> Account:
    return Account(
        scheme=person.scheme,
        scope=clean(person.scope),
        value=clean(person.value),
        name=clean(person.name),
        aliases=tuple(clean(alias) for alias in person.aliases),
        is_bot=person.is_bot,
        attributes=tuple((clean(key), clean(value)) for key, value in person.attributes.items()),
    )
