"""One trial: plant a fault in a small brand, examine the community, say whether it was found as promised."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from qunying.demo.faults import with_fault
from qunying.demo.plans import small_plan
from qunying.demo.world import simulate
from qunying.diagnosis.detectors import DETECTORS
from qunying.diagnosis.history import Episode, examine
from qunying.kit import days
from tests.diagnosis.streams import place_of

UNTIL = dt.date(2026, 11, 20)
IN_TIME = 7


@dataclass(frozen=True)
class Trial:
    """The share of the planted members that the finding names (None: nobody was planted), None where it was not found;
    and what else opened from the plant on."""

    is_found: bool
    named: float | None
    others: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return self.is_found and (self.named is None or self.named > 0.5)


def trial(fault: str, seed: int) -> Trial:
    """Found: by its detector, opened between the plant and seven days after it can be seen."""
    plan = with_fault(small_plan(seed), fault, seed)
    struck = tuple(one for one in plan.communities if one.name == plan.faults[0].community)
    story = simulate(replace(plan, communities=struck), seed=seed, until=UNTIL)
    stream, planted = story.streams[0], story.planted[0]
    place = place_of(stream)
    start, opens = (days.number(day) - place.first for day in (planted.starts_on, planted.opened_from))
    found = examine(place, DETECTORS)
    right = [one for one in found if one.detector == fault and start <= one.opened <= opens + IN_TIME]
    others = tuple(sorted({one.detector for one in found if one.opened >= start and one not in right}))
    if not right:
        return Trial(False, None, others)
    seats = {person.ref: seat for seat, person in enumerate(stream.people)}
    wanted = {seats[ref] for ref in planted.members}
    named = len(wanted & set(right[-1].members.tolist())) / len(wanted) if wanted else None
    return Trial(True, named, others)


def healthy(seed: int) -> list[Episode]:
    """What opened in the last 90 days of a healthy brand."""
    opened = []
    for number, stream in enumerate(simulate(small_plan(seed), seed=seed, until=UNTIL).streams):
        place = place_of(stream, community=number)
        opened += [one for one in examine(place, DETECTORS) if one.opened >= place.days - 90]
    return opened
