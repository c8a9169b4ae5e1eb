"""Turns a stream of incoming entries into members, memberships, facts and texts of one brand.

A flush is one transaction; the same entries given again change nothing, because every fact has a natural key
(connectors §8.5). Memory is bounded by people and by one flush, not by messages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from django.db import transaction

from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.communities.actions import cover, keep_texts
from qunying.communities.models import Community
from qunying.connectors.desk import Desk, Visit
from qunying.connectors.incoming import Chat, Duplicates, Entry, Unknown
from qunying.connectors.summary import Summary, note_unknown
from qunying.connectors.texts import clean
from qunying.connectors.writer import Writer
from qunying.facts import log
from qunying.facts.projectors import CHUNK, drive
from qunying.kit.memory import give_back
from qunying.metrics.actions import keep_figures

FLUSH = 50_000
DAY = log.WRITTEN.index("day")


class Intake:
    """Takes the entries of one import. `community` puts every chat into one community; without it each chat has
    its own. One that `remembers` is used again and again for sources whose `ref` always means the same account; one
    that `drives` brings the numbers along, from facts that are still at hand."""

    def __init__(
        self,
        brand: Brand,
        *,
        at: dt.datetime,
        batch: int | None = None,
        community: Community | None = None,
        keeps_text: bool = True,
        tick: Callable[[int], None] | None = None,
        remembers: bool = False,
        drives: bool = False,
    ) -> None:
        self.visit = Visit(brand, at=at, batch=batch, community=community, keeps_text=keeps_text)
        self.tick = tick
        self.taken = 0
        self.drives = drives
        self.fresh: list[log.Facts] = []
        self.desks: dict[tuple[str, str], Desk] | None = {} if remembers else None

    def take(self, entries: Iterable[Entry], *, policy: Duplicates | None = None) -> Summary:
        """Everything in the stream, flushed as it comes; answers the totals. `policy` is for member tables."""
        summary = Summary(policy=policy)
        desk: Desk | None = None
        desks = {} if self.desks is None else self.desks
        for entry in entries:
            if isinstance(entry, Chat):
                if desk is not None:
                    self._flush(desk)
                desk = desks.setdefault((entry.platform, entry.key), Desk(self.visit, entry, summary))
                desk.summary = summary
            elif isinstance(entry, Unknown):
                note_unknown(summary, entry)
            elif desk is not None and desk.note(entry) >= FLUSH:
                self._flush(desk)
        if desk is not None:
            self._flush(desk)
        self._drive()
        return summary

    def _flush(self, desk: Desk) -> None:
        """Write what has come so far and tell of it once it is committed, so that work may end there."""
        fresh = self._write(desk)
        if fresh is not None:  # committed: nothing is counted that could still be rolled back
            self.fresh.append(fresh)
        give_back()
        if sum(map(len, self.fresh)) + FLUSH > CHUNK:
            self._drive()
        if self.tick:
            self.tick(self.taken)

    def _drive(self) -> None:
        """Bring the numbers to where the log is; facts no longer at hand are read."""
        parts, self.fresh = self.fresh, []
        if parts:
            facts = log.joined(parts)
            del parts  # they are held twice otherwise
            drive(self.visit.brand, fresh=facts)

    @transaction.atomic
    def _write(self, desk: Desk) -> log.Facts | None:
        """People, then facts and texts. Two imports that meet the same new people at once take turns. Answers the facts
        where they are wanted and as plain as that."""
        lock(self.visit.brand)
        desk.sort_rows()
        if desk.is_left_out:
            return None
        community = desk.community()
        desk.take_people(community)
        taken = desk.waits
        facts, texts = Writer(desk, community).write(*desk.take())
        done = log.record_columns(self.visit.brand, facts)
        keep_texts(texts)
        desk.summary.counts["facts"] += done.given
        desk.summary.counts["new"] += done.new
        if told := cast("Sequence[int]", facts[DAY]):
            cover(
                community, first=min(told), last=max(told), has_speech=bool(desk.summary.counts["messages"])
            )
        self._keep_figures(desk, community)
        self.taken += taken
        desk.figures = []
        return log.as_written(facts, done) if self.drives else None

    def _keep_figures(self, desk: Desk, community: Community) -> None:
        desk.summary.counts["figures"] += len(desk.figures)
        rows = [(figure.day, figure.name, clean(figure.owner), figure.value) for figure in desk.figures]
        source, batch = desk.chat.platform, self.visit.batch
        keep_figures(self.visit.brand, community=community, source=source, rows=rows, batch=batch)
