"""Addresses of connectors."""

from qunying.brands.access import OPEN, Route
from qunying.connectors.pages import (
    connections,
    daily,
    drafts,
    hooks,
    imports,
    nags,
    opt_outs,
    welcomes,
    writing,
)

ROUTES = (
    Route("imports/", imports.imports, "imports", "imports.read", smoke=True),
    Route("imports/files/", drafts.import_files, "import_files", "imports.edit", method="post"),
    Route("imports/drafts/<str:token>/", drafts.import_draft, "import_draft", "imports.edit"),
    Route(
        "imports/drafts/<str:token>/options/",
        drafts.import_options,
        "import_options",
        "imports.edit",
        method="post",
    ),
    Route("imports/drafts/<str:token>/columns/", drafts.import_columns, "import_columns", "imports.edit"),
    Route(
        "imports/drafts/<str:token>/import/",
        drafts.import_confirm,
        "import_confirm",
        "imports.edit",
        method="post",
    ),
    Route(
        "imports/drafts/<str:token>/removal/",
        drafts.import_drop,
        "import_drop",
        "imports.edit",
        method="post",
    ),
    Route("imports/templates/<str:key>/", imports.import_template, "import_template", "imports.read"),
    Route("imports/exports/", imports.chatlab_export, "chatlab_export", "members.export", method="post"),
    Route("imports/exports/<int:pk>/", imports.chatlab_file, "chatlab_file", "members.export"),
    Route("imports/<int:pk>/", imports.one_import, "import", "imports.read"),
    Route("imports/<int:pk>/undo/", imports.import_undo, "import_undo", "imports.edit", method="post"),
    Route("imports/<int:pk>/unknown/", imports.import_unknown, "import_unknown", "imports.edit"),
    Route("opt-outs/import/", opt_outs.opt_outs_import, "opt_outs_import", "members.edit", method="post"),
    Route("connections/", connections.connections, "connections", "connections.read", smoke=True),
    Route(
        "connections/abilities/", connections.abilities, "platform_abilities", "connections.read", smoke=True
    ),
    Route("connections/limits/", connections.limits, "platform_limits", "connections.read", smoke=True),
    Route("connections/new/<slug:key>/", connections.connect, "connect", "connections.edit"),
    Route("connections/<int:pk>/", connections.connection, "connection", "connections.read"),
    Route(
        "connections/<int:pk>/check/",
        connections.check,
        "connection_check",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/keys/", connections.keys, "connection_keys", "connections.edit", method="post"
    ),
    Route(
        "connections/<int:pk>/pause/",
        connections.pause,
        "connection_pause",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/channels/",
        connections.channels,
        "connection_channels",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/welcomes/",
        welcomes.save,
        "connection_welcomes",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/welcomes/<int:welcome>/removal/",
        welcomes.remove,
        "connection_welcome_removal",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/replay/",
        connections.replay,
        "connection_replay",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/seats/",
        connections.backup,
        "connection_backup",
        "connections.edit",
        method="post",
    ),
    Route(
        "connections/<int:pk>/history/",
        connections.history,
        "connection_history",
        "connections.edit",
        method="post",
    ),
    Route("connections/<int:pk>/raw/", connections.raw, "connection_raw", "connections.edit", method="post"),
    Route("sendings/new/", writing.write, "write", "connections.edit", smoke=True),
    Route("todos/<int:pk>/reminders/", nags.todo_reminder, "todo_reminder", "advice.decide", method="post"),
    Route(
        "drafts/<int:pk>/reminders/", nags.draft_reminder, "draft_reminder", "advice.decide", method="post"
    ),
    Route("daily/push/", daily.daily_push, "daily_push", "connections.edit", smoke=True),
    Route("daily/push/trial/", daily.trial, "daily_push_trial", "connections.edit", method="post"),
    Route("hooks/<str:door>/", hooks.hook, "hook", OPEN, is_global=True),
    Route("hooks/<str:door>/<path:rest>", hooks.hook, "hook_below", OPEN, is_global=True),
)
