"""A community's history as entries again, and as a ChatLab file, so that a brand can leave with what it brought."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from qunying.communities.fact_kinds import JOINED, LEFT, PINNED, REACTED, RECALLED, REMOVED
from qunying.communities.models import Community, Membership, Message
from qunying.connectors.importers.chatlab_export import ChatLabExport
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Form, Person
from qunying.facts.models import Fact
from qunying.members.models import Identity, Member
from qunying.members.sealing import Sealing

KINDS: dict[int, ActKind] = {
    JOINED: "join",
    LEFT: "leave",
    REMOVED: "remove",
    RECALLED: "recall",
    PINNED: "pin",
    REACTED: "reaction",
}
ABOUT_MESSAGES = frozenset({RECALLED, PINNED, REACTED})
STEP = 1_000


@dataclass(frozen=True)
class Exported:
    """How many lines were written, and how often something had no place in the format, by its key."""

    lines: int
    left_out: dict[str, int]


def export(
    community: Community, path: Path, *, exported_at: int, tick: Callable[[int, int], None]
) -> Exported:
    """Write the file. Texts past their retention, replies and edits are no longer known and so not in it."""
    inside = {"brand": community.brand_id, "community": community.pk}
    total = (
        Message.objects.filter(**inside).count() + Fact.objects.filter(**inside, kind__in=list(KINDS)).count()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = ChatLabExport(lambda: entries(community), exported_at)
    done = 0
    with path.with_suffix(".part").open("wb") as stream:
        for line in file.lines():
            stream.write(line)
            done += 1
            if done % STEP == 0:
                tick(min(done, total), total)
    path.with_suffix(".part").replace(path)
    return Exported(done, dict(file.left_out))


def entries(community: Community) -> Iterator[Entry]:
    """The chat, its people, then everything that is kept of it in the order of time."""
    channel = community.channels.first()
    platform = (channel.platform if channel else community.platform) or "other"
    yield Chat(channel.key if channel else str(community.pk), community.name, platform)
    yield from _people(community, platform)
    yield from heapq.merge(_messages(community), _moves(community), key=lambda act: act.at)


def _people(community: Community, platform: str) -> Iterator[Person]:
    """Everybody who is or was in it: by the account of its platform, else by any account, else by our number."""
    inside = Membership.objects.filter(community=community).values("member")
    best: dict[int, tuple[bool, str, str, str]] = {}
    sealing = Sealing(community.brand)
    rows = (
        Identity.objects.filter(member__in=inside)
        .order_by("pk")
        .values_list("member", "scheme", "scope", "value")
    )
    for member, scheme, scope, value in rows.iterator(chunk_size=STEP):
        fits = scheme.startswith(f"{platform}.")
        if member not in best or (fits and not best[member][0]):
            best[member] = (fits, scheme, scope, value)
    for member, name in Member.objects.filter(pk__in=inside).order_by("pk").values_list("pk", "name"):
        _fits, scheme, scope, value = best.get(member, (False, "name", "", f"#{member}"))
        yield Person(str(member), scheme, scope, sealing.known(value), name, is_listed=True)


def _messages(community: Community) -> Iterator[Act]:
    rows = Message.objects.filter(brand=community.brand_id, community=community.pk).order_by("sent_at", "pk")
    wanted = rows.values_list("member", "sent_at", "form", "text", "subject")
    for member, at, form, text, subject in wanted.iterator(chunk_size=STEP):
        yield Act("message", at, str(member), id=_id(subject), text=text, form=cast(Form, form))


def _moves(community: Community) -> Iterator[Act]:
    rows = Fact.objects.filter(brand=community.brand_id, community=community.pk, kind__in=list(KINDS))
    wanted = rows.exclude(member=None).order_by("happened_at", "pk")
    for kind, member, other, at, subject in wanted.values_list(
        "kind", "member", "other", "happened_at", "subject"
    ).iterator(chunk_size=STEP):
        about = kind in ABOUT_MESSAGES
        target = _id(subject) if about and subject is not None else ""
        yield Act(
            KINDS[kind], at, str(member), target=target, other=str(other) if other and not about else ""
        )


def _id(subject: int) -> str:
    """A message's number as an id; the platform's own id is not kept."""
    return f"{subject & (2**64 - 1):016x}"
