"""平台接入: which platforms are connected, how each of them is, and what came that could not be read."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.brands.staffing import of_brand
from qunying.communities import queries as communities
from qunying.communities.models import Channel, Community
from qunying.connectors import actions, health, queries, welcoming
from qunying.connectors.abilities import side_by_side
from qunying.connectors.connect_forms import ConnectForm
from qunying.connectors.doorway import PATH
from qunying.connectors.limits import STALE_DAYS, table
from qunying.connectors.live.connector import Connector
from qunying.connectors.models import Connection
from qunying.connectors.signs import signs
from qunying.connectors.texts import clean
from qunying.jobs.actions import database_now
from qunying.jobs.queries import card
from qunying.kit import catalog, days
from qunying.kit.errors import QunyingError

PAGE = 25
LABELS = (
    gettext_lazy("最近 7 天"),
    gettext_lazy("最近 30 天"),
    gettext_lazy("最近 90 天"),
    gettext_lazy("最近一年"),
    gettext_lazy("全部"),
)
SPANS = tuple(zip(actions.DAYS, LABELS, strict=True))
"""How far back history is filled in."""


def connections(request: BrandRequest) -> HttpResponse:
    context = {
        "rows": [health.line(row) for row in queries.connections(request.staff)],
        "kinds": catalog.collect("live"),
        "may_edit": request.staff.may("connections.edit"),
    }
    return render(request, "connectors/connections.html", context)


def abilities(request: BrandRequest) -> HttpResponse:
    """What each platform lets us do, side by side and one at a time."""
    kinds = catalog.collect("live")
    one = next((kind for kind in kinds if kind.key == request.GET.get("kind")), kinds[0])
    tabs = [
        {"label": kind.label, "url": f"?kind={kind.key}#one", "is_current": kind is one, "count": None}
        for kind in kinds
    ]
    sections, own = side_by_side(kinds), side_by_side([one])
    context = {"kinds": kinds, "sections": sections, "one": one, "own": own, "tabs": tabs}
    return render(request, "connectors/abilities.html", context)


def limits(request: BrandRequest) -> HttpResponse:
    """What each platform limits, of all or of one."""
    kinds = catalog.collect("live")
    one = next((kind for kind in kinds if kind.key == request.GET.get("kind")), None)
    tabs = [{"label": _("全部"), "url": "?", "is_current": one is None, "count": None}]
    tabs += [
        {"label": kind.label, "url": f"?kind={kind.key}", "is_current": kind is one, "count": None}
        for kind in kinds
    ]
    today = days.date(request.brand.today(now()))
    tables = [(kind, table(kind, today=today)) for kind in ([one] if one else kinds)]
    old = sum(row.is_old for _kind, rows in tables for row in rows)
    context = {"tables": tables, "tabs": tabs, "days": STALE_DAYS, "old": old}
    return render(request, "connectors/limits.html", context)


def connect(request: BrandRequest, key: str) -> HttpResponse:
    """The set-up form of one platform."""
    queries.connections(request.staff)
    kind = queries.connector(key)
    form = ConnectForm(kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _connected(request, key, form)
        if made is not None:
            messages.success(request, _("已接入“%(name)s”。") % {"name": made.name})
            return redirect("connection", brand=request.brand.slug, pk=made.pk)
    return render(request, "connectors/connect.html", {"form": form, "kind": kind})


def _connected(request: BrandRequest, key: str, form: ConnectForm) -> Connection | None:
    """The new connection; None when it is refused, and then the form says why."""
    name = form.cleaned_data["called"]
    try:
        return actions.connect(
            request.brand, connector_key=key, name=name, keys=form.keys, at=now(), by=request.staff
        )
    except QunyingError as error:
        form.refuse(error)
        return None


@never_cache
def connection(request: BrandRequest, pk: int) -> HttpResponse:
    """One connection: address, health, groups, and what came through it."""
    row = queries.connection(request.staff, pk)
    return _shown(request, row, checks=())


@never_cache  # it may show a file with secrets
@require_POST
def check(request: BrandRequest, pk: int) -> HttpResponse:
    """The same page with the platform's own word on the keys, and what to give the platform where it lacks that."""
    row = queries.connection(request.staff, pk)
    kind, line = queries.connector(row.connector), actions.wire_of(row)
    checks = list(kind.check(line))
    is_lacking = kind.setup_file is not None and not all(each.is_good for each in checks)
    address = _address(request, row, kind)
    file = kind.setup_file(line.keys, address, row.hook) if kind.setup_file and is_lacking else ""
    return _shown(request, row, checks=checks, file=file)


def _shown(request: BrandRequest, row: Connection, **told: object) -> HttpResponse:
    kind = queries.connector(row.connector)
    state = request.GET.get("state", "")
    context = {
        **_standing(row, kind),
        "row": row,
        "kind": kind,
        "fields": [(field, row.settings.get(field.name, "")) for field in kind.fields],
        "address": _address(request, row, kind),
        "places": communities.visible(request.staff).filter(level="community").order_by("name"),
        "seats": queries.seats(row),
        "colleagues": Staff.objects.filter(brand=request.brand, is_active=True).select_related("account"),
        "page": Paginator(queries.raw(row, state), PAGE).get_page(request.GET.get("page")),
        "state": state,
        "welcomes": welcoming.shown(row, at=now()) if kind.greets else None,
        **told,
        "may_edit": request.staff.may("connections.edit"),
    }
    return render(request, "connectors/connection.html", context)


def _standing(row: Connection, kind: Connector) -> dict[str, object]:
    """How the connection is, what it may do, and how filling in its history goes."""
    job = queries.history_job(row)
    return {
        "line": health.line(row),
        "signs": signs(row, kind, now=now()),
        "abilities": health.abilities(kind),
        "held": queries.held(row),
        "has_history": kind.history is not None,
        "spans": SPANS,
        "digging": card(job, row.brand.slug) if job else None,
    }


def _address(request: BrandRequest, row: Connection, kind: Connector) -> str:
    """What the other side has to know, for requests or for sockets; behind TLS both go by the same host."""
    if kind.hook:
        return request.build_absolute_uri(reverse("hook", args=[row.hook]))
    if not kind.admit or any(row.settings.get(name) for name in kind.homes):
        return ""
    host = f"wss://{request.get_host()}" if request.is_secure() else f"ws://{settings.SOCKETS}"
    return f"{host}{PATH}{row.hook}/"


@require_POST
def keys(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.connection(request.staff, pk)
    form = ConnectForm(queries.connector(row.connector), request.POST, known=row)
    if form.is_valid():
        actions.change_keys(row, keys=form.keys, at=now(), by=request.staff)
        messages.success(request, _("密钥已更换。"))
    else:
        messages.error(request, _("密钥没有更换：%(why)s") % {"why": form.why})
    return redirect("connection", brand=request.brand.slug, pk=pk)


@require_POST
def pause(request: BrandRequest, pk: int) -> HttpResponse:
    """Paused, or on again when `undo` is sent."""
    row = queries.connection(request.staff, pk)
    if request.POST.get("undo"):
        actions.go_on(row, at=now(), by=request.staff)
        messages.success(request, _("已恢复，会从停下的地方继续。"))
    else:
        actions.pause(row, at=now(), by=request.staff)
        messages.success(request, _("已暂停；平台推送来的数据仍会保存，恢复后读取。"))
    return redirect("connection", brand=request.brand.slug, pk=pk)


@require_POST
def tries(request: BrandRequest, pk: int) -> HttpResponse:
    """Do not wait until the next try comes by itself."""
    actions.try_now(queries.connection(request.staff, pk), at=now(), by=request.staff)
    messages.success(request, _("马上再试一次，几秒后刷新本页可看结果。"))
    return redirect("connection", brand=request.brand.slug, pk=pk)


@require_POST
def channels(request: BrandRequest, pk: int) -> HttpResponse:
    """Say to which community a group belongs."""
    row = queries.connection(request.staff, pk)
    chosen = request.POST.get("community", "")
    community = communities.one(request.staff, int(chosen)) if chosen.isdecimal() else None
    channel = _placed(request, row, community)
    told = {"group": str(channel), "community": channel.community.name}
    messages.success(request, _("“%(group)s”已归入社群“%(community)s”，之前收到的数据正在读取。") % told)
    return redirect("connection", brand=request.brand.slug, pk=pk)


def _placed(request: BrandRequest, row: Connection, community: Community | None) -> Channel:
    """The group heard of, or the one behind a robot, which only a person can name."""
    if queries.connector(row.connector).is_one_channel:
        name = clean(request.POST.get("name", ""))[:200] or row.name
        return actions.seat(row, chat="", name=name, community=community, at=now(), by=request.staff)
    chat = request.POST.get("chat", "")
    return actions.bind(row, chat=chat, community=community, at=now(), by=request.staff)


@require_POST
def backup(request: BrandRequest, pk: int) -> HttpResponse:
    """Say who stands in for the owner of a group."""
    row = queries.connection(request.staff, pk)
    seat, who = queries.seat(row, request.POST.get("seat", "")), request.POST.get("staff", "")
    chosen = of_brand(request.brand, int(who)) if who.isdecimal() else None
    actions.set_backup(seat, backup=chosen, at=now(), by=request.staff)
    messages.success(request, _("已保存。"))
    return redirect("connection", brand=request.brand.slug, pk=pk)


@require_POST
def history(request: BrandRequest, pk: int) -> HttpResponse:
    """Have history filled in."""
    row = queries.connection(request.staff, pk)
    back = request.POST.get("days", "")
    number = int(back) if back.isdecimal() and len(back) < 6 else 0
    actions.order_history(row, back=number, at=now(), by=request.staff)
    messages.success(request, _("已开始补取，进度在本页显示；可以随时暂停或停止。"))
    return redirect("connection", brand=request.brand.slug, pk=pk)


@require_POST
def replay(request: BrandRequest, pk: int) -> HttpResponse:
    """Read payloads again: the chosen one, or all that could not be read."""
    row = queries.connection(request.staff, pk)
    one = request.POST.get("inbound", "")
    rows = [int(one)] if one.isdecimal() else list(queries.unread(row).values_list("pk", flat=True))
    count = actions.replay(row, rows=rows, at=now(), by=request.staff)
    messages.success(request, _("%(n)s 条原始数据已重新排队读取。") % {"n": count})
    return redirect("connection", brand=request.brand.slug, pk=pk)


@never_cache
@require_POST
def raw(request: BrandRequest, pk: int) -> HttpResponse:
    """One payload as it came. It may name people, so looking is logged."""
    row = queries.connection(request.staff, pk)
    one = request.POST.get("inbound", "")
    body = actions.look_at(row, inbound=int(one) if one.isdecimal() else 0, at=now(), by=request.staff)
    return render(request, "connectors/raw.html", {"row": row, "number": one, "body": body})


def now() -> dt.datetime:
    return database_now()
