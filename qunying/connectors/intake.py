"""Turns a stream of incoming entries into members, memberships, facts and texts of one brand.

A flush is one transaction; the same entries given again change nothing, because every fact has a natural key
(connectors §8.5). Memory is bounded by people and by one flush, not by messages.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable

from django.db import transaction

from qunying.brands.models import Brand
from qunying.communities.actions import cover, find_channel, join_source, keep_texts, take_in
from qunying.communities.models import Channel, Community
from qunying.connectors.incoming import Act, Chat, Entry, Figure, Person
from qunying.connectors.summary import Summary, note_unknown
from qunying.connectors.texts import clean
from qunying.connectors.writer import Writer
from qunying.facts import log
from qunying.kit import days
from qunying.members.actions import Account, mark_staff, meet
from qunying.members.models import Member
from qunying.metrics.actions import keep_figures

FLUSH = 50_000


class Intake:
    """Takes the entries of one import. `community` puts every chat into one community; without it each chat has
    its own."""

    def __init__(
        self,
        brand: Brand,
        *,
        at: dt.datetime,
        batch: int | None = None,
        community: Community | None = None,
        keeps_text: bool = True,
        tick: Callable[[int], None] | None = None,
    ) -> None:
        self.brand, self.batch, self.community, self.at = brand, batch, community, at
        self.now = days.utc_ms(at)
        self.clock = brand.clock
        self.keys = log.Keys(brand)
        self.keeps_text = keeps_text
        self.tick = tick
        self.taken = 0

    def take(self, entries: Iterable[Entry], *, zone: str = "") -> Summary:
        """Everything in the stream, flushed as it comes; answers the totals."""
        summary = Summary()
        desk: Desk | None = None
        desks: dict[tuple[str, str], Desk] = {}
        for entry in entries:
            if isinstance(entry, Act):
                if desk is not None:
                    desk.acts.append(entry)
                    if len(desk.acts) >= FLUSH:
                        desk.flush()
            elif isinstance(entry, Person):
                if desk is not None:
                    desk.meet(entry)
            elif isinstance(entry, Chat):
                if desk is not None:
                    desk.flush()
                desk = desks.setdefault((entry.platform, entry.key), Desk(self, entry, summary))
            elif isinstance(entry, Figure):
                if desk is not None:
                    desk.figures.append(entry)
            else:
                note_unknown(summary, entry)
        if desk is not None:
            desk.flush()
        return summary


class Desk:
    """The entries of one chat between two flushes."""

    def __init__(self, intake: Intake, chat: Chat, summary: Summary) -> None:
        self.intake, self.chat, self.summary = intake, chat, summary
        self.acts: list[Act] = []
        self.figures: list[Figure] = []
        self.waiting: dict[str, Person] = {}
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
        if person.ref not in self.member:
            self.waiting[person.ref] = person
        if person.is_staff:
            self.staff.add(person.ref)

    @transaction.atomic
    def flush(self) -> None:
        """Write what has come so far: people, then facts and texts."""
        community = self._community()
        self._take_people(community)
        rows, texts = Writer(self, community).write(self.acts)
        done = log.record_many(self.intake.brand, rows)
        keep_texts(texts)
        self.summary.counts["facts"] += done.given
        self.summary.counts["new"] += done.new
        if rows:
            first, last = min(row[7] for row in rows), max(row[7] for row in rows)
            cover(community, first=first, last=last, has_speech=bool(self.summary.counts["messages"]))
        self._keep_figures(community)
        self.intake.taken += len(self.acts)
        self.acts, self.figures = [], []
        if self.intake.tick:
            self.intake.tick(self.intake.taken)

    def _community(self) -> Community:
        if self.channel is None:
            self.channel = find_channel(
                self.intake.brand,
                platform=self.chat.platform,
                key=self.chat.key,
                name=clean(self.chat.name),
                community=self.intake.community,
                at=self.intake.at,
                batch=self.intake.batch,
            )
            if self.channel.community.name not in self.summary.communities:
                self.summary.communities.append(self.channel.community.name)
        return self.channel.community

    def _take_people(self, community: Community) -> None:
        """Make members of the people met since the last flush, those who acted first coming first."""
        first = {act.actor: place for place, act in reversed(list(enumerate(self.acts)))}
        met = sorted(self.waiting.values(), key=lambda person: first.get(person.ref, len(self.acts)))
        accounts = {person.ref: _account(person) for person in met}
        homes = meet(self.intake.brand, list(accounts.values()), batch=self.intake.batch, at=self.intake.at)
        self.member.update({ref: homes[account.key] for ref, account in accounts.items()})
        self._forget([person for person in met if self.member[person.ref] < 0])
        alive = [(person, self.member[person.ref]) for person in met if self.member[person.ref] > 0]
        take_in(
            community,
            members=[member for _person, member in alive],
            listed=[member for person, member in alive if person.is_listed],
            batch=self.intake.batch,
        )
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
        from_at = min((act.at for act in self.acts), default=self.intake.now)
        from_on = days.date(self.intake.clock.day(from_at))
        for person, member in alive:
            if person.is_staff:
                mark_staff(Member.objects.get(pk=member), from_on=from_on, batch=self.intake.batch)

    def _keep_figures(self, community: Community) -> None:
        self.summary.counts["figures"] += len(self.figures)
        rows = [(figure.day, figure.name, clean(figure.owner), figure.value) for figure in self.figures]
        source, batch = self.chat.platform, self.intake.batch
        keep_figures(self.intake.brand, community=community, source=source, rows=rows, batch=batch)

    def source(self, name: str) -> int:
        """Number of a way of coming in, as the source words it; 0 for none."""
        if not name:
            return 0
        if name not in self.sources:
            self.sources[name] = join_source(self.intake.brand, clean(name)).pk
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
