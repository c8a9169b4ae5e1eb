"""A community's evidence straight from a simulated stream, without a database, for tests over many seeds."""

from __future__ import annotations

import numpy as np

from qunying.communities import fact_kinds
from qunying.communities.models import SILENT_DAYS, Community, Membership
from qunying.communities.presence import Move, Stay, stays
from qunying.connectors.texts import likeness, marks
from qunying.demo.world import Stream
from qunying.diagnosis.place import FOREVER, MEMBER, NOBODY, STAFF, Acts, Place, Post, Stays
from qunying.kit import days

CLOCK = days.clock("Asia/Shanghai")
KINDS = {
    "message": fact_kinds.SENT,
    "reaction": fact_kinds.REACTED,
    "share": fact_kinds.SHARED,
    "pin": fact_kinds.PINNED,
}
MOVES = {
    "join": fact_kinds.JOINED,
    "leave": fact_kinds.LEFT,
    "remove": fact_kinds.REMOVED,
}
COMMUNITY_KINDS = {"会员群": "members", "福利群": "benefits", "训练营": "camp"}


def place_of(stream: Stream, *, community: int = 1) -> Place:
    """What the database path builds too: the same columns from the same acts."""
    at = {person.ref: place for place, person in enumerate(stream.people)}
    by = {p.ref: STAFF if p.is_staff else NOBODY if p.is_bot else MEMBER for p in stream.people}
    first = CLOCK.day(min(act.at for act in stream.acts if act.kind != "notice"))
    rows, texts = rows_of(stream, at, by, first)
    table = np.array(rows, dtype=np.int64).T
    posts = posts_of(stream, at, by, first)
    spells, sources = stays_of(stream, at, by, first)
    return Place(
        community=community,
        first=first,
        days=int(table[3].max()) + 1,
        silence=SILENT_DAYS.get(COMMUNITY_KINDS.get(stream.plan.kind, ""), 14),
        sees_speech=True,
        bits=np.arange(len(stream.people), dtype=np.int64),
        acts=Acts(*table),
        stays=spells,
        texts=lambda low, high: [row for row in texts if low <= row[0] <= high],
        staff_texts=lambda low, high: [row for row in posts if low <= row.day <= high],
        sources=sources,
        selling_limit=Community(kind=COMMUNITY_KINDS.get(stream.plan.kind, "interest")).promo_limit,
    )


Text = tuple[int, int, int, str]


def rows_of(
    stream: Stream, at: dict[str, int], by: dict[str, int], first: int
) -> tuple[list[tuple[int, ...]], list[Text]]:
    """The acts in the order of the fields of Acts, and the members' texts."""
    recalled = {act.target or act.id for act in stream.acts if act.kind == "recall"}
    author = {act.id: act.actor for act in stream.acts if act.kind == "message" and act.id}
    rows: list[tuple[int, ...]] = []
    texts: list[Text] = []
    number: dict[str, int] = {}
    for act in sorted(stream.acts, key=lambda act: act.at):
        is_message = act.kind == "message"
        if act.kind not in KINDS or (is_message and act.id in recalled):
            continue
        day, hour = CLOCK.day(act.at) - first, CLOCK.hour(act.at)
        bits = marks(act.text, act.form, is_staff=by[act.actor] == STAFF) if is_message else 0
        like = (likeness(act.text) or 0) if is_message else 0
        other = at.get(author.get(act.target, ""), -1) if act.target else -1
        who = at[act.actor]
        if is_message:
            number[act.id] = len(rows)
        about = len(rows) if is_message else number.get(act.target, -1)
        rows.append((who, by[act.actor], act.at, day, hour, KINDS[act.kind], other, bits, like, about))
        if is_message and by[act.actor] == MEMBER and act.text:
            texts.append((day, hour, who, act.text))
    return rows, texts


def posts_of(stream: Stream, at: dict[str, int], by: dict[str, int], first: int) -> list[Post]:
    """Staff's texts, each with its row's number as `rows_of` counts them."""
    recalled = {act.target or act.id for act in stream.acts if act.kind == "recall"}
    counted = [
        act
        for act in sorted(stream.acts, key=lambda act: act.at)
        if act.kind in KINDS and not (act.kind == "message" and act.id in recalled)
    ]
    return [
        Post(CLOCK.day(act.at) - first, at[act.actor], number, act.text)
        for number, act in enumerate(counted)
        if act.kind == "message" and by[act.actor] == STAFF and act.text
    ]


def stays_of(stream: Stream, at: dict[str, int], by: dict[str, int], first: int):
    """Members' stays, told by the product's own rules from the stream's joins, leaves and acts."""
    sources: dict[str, int] = {}
    moves: dict[str, list[Move]] = {}
    acted: dict[str, list[int]] = {}
    recalled = {act.target or act.id for act in stream.acts if act.kind == "recall"}
    for act in stream.acts:
        if act.kind in MOVES:
            source = sources.setdefault(act.source, len(sources) + 1) if act.source else 0
            moves.setdefault(act.actor, []).append(Move(act.at, MOVES[act.kind], source))
        elif act.kind in ("reaction", "share") or (act.kind == "message" and act.id not in recalled):
            acted.setdefault(act.actor, []).append(act.at)
    rows = []
    for person in stream.people:
        if by[person.ref] == MEMBER:
            for stay in told(moves.get(person.ref, []), sorted(acted.get(person.ref, [])), person.is_listed):
                joined = -FOREVER if stay.joined_at is None else CLOCK.day(stay.joined_at) - first
                left = FOREVER if stay.left_at is None else CLOCK.day(stay.left_at) - first
                is_told = stay.basis == Membership.Basis.ASSERTED
                rows.append((at[person.ref], joined, left, is_told, stay.is_left_asserted, stay.source))
    t = np.array(rows, dtype=np.int64).T
    return Stays(t[0], t[1], t[2], t[3].astype(bool), t[4].astype(bool), t[5]), {
        number: name for name, number in sources.items()
    }


def told(moves: list[Move], acts: list[int], is_listed: bool) -> list[Stay]:
    before = {}
    for move in moves:
        earlier = [moment for moment in acts if moment < move.at]
        if move.kind == fact_kinds.JOINED and earlier:
            before[move.at] = earlier[-1]
    return stays(moves, first_act=acts[0] if acts else None, acts_before=before, is_listed=is_listed)
