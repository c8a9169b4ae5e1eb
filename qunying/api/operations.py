"""Every operation of the API with the permission it needs; what is not listed does not exist. `POST /api/v1/facts` has
a door of its own (`connectors.ingest`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ninja import Schema

from qunying.api import (
    brand,
    consents,
    disclosing,
    people,
    places,
    push_schemas,
    pushes,
    report_schemas,
    reports,
    run_schemas,
    runs,
    schemas,
)


@dataclass(frozen=True)
class Operation:
    """One read, or with POST one deed. `path` is below /api/v1/; `may` is a permission, "" for any token; `body`
    describes what a deed takes, as OpenAPI does."""

    path: str
    view: Callable[..., object]
    name: str
    may: str
    answer: type[Schema] | None
    many: bool = False
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, object] = field(default_factory=dict)


OF_BRAND = "brands/{slug:brand}"
OPERATIONS = (
    Operation("brands", places.brands, "api_brands", "", schemas.BrandOut, many=True),
    Operation(f"{OF_BRAND}/staff", brand.staff, "api_staff", "staff.edit", schemas.StaffOut),
    Operation(f"{OF_BRAND}/settings", brand.settings, "api_settings", "brand.edit", schemas.SettingsOut),
    Operation(
        f"{OF_BRAND}/communities",
        places.communities,
        "api_communities",
        "numbers.read",
        schemas.CommunitiesOut,
    ),
    Operation(
        f"{OF_BRAND}/communities/{{int:community_id}}",
        places.community,
        "api_community",
        "numbers.read",
        schemas.CommunityOut,
    ),
    Operation(f"{OF_BRAND}/roster", places.roster, "api_roster", "roster.read", schemas.RosterOut),
    Operation(f"{OF_BRAND}/members", people.members, "api_members", "members.read", schemas.MembersOut),
    Operation(
        f"{OF_BRAND}/members/{{int:member_id}}", people.member, "api_member", "members.read", schemas.CardOut
    ),
    Operation(
        f"{OF_BRAND}/members/{{int:member_id}}/timeline",
        people.timeline,
        "api_member_timeline",
        "members.read",
        schemas.TimelineOut,
    ),
    Operation(
        f"{OF_BRAND}/members/{{int:member_id}}/stages",
        people.stages,
        "api_member_stages",
        "members.read",
        schemas.ReasonsOut,
    ),
    Operation(
        f"{OF_BRAND}/members/{{int:member_id}}/consents",
        consents.consents,
        "api_consents",
        "members.read",
        schemas.ConsentsOut,
    ),
    Operation(
        f"{OF_BRAND}/members/{{int:member_id}}/consents",
        consents.say,
        "api_consent_said",
        "members.edit",
        schemas.ConsentsOut,
        method="POST",
    ),
    Operation(
        f"{OF_BRAND}/members/disclosures",
        disclosing.members,
        "api_members_disclosed",
        "members.personal",
        schemas.MembersOut,
        method="POST",
        body=disclosing.BODY,
    ),
    Operation(
        f"{OF_BRAND}/members/{{int:member_id}}/disclosures",
        disclosing.member,
        "api_member_disclosed",
        "members.personal",
        schemas.CardOut,
        method="POST",
        body=disclosing.BODY,
    ),
    Operation(f"{OF_BRAND}/metrics", places.metrics, "api_metrics", "numbers.read", schemas.MetricsOut),
    Operation(f"{OF_BRAND}/metrics/{{str:key}}", places.metric, "api_metric", "numbers.read", None),
    Operation(f"{OF_BRAND}/readings", places.readings, "api_readings", "numbers.read", schemas.ReadingsOut),
    Operation(
        f"{OF_BRAND}/retention", places.retention, "api_retention", "numbers.read", schemas.TriangleOut
    ),
    Operation(f"{OF_BRAND}/report", reports.report, "api_report", "numbers.read", None),
    Operation(f"{OF_BRAND}/daily", reports.daily, "api_daily", "numbers.read", report_schemas.DailyOut),
    Operation(
        f"{OF_BRAND}/audiences", people.audiences, "api_audiences", "members.read", schemas.AudiencesOut
    ),
    Operation(
        f"{OF_BRAND}/audiences/{{int:audience_id}}",
        people.audience,
        "api_audience",
        "members.read",
        schemas.AudienceOut,
    ),
    Operation(f"{OF_BRAND}/findings", places.findings, "api_findings", "advice.read", schemas.FindingsOut),
    Operation(
        f"{OF_BRAND}/findings/{{int:finding_id}}",
        places.finding,
        "api_finding",
        "advice.read",
        schemas.FindingOut,
    ),
    Operation(
        f"{OF_BRAND}/findings/{{int:finding_id}}/advice",
        runs.advice,
        "api_advice",
        "advice.read",
        run_schemas.AdvicesOut,
    ),
    Operation(f"{OF_BRAND}/runs", runs.runs, "api_runs", "advice.read", run_schemas.RunsOut),
    Operation(f"{OF_BRAND}/runs/{{int:run_id}}", runs.run, "api_run", "advice.read", run_schemas.RunOut),
    Operation(f"{OF_BRAND}/imports", places.imports, "api_imports", "imports.read", schemas.ImportsOut),
    Operation(
        f"{OF_BRAND}/imports/{{int:import_id}}",
        places.one_batch,
        "api_import",
        "imports.read",
        schemas.ImportOut,
    ),
    Operation(f"{OF_BRAND}/jobs", places.jobs, "api_jobs", "imports.read", schemas.JobsOut),
    Operation(f"{OF_BRAND}/jobs/{{int:job_id}}", places.job, "api_job", "imports.read", schemas.JobOut),
    Operation(
        "imports/{str:session}", pushes.state, "api_push_state", "imports.edit", push_schemas.PushStateOut
    ),
    Operation(
        "imports/{str:session}",
        pushes.push,
        "api_push",
        "imports.edit",
        push_schemas.PushOut,
        method="POST",
        body=pushes.BODY,
    ),
    Operation(
        "imports/{str:session}/completion",
        pushes.complete,
        "api_push_completion",
        "imports.edit",
        push_schemas.PushStateOut,
        method="POST",
    ),
)
