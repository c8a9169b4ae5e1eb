"""What intake knows of one chat while it is being read: its channel, its people, who wrote what."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from qunying.brands.models import Brand
from qunying.communities.actions import find_channel, join_source, take_in
from qunying.communities.models import Channel, Community
from qunying.communities.projectors import respell
from qunying.connectors.incoming import Act, Chat, Figure, Person
from qunying.connectors.summary import Summary
from qunying.connectors.texts import clean
from qunying.facts import log
from qunying.kit import days
from qunying.members.actions import Account, mark_staff, meet
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
        self.keys = log.Keys(brand)
        self.keeps_text = keeps_text

    def begin(self, at: dt.datetime) -> None:
        """It is this moment now."""
        self.at, self.now = at, days.utc_ms(at)


class Desk:
    """The entries of one chat between two flushes."""

    def __init__(self, visit: Visit, chat: Chat, summary: Summary) -> None:
        self.visit, self.chat, self.summary = visit, chat, summary
        self.acts: list[Act] = []
        self.figures: list[Figure] = []
        self.waiting: dict[str, Person] = {}
        self.told: dict[str, Person] = {}
        self.member: dict[str, int] = {}
        self.staff: set[str] = set()
        self.authors: dict[int, int] = {}
        self.older: dict[int, int] = {}
        self.repeats: Counter[bytes] = Counter()
        self.prefix = f"{chat.platform}|{chat.key}|"
        self.channel: Channel | None = None
        self.sources: dict[str, int] = {}
        self.forgotten: tuple[str, ...] = ()

    def meet(self, person: Person) -> None:
        """Note the person; one of whom nothing new is told needs no second look."""
        if self.told.get(person.ref) != person:
            self.told[person.ref] = self.waiting[person.ref] = person
            if person.is_staff:
                self.staff.add(person.ref)

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
            self.summary.chats.add(self.prefix)
            if self.channel.community.name not in self.summary.communities:
                self.summary.communities.append(self.channel.community.name)
        return self.channel.community

    def take_people(self, community: Community) -> None:
        """Make members of the people met since the last flush, those who acted first coming first."""
        if not self.waiting:
            return
        first = {act.actor: place for place, act in reversed(list(enumerate(self.acts)))}
        met = sorted(self.waiting.values(), key=lambda person: first.get(person.ref, len(self.acts)))
        accounts = {person.ref: _account(person) for person in met}
        homes = meet(self.visit.brand, list(accounts.values()), batch=self.visit.batch, at=self.visit.at)
        self.member.update({ref: homes[account.key] for ref, account in accounts.items()})
        self._forget([person for person in met if self.member[person.ref] < 0])
        alive = [(person, self.member[person.ref]) for person in met if self.member[person.ref] > 0]
        take_in(
            community,
            members=[member for _person, member in alive],
            listed=[member for person, member in alive if person.is_listed],
            batch=self.visit.batch,
        )
        respell(self.visit.brand, {(community.pk, member) for person, member in alive if person.is_listed})
        self.summary.people.update(member for _person, member in alive)
        self._mark_staff(alive)
        self.waiting = {}

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
        from_at = min((act.at for act in self.acts), default=self.visit.now)
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
