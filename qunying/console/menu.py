"""The console's menu: what apps declare, in the order of the operator's day, for what the staff member may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from qunying.brands.addresses import page
from qunying.brands.models import Staff
from qunying.kit import catalog
from qunying.kit.menu import Item as Item  # noqa: PLC0414  # apps may take it from here
from qunying.kit.refusals import Text

SECTIONS: tuple[tuple[str, Text], ...] = (
    ("today", _("总览")),
    ("people", _("群成员")),
    ("improve", _("诊断与改进")),
    ("data", _("数据")),
    ("settings", _("设置")),
)


MENU = (
    Item(
        "today",
        _("今日待办"),
        "circle-check",
        "today",
        "tasks.do",
        15,
        also=("todos/", "drafts/"),
    ),
)


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it, in the reader's language; `count` is how many things wait behind it."""

    label: str
    icon: str
    url: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True)
class Section:
    label: Text
    items: Sequence[Shown]


def menu(
    staff: Staff,
    *,
    path: str,
    given: Mapping[str, str] | None = None,
    counts: Mapping[str, int] | None = None,
) -> list[Section]:
    """The sections with what this staff member may open; the entry whose address is the longest start of `path`
    is current; the brand's own address, with which every path begins, only when it is `path` itself. `counts` say how
    many things wait behind a route."""
    mine = [item for item in catalog.collect("menu") if staff.may(item.may)]
    urls = {item.route: page(item.route, staff.brand.slug) for item in mine}
    home = page("dashboard", staff.brand.slug)
    homes = {home + below: item.route for item in mine for below in item.also}
    homes |= {url: route for route, url in urls.items()}
    fitting = [url for url in homes if path.startswith(url) and (url != home or path == home)]
    current = homes[max(fitting, key=len)] if fitting else ""
    sections = []
    for key, label in SECTIONS:
        items = sorted((item for item in mine if item.section == key), key=lambda item: item.order)
        shown = [
            Shown(
                str(item.label),
                item.icon,
                urls[item.route] + _kept(item, given or {}),
                item.route == current,
                (counts or {}).get(item.route, 0),
            )
            for item in items
        ]
        if shown:
            sections.append(Section(label, shown))
    return sections


def _kept(item: Item, given: Mapping[str, str]) -> str:
    """What goes along of the address one comes from."""
    query = urlencode({name: given[name] for name in item.keeps if given.get(name)})
    return f"?{query}" if query else ""


def shortcuts(staff: Staff) -> list[Shown]:
    """What this staff member may do from the palette, in floor order."""
    slug = staff.brand.slug
    return [
        Shown(str(entry.label), entry.icon, page(entry.route, slug), is_current=False)
        for entry in catalog.collect("shortcuts")
        if staff.may(entry.may)
    ]
