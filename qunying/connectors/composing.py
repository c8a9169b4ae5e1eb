"""What a page that writes a message asks: to which groups it can go, how long it may be there, and what will happen to
it in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from qunying.brands.models import Brand, Staff
from qunying.brands.preferences import number
from qunying.communities.models import Channel
from qunying.communities.queries import visible
from qunying.connectors.abilities import cell
from qunying.connectors.live.connector import Connector, Longest, Means
from qunying.connectors.models import Connection, Seat
from qunying.connectors.proofreading import mention_notes
from qunying.jobs.queries import sentence
from qunying.kit import catalog
from qunying.outbox.preferences import MOST_APPROVALS
from qunying.outbox.queries import standing_stops

OP, PICTURE, RECALL = "message.create", "message.picture", "message.delete"


@dataclass(frozen=True)
class Target:
    """发送对象: a group of a community and the connection that speaks in it; `has_pictures` whether some shall go with
    the words."""

    channel: Channel
    connection: Connection
    kind: Connector
    has_pictures: bool = False

    @property
    def longest(self) -> Longest | None:
        """How long the words may be."""
        pictures = self.kind.pictures if self.has_pictures else None
        if pictures is None or pictures.letters is None or self.kind.longest is None:
            return self.kind.longest
        return replace(self.kind.longest, size=pictures.letters)

    def is_too_long(self, text: str) -> bool:
        return self.longest is not None and not self.longest.holds(text)

    def limit_words(self) -> str:
        """How much one message may hold there."""
        longest = self.longest
        if longest is None:
            return _("平台没有公布字数上限")
        if longest.unit == "letters":
            return _("最多 %(n)s 字") % {"n": longest.size}
        return _("最多 %(n)s 字节，约 %(letters)s 个汉字") % {"n": longest.size, "letters": longest.size // 3}


def targets(staff: Staff) -> list[Target]:
    """The groups of the staff member's communities in which a platform account of the brand is, by community and name.
    Of several accounts in one group the first that is on speaks."""
    kinds = {kind.key: kind for kind in catalog.collect("live")}
    rows = Seat.objects.filter(connection__brand=staff.brand, channel__community__in=visible(staff))
    found: dict[int, Target] = {}
    for row in rows.select_related("channel__community", "channel__brand", "connection").order_by("pk"):
        kind = kinds.get(row.connection.connector)
        if kind is None or not _can_be_spoken_to(row, kind):
            continue
        before = found.get(row.channel_id)
        if before is None or (row.connection.is_on and not before.connection.is_on):
            found[row.channel_id] = Target(row.channel, row.connection, kind)
    return sorted(found.values(), key=lambda each: (each.channel.community.name, str(each.channel)))


def _can_be_spoken_to(row: Seat, kind: Connector) -> bool:
    """A group of this platform: not where its friends or its own numbers stand."""
    channel = row.channel
    lobby = kind.lobby(row.connection.account).key if kind.lobby else ""
    return channel.platform == kind.platform and channel.key not in (lobby, *kind.sheets)


@dataclass(frozen=True)
class Fate:
    """What will happen to a message in one group: `mark` is the colour of `word`, `notes` what else is to be known."""

    target: Target
    mark: str
    word: str
    notes: Sequence[str]


def fates(staff: Staff, chosen: Sequence[Target], text: str) -> list[Fate]:
    """For each group what its platform will do with the message, as its connector declares it, and whom its words call
    there in vain."""
    stopped: set[int | None] = set(standing_stops(staff).values_list("community", flat=True))
    called = mention_notes(staff.brand, {target.channel.community_id for target in chosen}, text)
    return [_fate(target, stopped, called[target.channel.community_id]) for target in chosen]


def _fate(target: Target, stopped: set[int | None], called: Sequence[str]) -> Fate:
    told, connection = cell(target.kind, OP), target.connection
    notes = [told.words] if told.can else [told.words, _("改为：%(instead)s") % {"instead": told.instead}]
    pictured = cell(target.kind, PICTURE)
    is_bare = told.can and target.has_pictures and not pictured.can
    if target.has_pictures:
        notes.append(pictured.words)
    recall = target.kind.abilities.get(RECALL)
    if told.can and (recall is None or recall.means == Means.NONE):
        notes.append(str(recall.words) if recall else _("不能撤回"))
    if stopped & {None, target.channel.community_id}:
        notes.append(_("已停发：先排队，恢复外发后才会发出"))
    if not connection.is_on:
        notes.append(_("接入“%(name)s”已暂停，恢复后才会发出") % {"name": connection.name})
    elif connection.failure is not None:
        words = {"name": connection.name, "why": sentence(connection.failure)}
        notes.append(_("接入“%(name)s”有问题：%(why)s") % words)
    mark, word = ("warn", _("只发文字")) if is_bare else (told.mark, told.word)
    return Fate(target, mark, word, [note for note in (*notes, *called) if note])


def approvals(brand: Brand) -> int:
    """How many colleagues have to say yes to a message, by the brand's rule."""
    return min(MOST_APPROVALS, number(brand, "send_approvals"))
