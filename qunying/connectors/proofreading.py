"""What whoever writes a message should look at once more before it goes out: its links, and whom it mentions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from qunying.brands.models import Brand
from qunying.communities.models import Membership
from qunying.kit.errors import Invalid
from qunying.kit.safe_hosts import look_outside
from qunying.outbox.queries import short

REST = r"[^\s<>\"“”‘’「」《》（）【】，。；、！？]"
LINK = re.compile(rf"(?<![A-Za-z0-9])(?:https?://{REST}*|www\.{REST}+)", re.IGNORECASE)
MENTION = re.compile(r"(?<![A-Za-z0-9._%+\-/@])@(?!@)([^\n@]{1,60})")
END = re.compile(r"[\s,.!?:;，。！？：；、()（）<>《》\"“”]")
EVERYBODY = ("所有人", "全体成员", "all", "everyone", "here", "channel", "room")
SHOWN = 40
"""Signs of a link or a name that a note shows."""
MOST = 20
"""So many notes on links, and mentions that are looked for: whoever wrote more has enough to look at."""


def links(text: str) -> list[str]:
    """The links as they stand in the words, without the stops that end a sentence."""
    return [found.rstrip(".,;:!?)]}'") for found in LINK.findall(text)]


def link_notes(text: str) -> list[str]:
    """What is odd about each link, in their order; of one that stands there twice also that."""
    times = Counter(links(text))
    return [note for link, count in times.items() for note in _about(link, count)][:MOST]


def _about(link: str, count: int) -> Iterator[str]:
    told = {"link": short(link, SHOWN)}
    if "://" not in link:
        yield _("链接“{link}”没有写 https://，有的平台点不开。").format(**told)
    else:
        yield from _about_place(link, told)
    if count > 1:
        yield _("链接“{link}”出现了 {n} 次。").format(**told, n=count)


def _about_place(link: str, told: Mapping[str, str]) -> Iterator[str]:
    try:
        look_outside(link)
    except Invalid as error:
        words = {
            "kit.inside": _("链接“{link}”在内部网络里，群成员打不开。"),
            "kit.strange_port": _("链接“{link}”的端口不常用，有的平台会拦。"),
        }.get(error.code, _("链接“{link}”读不懂，请检查有没有写错。"))
        yield words.format(**told)
        return
    if urlsplit(link).scheme.lower() != "https":
        yield _("链接“{link}”不是 https，有的平台会拦或提示不安全。").format(**told)


def mentions(text: str) -> list[str]:
    """What follows each “@” up to the end of its line: names may hold spaces, and no space need come after one."""
    return list(dict.fromkeys(found.strip() for found in MENTION.findall(text) if found.strip()))


def mention_notes(brand: Brand, communities: Collection[int], text: str) -> dict[int, list[str]]:
    """Community → whom the words call there in vain: everybody, which no platform does for words alone, and names that
    nobody who is there has."""
    found = mentions(text)[:MOST]
    everybody = [each for each in found if _calls_everybody(each)]
    people = [each for each in found if each not in everybody]
    shared = [_("“@{name}”只作为文字发出，不会提醒全群。").format(name=_shown(each)) for each in everybody]
    notes = {place: list(shared) for place in communities}
    for each in people:
        known = _where(brand, communities, each)
        words = _("没有查到叫“{name}”的群成员，请核对“@”后面的名字。").format(name=_shown(each))
        for place in communities:
            notes[place] += [] if place in known else [words]
    return notes


def _calls_everybody(mention: str) -> bool:
    """Words in Chinese may go on without a space."""
    return _shown(mention).lower() in EVERYBODY or mention.startswith(("所有人", "全体成员"))


def _shown(mention: str) -> str:
    return short(END.split(mention, maxsplit=1)[0] or mention, SHOWN)


def _where(brand: Brand, communities: Collection[int], mention: str) -> set[int]:
    """In which of the communities somebody is whose name, or other name of their account, the words begin with."""
    names = [mention[:length].rstrip() for length in range(1, len(mention) + 1)]
    alias = _shown(mention)
    rows = Membership.objects.filter(brand=brand, community__in=communities, spells__left_at=None)
    rows = rows.alias(others=Cast("member__identities__aliases", TextField()))
    is_called = Q(member__name__in=names) | Q(member__identities__name__in=names)
    for written in {json.dumps(alias), f'"{alias}"'}:  # databases spell what is not ASCII in their own way
        is_called |= Q(others__contains=written)
    return set(rows.filter(is_called).values_list("community", flat=True))
