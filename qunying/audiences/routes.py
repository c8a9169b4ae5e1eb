"""Addresses of the pages of people."""

from django.views.decorators.http import require_POST

from qunying.audiences.pages import (
    card,
    consent,
    core,
    disclosure,
    erasure,
    marks,
    members,
    opt_outs,
    saved,
    tagging,
)
from qunying.brands.access import Route

ROUTES = (
    Route("members/", members.members, "members", "members.read", smoke=True),
    Route("members/tags/", require_POST(tagging.tags), "member_tags", "members.edit", method="post"),
    Route(
        "members/tags/undone/",
        require_POST(tagging.undone),
        "member_tags_undone",
        "members.edit",
        method="post",
    ),
    Route("members/marks/", require_POST(marks.many), "member_marks", "members.edit", method="post"),
    Route(
        "members/marks/undone/",
        require_POST(marks.undone),
        "member_marks_undone",
        "members.edit",
        method="post",
    ),
    Route("members/export/", require_POST(members.export), "members_export", "members.export", method="post"),
    Route("members/<int:pk>/", card.card, "member", "members.read"),
    Route("members/<int:pk>/tag/", require_POST(tagging.tag), "member_tag", "members.edit", method="post"),
    Route(
        "members/<int:pk>/merges/", require_POST(card.merges), "member_merges", "members.edit", method="post"
    ),
    Route("members/<int:pk>/bot/", require_POST(marks.bot), "member_bot", "members.edit", method="post"),
    Route("members/<int:pk>/test/", require_POST(marks.test), "member_test", "members.edit", method="post"),
    Route(
        "members/<int:pk>/staff/", require_POST(marks.staff), "member_staff", "members.edit", method="post"
    ),
    Route(
        "members/<int:pk>/erasure/",
        require_POST(erasure.erasure),
        "member_erasure",
        "members.erase",
        method="post",
    ),
    Route(
        "members/<int:pk>/appointments/",
        require_POST(core.appointments),
        "member_appointments",
        "members.edit",
        method="post",
    ),
    Route(
        "appointments/<int:pk>/end/", require_POST(core.end), "appointment_end", "members.edit", method="post"
    ),
    Route(
        "members/<int:pk>/disclosures/",
        disclosure.disclosures,
        "member_disclosures",
        "members.personal",
    ),
    Route(
        "members/<int:pk>/consents/",
        require_POST(consent.consents),
        "member_consents",
        "members.edit",
        method="post",
    ),
    Route(
        "members/<int:pk>/opt-outs/",
        require_POST(consent.opted_out),
        "member_opt_outs",
        "members.edit",
        method="post",
    ),
    Route("opt-outs/", opt_outs.opt_outs, "opt_outs", "members.read", smoke=True),
    Route(
        "opt-outs/new/", require_POST(opt_outs.opt_outs_new), "opt_outs_new", "members.edit", method="post"
    ),
    Route(
        "opt-outs/export/",
        require_POST(opt_outs.opt_outs_export),
        "opt_outs_export",
        "members.export",
        method="post",
    ),
    Route(
        "opt-outs/<int:pk>/removal/",
        require_POST(opt_outs.opt_out_removal),
        "opt_out_removal",
        "members.edit",
        method="post",
    ),
    Route("consent-texts/", opt_outs.consent_texts, "consent_texts", "members.read", smoke=True),
    Route(
        "consent-texts/new/",
        require_POST(opt_outs.consent_texts_new),
        "consent_texts_new",
        "brand.edit",
        method="post",
    ),
    Route("members/<int:pk>/<slug:name>/", card.part, "member_part", "members.read"),
    Route(
        "merges/<int:pk>/undone/",
        require_POST(card.unmerged),
        "member_unmerge",
        "members.edit",
        method="post",
    ),
    Route("audiences/", saved.audiences, "audiences", "members.read", smoke=True),
    Route("audiences/new/", require_POST(saved.new), "audiences_new", "audiences.edit", method="post"),
    Route(
        "audiences/combination/",
        require_POST(saved.combination),
        "audiences_combination",
        "audiences.edit",
        method="post",
    ),
    Route("audiences/<int:pk>/", saved.one, "audience", "members.read"),
    Route(
        "audiences/<int:pk>/export/",
        require_POST(saved.export),
        "audience_export",
        "members.export",
        method="post",
    ),
    Route(
        "audiences/<int:pk>/deletion/",
        require_POST(saved.deletion),
        "audience_deletion",
        "audiences.edit",
        method="post",
    ),
    Route(
        "audiences/<int:pk>/restored/",
        require_POST(saved.restored),
        "audience_restored",
        "audiences.edit",
        method="post",
    ),
)
