"""Addresses of connectors."""

from qunying.brands.access import Route
from qunying.connectors.pages import drafts, imports

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
)
