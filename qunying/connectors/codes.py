"""活码: who or what belongs behind a code now, and how its page shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.communities.models import Channel
from qunying.connectors.live.connector import Codes
from qunying.connectors.models import Code, CodePlace, Connection
from qunying.connectors.queries import connector
from qunying.kit.errors import Refused
from qunying.kit.refusals import Text
from qunying.members.models import Identity, StaffSpan
from qunying.members.queries import homes_of
from qunying.outbox.models import Sending
from qunying.outbox.queries import MARKS

NEARLY_PERCENT = 90
TURNS_SHOWN = 20
WHY: dict[str, Text] = {
    "made": gettext_lazy("生成"),
    "edited": gettext_lazy("修改"),
    "again": gettext_lazy("被平台拒绝后重试"),
    "full": gettext_lazy("满员"),
    "day": gettext_lazy("到换群日期"),
    "left": gettext_lazy("员工离开或回来"),
}


@dataclass(frozen=True)
class Next:
    """What belongs behind a code, which groups have had their turn, and whether the day of the turn was used up."""

    behind: list[str]
    had: list[CodePlace]
    why: str = ""
    is_day_over: bool = False


def means(connection: Connection) -> Codes:
    """What the platform lets us put behind codes; Refused for one that has none."""
    kind = connector(connection.connector)
    if kind.codes is None:
        raise Refused("connectors.no_codes", name=str(kind.label))
    return kind.codes


def next_chats(code: Code, places: Sequence[CodePlace], *, sizes: Mapping[str, int], today: dt.date) -> Next:
    """The first groups in line that are not full. On the day of the turn those that are behind the code step back
    where others wait; when nobody waits any more, what is behind it stays."""
    waiting = [place for place in places if place.had_at is None]
    full = [place for place in waiting if sizes.get(place.channel.key, 0) >= code.most]
    left = [place for place in waiting if place not in full]
    is_day = code.turn_on is not None and today >= code.turn_on
    turned = [place for place in left if place.channel.key in code.behind] if is_day else []
    if turned and len(turned) < len(left):
        left = [place for place in left if place not in turned]
    else:
        turned = []
    chosen = [place.channel.key for place in left[: code.at_once]]
    keys = [place.channel.key for place in places]
    behind = chosen or [key for key in code.behind if key in keys] or keys[-1:]
    why = "day" if turned else "full" if full else ""
    return Next(behind, [*full, *turned], why, is_day_over=bool(turned))


def next_employees(code: Code, *, serve: Collection[str] | None, gone: Collection[str]) -> Next:
    """The employees of the code; for each who left, the first of the backups who serves. Nobody serving: as it was.
    `serve` is what the platform said last, None before it said anything."""

    def is_here(who: str) -> bool:
        return who not in gone and (not serve or who in serve)

    backups = [who for who in code.backups if is_here(who) and who not in code.employees]
    found = []
    for who in code.employees:
        if is_here(who):
            found.append(who)
        elif backups:
            found.append(backups.pop(0))
    return Next(found or list(code.behind) or list(code.employees), [], "left")


def gone(connection: Connection, people: Collection[str], *, today: dt.date) -> set[str]:
    """Those of these employees whose time on the staff somebody has ended."""
    scheme = f"{connector(connection.connector).platform}.userid"
    rows = Identity.objects.filter(brand=connection.brand, scheme=scheme, value__in=people)
    found = set()
    for value, member in rows.values_list("value", "member"):
        ends = list(
            StaffSpan.objects.filter(member__in=homes_of(connection.brand, [member])).values_list(
                "until_on", flat=True
            )
        )
        if ends and all(end is not None and end < today for end in ends):
            found.add(value)
    return found


def chats_of(connection: Connection) -> list[Channel]:
    """The groups that may stand behind a code: not where only friends or numbers are."""
    kind = connector(connection.connector)
    closed = {*kind.sheets, kind.lobby(connection.account).key if kind.lobby else ""}
    seats = connection.seats.filter(channel__platform=kind.platform).exclude(channel__key__in=closed)
    return [
        seat.channel for seat in seats.select_related("channel__community").order_by("channel__name", "pk")
    ]


def employees_met(connection: Connection) -> list[str]:
    """The accounts of every employee the brand has met on this platform."""
    scheme = f"{connector(connection.connector).platform}.userid"
    rows = Identity.objects.filter(brand=connection.brand, scheme=scheme).order_by("value")
    return list(rows.values_list("value", flat=True))


def names_of(connection: Connection, people: Collection[str]) -> dict[str, str]:
    """What these employees are called, by account; one nobody has met is called by it."""
    scheme = f"{connector(connection.connector).platform}.userid"
    rows = Identity.objects.filter(brand=connection.brand, scheme=scheme, value__in=people)
    known = dict(rows.values_list("value", "name"))
    return {who: known.get(who) or who for who in people}


@dataclass(frozen=True)
class Spot:
    """A group in the line of a code, with how full it is and where it stands."""

    channel: Channel
    size: int | None
    mark: str
    word: str


@dataclass(frozen=True)
class Shown:
    """A code as its page shows it: `mark` is the colour of `word`, `trouble` what a person should know or do, `behind`
    the employees who are behind it, `turns` (when, why, before, after, who) the last first."""

    row: Code
    mark: str
    word: str
    trouble: list[str]
    spots: list[Spot]
    behind: list[str]
    turns: list[tuple[dt.datetime, Text, str, str, str]]


def shown(
    rows: Sequence[Code], *, sizes: Mapping[str, int], names: Mapping[str, str], today: dt.date
) -> list[Shown]:
    """Codes with their places, turns and sendings at hand; nothing is asked of the database here."""
    return [_shown(row, sizes, names, today) for row in rows]


def _shown(row: Code, sizes: Mapping[str, int], names: Mapping[str, str], today: dt.date) -> Shown:
    places = sorted(row.places.all(), key=lambda place: place.place)
    called = {**names, **{place.channel.key: str(place.channel) for place in places}}
    turns = sorted(row.turns.all(), key=lambda turn: turn.pk, reverse=True)[:TURNS_SHOWN]

    def said(keys: Sequence[str]) -> str:
        return "、".join(called.get(key, key) for key in keys) or "—"

    mark, word = _standing(row)
    return Shown(
        row=row,
        mark=mark,
        word=word,
        trouble=list(troubles(row, places, sizes, today).values()),
        spots=[_spot(row, place, sizes) for place in places],
        behind=[called.get(who, who) for who in row.behind],
        turns=[
            (
                turn.at,
                WHY.get(turn.why, turn.why),
                said(turn.before),
                said(turn.after),
                turn.by.name if turn.by else "",
            )
            for turn in turns
        ],
    )


def _standing(row: Code) -> tuple[str, str]:
    sending = row.sending
    if row.failure:
        return "failed", _("没有生效")
    if sending is not None and sending.state != Sending.State.SENT:
        return MARKS[sending.state], str(sending.get_state_display())
    return ("ok", _("生效中")) if row.handle else ("scheduled", _("排队中"))


def troubles(
    row: Code, places: Sequence[CodePlace], sizes: Mapping[str, int], today: dt.date
) -> dict[Code.Trouble, str]:
    """What a person should see to, the gravest first, in words."""
    found = {Code.Trouble.FAILED: row.failure} if row.failure else {}
    if not row.is_for_chats:
        missing = [who for who in row.employees if who not in row.behind]
        if row.handle and not row.failure and len(row.behind) < len(row.employees) and missing:
            words = _("有 {n} 位员工不再接待客户，备用员工不够，请补充。")
            found[Code.Trouble.BACKUPS] = words.format(n=len(missing))
        return found
    waits = [place for place in places if place.had_at is None and place.channel.key not in row.behind]
    most_left = min((sizes.get(key, 0) for key in row.behind), default=0)
    if row.handle and not waits and not row.new_chats and most_left * 100 >= row.most * NEARLY_PERCENT:
        words = _("最后一个群已有 {size} 人（上限 {most}），后面没有群了，请加上下一个群。")
        found[Code.Trouble.FULL] = words.format(size=most_left, most=row.most)
    if row.turn_on is not None and today >= row.turn_on and not waits:
        found[Code.Trouble.DAY] = _("换群日期到了，但后面没有等候的群。")
    return found


def _spot(row: Code, place: CodePlace, sizes: Mapping[str, int]) -> Spot:
    key = place.channel.key
    if key in row.behind:
        mark, word = "ok", _("在用")
    elif place.had_at is not None:
        mark, word = "", _("已换下")
    else:
        mark, word = "scheduled", _("等候")
    return Spot(place.channel, sizes.get(key), mark, word)
