"""Two brands alike to the last name and number, and what every address of the product needs to be asked of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from pyroaring import BitMap

from qunying.audiences.actions import Source, save_audience
from qunying.audiences.models import Appointment
from qunying.brands import actions as brands
from qunying.brands.access import OPEN, SIGNED_IN, Route
from qunying.brands.models import Account, ApiToken, Brand, Staff
from qunying.brands.roles import PERMISSIONS, ROLES
from qunying.communities.actions import find_community
from qunying.communities.models import Community, Membership
from qunying.connectors import actions as imports
from qunying.connectors import counting, drafts
from qunying.connectors.actions import connect
from qunying.connectors.incoming import Options
from qunying.connectors.models import Connection, ImportBatch
from qunying.jobs import actions as jobs
from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.members.actions import merge, tag_many
from qunying.members.models import Member, Merge
from qunying.urls import address
from tests.communities.world import a_shift
from tests.connectors.world import a_code, a_push, a_welcome
from tests.members.world import an_opt_out
from tests.outbox.world import a_draft, a_picture, a_sampling, a_sending, a_stop, a_todo
from tests.webhooks.world import a_delivery, a_webhook

AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
API = "api/v1/"
HISTORY = """platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text
qq,1,茶友群,,2026-03-01 09:00,u1,阿青,join,
qq,1,茶友群,,2026-03-01 09:01,u2,小周,join,
qq,1,茶友群,,2026-03-01 09:02,u3,阿青,join,
qq,1,茶友群,m1,2026-03-02 10:00,u1,阿青,message,今天喝什么？
qq,1,茶友群,m2,2026-03-02 10:05,u2,小周,message,喝岩茶
qq,1,茶友群,m3,2026-03-04 20:00,u1,阿青,message,明天见
"""


@dataclass
class House:
    """One brand with one of everything. `limited` is an operator of the empty second community only."""

    brand: Brand
    owner: Account
    first: Staff
    limited: Account
    by_role: dict[str, Account]
    community: Community
    members: list[Member]
    merge: Merge
    batch: ImportBatch
    export: Job
    waiting: Job
    colleague: Staff
    audience: Any
    token: ApiToken
    tokens: dict[str, str] = field(default_factory=dict)

    def finding(self) -> int:
        """The brand's only diagnosis, made when asked for."""
        at = AT.date()
        shape = {"severity": 1, "opened_on": at, "last_seen_on": at, "members": BitMap().serialize()}
        detector = catalog.collect("detectors")[0]
        told = {name: 1 for _text, name, _spec, _how in Formatter().parse(str(detector.sentence)) if name}
        return self.row("diagnosis.Finding", **shape, detector=detector.key, evidence=told)

    def advice(self) -> int:
        model = apps.get_model("playbooks.Advice")
        return int(model.objects.get_or_create(finding_id=self.finding(), playbook=PLAYBOOK, rank=1)[0].pk)

    def run(self) -> int:
        days = {"started_on": AT.date(), "review_on": AT.date()}
        return self.row("playbooks.Run", playbook=PLAYBOOK, created_at=AT, **days)

    def draft(self) -> str:
        """A fresh upload of the owner's, since some addresses throw it away."""
        staff = Staff.objects.select_related("brand").get(brand=self.brand, account=self.owner)
        fresh = drafts.open_draft(staff, [SimpleUploadedFile("茶友群.csv", HISTORY.encode())])
        counting.begin(fresh, staff=staff, at=AT)
        return fresh.token

    def connection(self) -> int:
        """The brand's only platform connection, made when asked for."""
        found = Connection.objects.filter(brand=self.brand).first()
        keys, by = {"token": "99:a-secret-of-the-bot"}, self.first
        made = found or connect(self.brand, connector_key="telegram", name="机器人", keys=keys, at=AT, by=by)
        return int(made.pk)

    def row(self, label: str, **shape: object) -> int:
        """The brand's only row of a model, made when asked for."""
        model = apps.get_model(label)
        found = model._default_manager.filter(brand=self.brand).first()
        return int(
            (found or model._default_manager.create(brand=self.brand, community=self.community, **shape)).pk
        )

    def appointment(self) -> int:
        """Of somebody of the first community."""
        held = Membership.objects.filter(community=self.community).order_by("pk")[0]
        return Appointment.objects.get_or_create(membership=held, defaults={"from_on": AT.date()})[0].pk


DAY = 20_514
PLAYBOOK = "checkin.week"
PERIOD: dict[str, Any] = {"first": DAY, "last": DAY + 6, "created_at": AT}


def build(slug: str, folder: Path) -> House:
    """A brand that differs from its twin in nothing but its slug and the logins."""
    owner = account_of(f"{slug}-chief")
    brand = brands.open_brand("茶", at=AT, slug=slug)
    first = brands.appoint(brand, account=owner, role="owner", at=AT, by=None)
    for stranger in Staff.objects.filter(brand=brand).exclude(account=owner):
        brands.dismiss(stranger, at=AT, by=first)
    batch = take_in(brand, folder / slug, first)
    community = Community.objects.get(brand=brand)
    members = list(Member.objects.filter(brand=brand).order_by("pk"))
    tag_many(brand, name="老客", members=[members[0].pk], origin="手工", at=AT, by=first)
    by_role = {role.key: account_of(f"{slug}-{role.key}") for role in ROLES}
    staffed = {
        key: brands.appoint(brand, account=one, role=key, at=AT, by=first) for key, one in by_role.items()
    }
    narrow = narrow_of(brand, first, account_of(f"{slug}-limited"))
    house = House(
        brand=brand,
        owner=owner,
        first=first,
        limited=narrow.account,
        by_role=by_role,
        community=community,
        members=members,
        merge=merge(members[0], member=members[2], evidence="同名", at=AT, by=first),
        batch=batch,
        export=finished(imports.order_export(community, reason="备份", at=AT, by=first)),
        waiting=imports.order_export(community, reason="备份", at=AT, by=first),
        colleague=staffed["support"],
        audience=saved_of(brand, members[:2], first),
        token=ApiToken(),
    )
    give_tokens(house, narrow)
    return house


def account_of(login: str) -> Account:
    return brands.open_account(login, password="x" * 12, at=AT, name="同名")


def take_in(brand: Brand, folder: Path, by: Staff) -> ImportBatch:
    path = folder / "茶友群.csv"
    path.parent.mkdir(parents=True)
    path.write_text(HISTORY)
    return imports.take_files(brand, [path], order=imports.Order(Options()), at=AT, by=by)[0]


def narrow_of(brand: Brand, by: Staff, account: Account) -> Staff:
    second = find_community(brand, name="另一个群", at=AT)
    return brands.appoint(brand, account=account, role="operator", at=AT, by=by, reach=[second.pk])


def finished(job: Job) -> Job:
    jobs.run_job.call(job.pk)
    return Job.objects.get(pk=job.pk)


def saved_of(brand: Brand, members: list[Member], by: Staff) -> Any:
    people, source = BitMap([member.bit for member in members]), Source("rule", {})
    return save_audience(brand, name="老客", people=people, source=source, as_of_on=AT.date(), at=AT, by=by)


def give_tokens(house: House, narrow: Staff) -> None:
    """One token with every permission, one with none, one of the colleague with the narrow data scope."""
    for name, staff, scopes in (
        ("all", house.first, list(PERMISSIONS)),
        ("none", house.first, []),
        ("narrow", narrow, [key for key in PERMISSIONS if narrow.may(key)]),
    ):
        house.tokens[name] = brands.issue_token(staff, name=name, scopes=scopes, at=AT)
    house.token = ApiToken.objects.filter(staff__brand=house.brand).order_by("pk")[0]


Value = Callable[[House], object]


@dataclass(frozen=True)
class Argument:
    """What stands in an address: something of a brand, or (`is_ours` False) a word that means the same to all.
    `is_scoped`: a colleague whose data scope does not hold it must not find it."""

    of: Value
    is_ours: bool = True
    is_scoped: bool = True


def word(text: str) -> Argument:
    return Argument(lambda _house: text, is_ours=False, is_scoped=False)


ARGUMENTS: dict[str, Argument] = {
    "jobs/<int:pk>": Argument(lambda house: house.waiting.pk),
    "staff/<int:pk>": Argument(lambda house: house.colleague.pk, is_scoped=False),
    "settings/tokens/<int:pk>": Argument(lambda house: house.token.pk, is_scoped=False),
    "imports/<int:pk>": Argument(lambda house: house.batch.pk),
    "imports/exports/<int:pk>": Argument(lambda house: house.export.pk),
    "imports/drafts/<str:token>": Argument(lambda house: house.draft()),
    "imports/templates/<str:key>": word("members"),
    "communities/<int:pk>": Argument(lambda house: house.community.pk),
    "roster/shifts/<int:pk>": Argument(lambda house: a_shift(house.first, house.community).pk),
    "members/<int:pk>": Argument(lambda house: house.members[1].pk),
    "members/<int:pk>/<slug:name>": word("history"),
    "merges/<int:pk>": Argument(lambda house: house.merge.pk),
    "appointments/<int:pk>": Argument(lambda house: house.appointment()),
    "opt-outs/<int:pk>": Argument(lambda house: an_opt_out(house.first, house.members[1])),
    "audiences/<int:pk>": Argument(lambda house: house.audience.pk, is_scoped=False),
    "metrics/<str:key>": word("dau"),
    "todos/<int:pk>": Argument(lambda house: a_todo(house.first, house.community).pk),
    "samplings/<int:pk>": Argument(lambda house: a_sampling(house.first, house.community).pk),
    "sendings/<int:pk>": Argument(lambda house: a_sending(house.first, house.community).pk),
    "sendings/<int:pk>/pictures/<int:place>": word("1"),
    "sendings/pictures/<int:pk>": Argument(lambda house: a_picture(house.first)),
    "stops/<int:pk>": Argument(lambda house: a_stop(house.first, house.community).pk),
    "drafts/<int:pk>": Argument(lambda house: a_draft(house.first, house.community).pk),
    "s/<str:token>": word("nothing"),
    "hooks/<str:door>": word("nothing"),
    "webhooks/<int:pk>": Argument(lambda house: a_webhook(house.first).pk),
    "deliveries/<int:pk>": Argument(lambda house: a_delivery(house.first).pk),
    "connections/new/<slug:key>": word("telegram"),
    "connections/<int:pk>": Argument(lambda house: house.connection()),
    "connections/<int:pk>/welcomes/<int:welcome>": Argument(lambda house: a_welcome(house.connection())),
    "connections/<int:pk>/codes/<int:code>": Argument(lambda house: a_code(house.connection())),
    "connections/<int:pk>/codes/new/<slug:kind>": word("group"),
    "hooks/<str:door>/<path:rest>": word("transactions/1"),
    "report/comments/<int:pk>": Argument(
        lambda house: house.row("metrics.Comment", **PERIOD, author=house.first, text="很好")
    ),
    "report/shares/<int:pk>": Argument(
        lambda house: house.row(
            "metrics.Share", **PERIOD, token=house.brand.slug, expires_at=AT, created_by=house.first
        )
    ),
    "findings/<int:pk>": Argument(lambda house: house.finding()),
    "advice/<int:pk>": Argument(lambda house: house.advice()),
    "runs/<int:pk>": Argument(lambda house: house.run()),
    f"{API}brands/<slug:brand>": Argument(lambda house: house.brand.slug, is_scoped=False),
    f"{API}brands/<slug:brand>/communities/<int:community_id>": Argument(lambda house: house.community.pk),
    f"{API}brands/<slug:brand>/members/<int:member_id>": Argument(lambda house: house.members[1].pk),
    f"{API}brands/<slug:brand>/metrics/<str:key>": word("dau"),
    f"{API}brands/<slug:brand>/audiences/<int:audience_id>": Argument(lambda house: house.audience.pk),
    f"{API}brands/<slug:brand>/findings/<int:finding_id>": Argument(lambda house: house.finding()),
    f"{API}brands/<slug:brand>/runs/<int:run_id>": Argument(lambda house: house.run()),
    f"{API}brands/<slug:brand>/imports/<int:import_id>": Argument(lambda house: house.batch.pk),
    f"{API}brands/<slug:brand>/jobs/<int:job_id>": Argument(lambda house: house.waiting.pk),
    f"{API}imports/<str:session>": Argument(lambda house: a_push(house.first)),
}
"""What to put into an address, by its beginning up to and with the placeholder."""
SIGNED_BY_SENDER = {"hook", "hook_below"}
"""Addresses where a platform's signature stands for the form token of a page."""
NEEDED: dict[str, str] = {"people": "?metric=dau&on=2026-03-02", "api_readings": "?metric=dau"}
"""What an address cannot be opened without."""
PLACEHOLDER = re.compile(r"<(\w+):(\w+)>")


def arguments(route: Route) -> list[Argument]:
    """What the route's placeholders take. KeyError for one that ARGUMENTS does not know: then add it there."""
    return [ARGUMENTS[route.path[: found.end()]] for found in PLACEHOLDER.finditer(route.path)]


def url(route: Route, brand: Brand, objects: House, *, api_brand: Brand | None = None) -> str:
    """The route's address within `brand` about things of `objects`."""
    path = address(route).replace("<slug:brand>", (api_brand or brand).slug)
    for found in PLACEHOLDER.finditer(route.path):
        if found[2] != "brand":
            path = path.replace(found[0], str(ARGUMENTS[route.path[: found.end()]].of(objects)), 1)
    return f"/{path}{NEEDED.get(route.name, '')}"


def routes() -> list[Route]:
    found: list[Route] = list(catalog.collect("routes"))
    return found


def is_api(route: Route) -> bool:
    return route.path.startswith(API) and route.name != "openapi"


def needed(route: Route) -> str:
    """The permission the route or operation asks for; "" where every colleague or token may."""
    if is_api(route):
        from qunying.api.operations import OPERATIONS

        return next(operation.may for operation in OPERATIONS if operation.name == route.name)
    return "" if route.may in (OPEN, SIGNED_IN) else route.may


def lacking(permission: str) -> str:
    """A role without the permission, "" where everybody has it."""
    return next((role.key for role in ROLES if permission not in role.may), "")


@cache
def tables() -> tuple[type[Model], ...]:
    """Every table of ours and the tasks'; not the counter of API calls, which counts refused calls too."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("qunying.")]
    tasks = list(apps.get_app_config("django_tasks_database").get_models())
    return tuple(model for model in [*ours, *tasks] if model._meta.label != "api.Window")


def dump() -> dict[str, list[tuple[str, ...]]]:
    """Everything that is written, row by row."""
    found = {}
    with connection.cursor() as cursor:
        for model in tables():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found[model._meta.label] = sorted(tuple(map(plain, row)) for row in cursor.fetchall())
    return found


def plain(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def dump_of(brand: Brand) -> dict[str, list[tuple[str, ...]]]:
    """The rows of one brand."""
    found = {}
    for model in tables():
        path = way_to_brand(model)
        if path:
            rows = model._default_manager.filter(**{path: brand.pk}).values_list()
            found[model._meta.label] = sorted(tuple(map(plain, row)) for row in rows)
    return found


def way_to_brand(model: type[Model], depth: int = 3) -> str:
    """The lookup from a table to its brand, "" for one that belongs to none."""
    if model is Brand:
        return "pk"
    names = {one.name: one for one in model._meta.get_fields() if getattr(one, "column", None)}
    if "brand" in names:
        return "brand"
    for name, one in names.items():
        other = getattr(one, "related_model", None)
        if (
            depth
            and isinstance(other, type)
            and other is not model
            and (rest := way_to_brand(other, depth - 1))
        ):
            return f"{name}__{rest}"
    return ""


def strange(house: House) -> Mapping[str, object]:
    """A form in which every field that may name something names something of `house`."""
    member, community = house.members[0].pk, house.community.pk
    return {
        **dict.fromkeys(("community", "communities", "c", "parent", "place"), community),
        **dict.fromkeys(("member", "members", "ids", "other", "root", "person"), member),
        **dict.fromkeys(("audience", "audiences", "first", "second"), house.audience.pk),
        **dict.fromkeys(("batch", "import"), house.batch.pk),
        "job": house.waiting.pk,
        "staff": house.colleague.pk,
        "account": house.colleague.account_id,
        "token": house.token.pk,
        "merge": house.merge.pk,
        "finding": house.finding(),
        **dict.fromkeys(("name", "tag"), "新名字"),
        "word": "撤销",
        "role": "operator",
        "scope": "chosen",
        "how": "or",
        "login": "newcomer",
        "state": "done",
        "basis": "1",
        "format": "members",
        "zone": "Asia/Shanghai",
        "metric": "dau",
        "on": "2026-03-02",
        "value": "x",
        "field": "kind",
        "kind": "camp",
        "scopes": "numbers.read",
    }
