"""Take in what a platform says of its tags, and decide whose word counts where both sides have written: the later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qunying.brands.actions import lock
from qunying.connectors.live.connector import Tagged, TagNews, TagWord
from qunying.connectors.models import Connection, TagBond, TagStep, TagSync, TagTie
from qunying.connectors.queries import connector
from qunying.connectors.texts import clean
from qunying.members.actions import name_tag, tag_many, untag_many
from qunying.members.models import Identity, Member, MemberTag, TagWrite
from qunying.members.queries import homes_of
from qunying.outbox.actions import Wish, order
from qunying.outbox.models import Sending

LONGEST = 30
PART = 500


@dataclass(frozen=True)
class Word:
    """Who wrote last on one side, and when; nobody yet: `at` is None."""

    who: str
    at: dt.datetime | None


def origin_of(connection: Connection) -> str:
    """What stands in the log of tags for changes that came from this platform."""
    return f"connection:{connection.pk}"


def take_tags(connection: Connection, news: TagNews) -> None:
    """What a payload told, in the transaction that reads it. The same or an older one again changes nothing."""
    lock(connection.brand)
    sync, at = TagSync.objects.get(connection=connection), _moment(news.at)
    if news.words is not None and (sync.listed_at is None or sync.listed_at <= at):
        is_known = not _take_words(connection, news.words, at) or sync.listed_at is None
        looked = sync.looked_at if is_known else None  # who has a new tag is seen by looking at everybody
        TagSync.objects.filter(pk=sync.pk).update(listed_at=at, looked_at=looked)
    bonds = {bond.number: bond for bond in bonds_of(connection)}
    for person in news.people if bonds else ():
        _take_person(connection, bonds, person)


def bonds_of(connection: Connection) -> list[TagBond]:
    """The tags that stand for each other now."""
    return list(connection.tag_bonds.filter(gone_at=None).select_related("tag", "connection__brand"))


def _take_words(connection: Connection, words: Sequence[TagWord], at: dt.datetime) -> bool:
    """Each of their tags gets one of ours: of the same name, or with its family before it where that is taken. One that
    is no more there stays ours. Answers whether there are new ones."""
    known = {bond.number: bond for bond in connection.tag_bonds.select_related("tag")}
    for word in words:
        bond = known.get(word.number)
        told = {"family": clean(word.family)[:60], "name": clean(word.name)[:60], "gone_at": None}
        if bond is None:
            _bind(connection, word)
        elif any(getattr(bond, name) != value for name, value in told.items()):
            TagBond.objects.filter(pk=bond.pk).update(**told)
    there = {word.number for word in words}
    connection.tag_bonds.filter(gone_at=None).exclude(number__in=there).update(gone_at=at)
    return bool(there - known.keys())


def _bind(connection: Connection, word: TagWord) -> None:
    family, name = clean(word.family).strip(), clean(word.name).strip()
    taken = set(connection.tag_bonds.filter(gone_at=None).values_list("tag__name", flat=True))
    choices = (name[:LONGEST], f"{family}·{name}"[:LONGEST], f"{name[:20]}·{word.number[-9:]}")
    ours = next((each for each in choices if each and each not in taken), word.number[:LONGEST])
    tag = name_tag(connection.brand, name=ours)
    bond = TagBond.objects.create(
        connection=connection, tag=tag, number=word.number, family=family[:60], name=name[:60]
    )
    held = list(MemberTag.objects.filter(tag=tag).values_list("member", flat=True))
    for start in range(0, len(held), PART):
        tie_up(bond, held[start : start + PART])


def tie_up(bond: TagBond, members: Collection[int]) -> list[TagTie]:
    """The ties of these people's accounts, made where they are missing."""
    homes = homes_of(bond.connection.brand, members)
    scheme = scheme_of(bond.connection)
    found = Identity.objects.filter(brand=bond.connection.brand_id, scheme=scheme, member__in=homes)
    accounts = dict(found.values_list("value", "member"))
    TagTie.objects.bulk_create(
        [TagTie(bond=bond, account=account, member_id=member) for account, member in accounts.items()],
        ignore_conflicts=True,
        batch_size=PART,
    )
    return list(TagTie.objects.filter(bond=bond, account__in=accounts).select_related("sending"))


def scheme_of(connection: Connection) -> str:
    tags = connector(connection.connector).tags
    return tags.scheme if tags else ""


def _take_person(connection: Connection, bonds: Mapping[str, TagBond], person: Tagged) -> None:
    home = Identity.objects.filter(
        brand=connection.brand, scheme=scheme_of(connection), value=person.account
    ).first()
    if home is None:
        return  # erased, or not one of ours
    homes = homes_of(connection.brand, [home.member_id])
    ties = {
        tie.bond_id: tie
        for tie in TagTie.objects.filter(bond__connection=connection, account=person.account).select_related(
            "sending"
        )
    }
    tags = [bond.tag_id for bond in bonds.values()]
    ours = set(MemberTag.objects.filter(member__in=homes, tag__in=tags).values_list("tag", flat=True))
    for number, bond in bonds.items():
        if number in person.holders or bond.pk in ties or bond.tag_id in ours:
            tie = ties.get(bond.pk) or TagTie.objects.create(
                bond=bond, account=person.account, member_id=home.member_id
            )
            tie.bond = bond
            _take(tie, homes, person)


def _take(tie: TagTie, homes: Sequence[int], person: Tagged) -> None:
    """One tag of one account as it was seen. An older look than the last word we know of tells nothing; what we asked
    for ourselves is an echo, not their word."""
    at = _moment(person.at)
    if tie.seen_at is not None and at < tie.seen_at:
        return
    before, seen_before = tie.is_on, tie.seen_at
    holders, friends = list(person.holders.get(tie.bond.number, ())), list(person.friends)
    if person.only:
        holders = [who for who in tie.holders if who != person.only] + holders
        friends = [who for who in tie.friends if who != person.only] + friends
    tie.holders, tie.friends, tie.is_on, tie.seen_at = holders, friends, bool(holders), at
    if seen_before is None:
        tie.failure = ""
    tie.save(update_fields=["holders", "friends", "is_on", "seen_at", "failure"])
    is_echo = tie.sending is not None and tie.asked == tie.is_on
    if tie.is_on != before and not is_echo:
        label = connector(tie.bond.connection.connector).label
        who = f"{label} {person.who or '、'.join(holders)}".strip()
        theirs = Word(who, _moment(person.changed) if person.changed else at)
        _weigh(tie, homes, theirs, since=seen_before)
    bring_over(tie, homes, at=at)


def _moment(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)


def _weigh(tie: TagTie, homes: Sequence[int], theirs: Word, *, since: dt.datetime | None) -> None:
    """They wrote. Where we wrote later, ours goes out; else theirs comes in, and the log names whose word that
    overrules."""
    ours = our_word(tie, homes)
    assert theirs.at is not None  # they just did
    if has(tie, homes) == tie.is_on:
        return
    if ours.at is not None and ours.at > theirs.at:
        _step(tie, at=theirs.at, is_outward=True, is_on=not tie.is_on, winner=ours, loser=theirs)
        return
    brand, name, origin = tie.bond.connection.brand, tie.bond.tag.name, origin_of(tie.bond.connection)
    is_lost = ours.at is not None and (since is None or ours.at > since)
    if tie.is_on:
        root = _root(tie.member_id)
        tag_many(brand, name=name, members=[root], origin=origin, at=theirs.at, by=None)
    else:
        untag_many(brand, name=name, members=homes, origin=origin, at=theirs.at, by=None)
    loser = ours if is_lost else Word("", None)
    _step(tie, at=theirs.at, is_outward=False, is_on=tie.is_on, winner=theirs, loser=loser)


def _root(member: int) -> int:
    root = Member.objects.filter(pk=member).values_list("merged_into", flat=True).first()
    return root or member


def has(tie: TagTie, homes: Sequence[int]) -> bool:
    """Whether the person has the tag here."""
    return MemberTag.objects.filter(tag=tie.bond.tag_id, member__in=homes).exists()


def our_word(tie: TagTie, homes: Sequence[int]) -> Word:
    """Who changed the tag here last, for whatever account of the person."""
    rows = TagWrite.objects.filter(tag=tie.bond.tag_id, member__in=homes).select_related("by__account")
    last = rows.order_by("-at", "-pk").first()
    if last is None:
        return Word("", None)
    return Word(last.by.name if last.by else last.origin or _("系统"), last.at)


def _step(tie: TagTie, *, at: dt.datetime, is_outward: bool, is_on: bool, winner: Word, loser: Word) -> None:
    TagStep.objects.create(
        bond=tie.bond,
        member_id=tie.member_id,
        at=at,
        is_outward=is_outward,
        is_on=is_on,
        writer=winner.who[:120],
        written_at=winner.at or at,
        loser=loser.who[:120],
        lost_at=loser.at,
    )


def bring_over(tie: TagTie, homes: Sequence[int], *, at: dt.datetime) -> None:
    """Ask the platform for what is so here and not there: one thing at a time, and nothing of an account nobody has
    looked at."""
    is_on = has(tie, homes)
    if tie.sending is not None or tie.seen_at is None or is_on == tie.is_on:
        return
    who = (tie.friends if is_on else tie.holders)[:1]
    if not who:
        tie.failure = _("没有员工是这位客户的好友，平台上打不了标签。")
        tie.save(update_fields=["failure"])
        return
    _mark(tie, who[0], is_on, at)
    last = tie.bond.steps.filter(member=tie.member_id).order_by("-pk").first()
    ours = our_word(tie, homes)
    if last is None or not last.is_outward or last.is_on != is_on or last.written_at != ours.at:
        _step(tie, at=at, is_outward=True, is_on=is_on, winner=ours, loser=Word("", None))


def _mark(tie: TagTie, employee: str, is_on: bool, at: dt.datetime) -> None:
    connection, cause = tie.bond.connection, f"tag:{tie.pk}"
    kind = connector(connection.connector)
    assert kind.lobby is not None  # declared by whoever has tags
    lobby = kind.lobby(connection.account)
    seat = connection.seats.select_related("channel__brand", "channel__community").get(
        channel__platform=lobby.platform, channel__key=lobby.key
    )
    number = Sending.objects.filter(brand=connection.brand, cause=cause).count() + 1
    wish = Wish(
        "tag.mark",
        {"employee": employee, "add" if is_on else "remove": [tie.bond.number]},
        target=tie.account,
        is_unsolicited=False,  # it says nothing to anybody
        on_unsupported=Sending.Fallback.SKIP,
        priority=-1,
    )
    tie.sending = order(seat.channel, wish=wish, key=f"{cause}:{number}", at=at, cause=cause)
    tie.asked, tie.failure = is_on, ""
    tie.save(update_fields=["sending", "asked", "failure"])
