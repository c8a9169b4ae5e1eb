"""The shapes of the API's answers."""

from __future__ import annotations

import datetime as dt

from ninja import Field, Schema

MOST_VERSIONS = 1_000_000


class BrandOut(Schema):
    slug: str
    name: str
    zone: str
    role: str
    scopes: list[str]


class ColleagueOut(Schema):
    """`communities` is the data scope, null for all of them."""

    id: int
    name: str
    login: str
    role: str
    role_label: str
    communities: list[int] | None
    appointed_at: dt.datetime


class RoleOut(Schema):
    key: str
    label: str
    may: list[str]


class PermissionOut(Schema):
    key: str
    label: str


class StaffOut(Schema):
    items: list[ColleagueOut]
    roles: list[RoleOut]
    permissions: list[PermissionOut]


class SettingOut(Schema):
    key: str
    label: str
    hint: str
    value: bool | int | str


class SettingsOut(Schema):
    name: str
    zone: str
    items: list[SettingOut]


class CommunityOut(Schema):
    id: int
    name: str
    kind: str
    level: str
    parent: int | None
    platform: str
    is_test: bool
    covered_from: str | None
    covered_to: str | None


class CommunitiesOut(Schema):
    items: list[CommunityOut]


class HolderOut(Schema):
    id: int
    name: str


class TurnOut(Schema):
    """`staff` holds it, null where nobody does that day; `planned` is whose it is in other weeks."""

    shift: int
    community: int | None
    on: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    staff: HolderOut | None
    planned: HolderOut


class GapOut(Schema):
    community: int | None
    on: dt.date
    hours: str


class RosterOut(Schema):
    zone: str
    turns: list[TurnOut]
    gaps: list[GapOut]


class MemberOut(Schema):
    """`name` and `attributes` are masked or left out unless the token carries members.personal; phones, mails and the
    like are masked unless posted for with a reason."""

    id: int
    name: str
    is_bot: bool
    attributes: dict[str, str]


class MembersOut(Schema):
    items: list[MemberOut]
    next: str | None


class StayOut(Schema):
    community: int
    joined_at: dt.datetime | None
    left_at: dt.datetime | None
    source: str
    is_asserted: bool


class StageOut(Schema):
    community: int
    stage: str
    on: str


class AccountOut(Schema):
    scheme: str
    value: str
    name: str


class CardOut(MemberOut):
    communities: list[int]
    tags: list[str]
    stages: list[StageOut]
    stays: list[StayOut]
    accounts: list[AccountOut]


class MomentOut(Schema):
    """What a member did in a community; alike acts of one day are one line, at the latest of them."""

    at: dt.datetime
    kind: str
    label: str
    community: int
    times: int


class TimelineOut(Schema):
    items: list[MomentOut]
    next: str | None


class RuleOut(Schema):
    """One rule of the order: its stage, what it asks, what was found; `holds` for the one that decided."""

    stage: str
    label: str
    asks: str
    found: str
    holds: bool


class CoreOut(Schema):
    """Appointed to the core, or (`is_appointed` false) nominated for it."""

    is_appointed: bool
    from_on: dt.date | None
    by: str | None


class ReasonOut(Schema):
    """A stage and why; `ahead` says what would change it, `next_on` when it is judged again."""

    community: int
    stage: str
    label: str
    is_highly_active: bool
    rules: list[RuleOut]
    ahead: list[str]
    next_on: dt.date
    core: CoreOut | None


class ReasonsOut(Schema):
    items: list[ReasonOut]


class WordOut(Schema):
    """One line of the ledger of consents. Where `counts` is false it was said while merged with somebody else."""

    purpose: str
    given: bool
    version: int | None
    via: str
    at: dt.datetime
    recorded_at: dt.datetime
    by: str | None
    counts: bool


class ConsentsOut(Schema):
    """`standing` is the word by purpose; a purpose nobody spoke of is left out. `why_not` is empty where marketing may
    be sent."""

    standing: dict[str, bool]
    may_be_sent_marketing: bool
    why_not: str
    opted_out: bool
    items: list[WordOut]


class SaidIn(Schema):
    """A yes to `version` of the purpose's text, or (`given` false) a no. `at` is when it was said, now if left out."""

    purpose: str
    given: bool
    version: int = Field(default=0, ge=0, le=MOST_VERSIONS)
    via: str = "page"
    at: dt.datetime | None = None
    evidence: str = ""


class ChangeOut(Schema):
    """A change of what a metric means, and the version it made."""

    version: int
    on: str
    text: str
    effect: str


class MetricOut(Schema):
    key: str
    label: str
    unit: str
    window: str
    version: int
    changes: list[ChangeOut]
    formula: str


class MetricsOut(Schema):
    items: list[MetricOut]


class StepOut(Schema):
    """One step of a series; `from` and `to` are local days, both included."""

    value: float | int | None
    numerator: int | None
    denominator: int | None
    state: str
    reason: str
    partial: bool
    missing: list[str]


class DayOut(Schema):
    day: str
    value: float | None


class ReadingsOut(Schema):
    metric: str
    community: int | None
    everybody: bool
    days: list[DayOut]


class CellOut(Schema):
    """`people` stands only in answers that were asked for it; null where the cell's days have not ended."""

    active: int | None
    size: int
    share: float | None
    people: list[int] | None = None


class CohortOut(Schema):
    first: str
    last: str
    size: int
    cells: list[CellOut]


class TriangleOut(Schema):
    by: str
    step: str
    variant: str
    everybody: bool
    rows: list[CohortOut]


class AudienceOut(Schema):
    id: int
    name: str
    size: int
    as_of_on: dt.date
    community: int | None
    created_at: dt.datetime


class AudiencesOut(Schema):
    items: list[AudienceOut]
    next: str | None


class ImportOut(Schema):
    id: int
    name: str
    state: str
    created_at: dt.datetime
    keep_until: dt.datetime | None
    job: int | None


class ImportsOut(Schema):
    items: list[ImportOut]
    next: str | None


class JobOut(Schema):
    id: int
    kind: str
    state: str
    done: int
    total: int
    created_at: dt.datetime
    finished_at: dt.datetime | None
    error: str


class JobsOut(Schema):
    items: list[JobOut]
    next: str | None


class FindingOut(Schema):
    id: int
    detector: str
    community: int | None
    severity: int
    opened_on: dt.date
    last_seen_on: dt.date
    closed_on: dt.date | None
    size: int
    is_dismissed: bool
    evidence: dict[str, object]


class FindingsOut(Schema):
    items: list[FindingOut]
    next: str | None


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    details: dict[str, str | int | float | bool | None]
