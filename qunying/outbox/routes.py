"""Addresses of to-dos, drafts, sendings and stops."""

from django.views.decorators.http import require_POST

from qunying.brands.access import Route
from qunying.outbox.pages import pictures, samplings, sendings, stops, todos

DO, DECIDE = "tasks.do", "advice.decide"
ROUTES = (
    Route("todos/", todos.todos, "todos", DO, smoke=True),
    Route("todos/<int:pk>/", todos.todo, "todo", DO),
    Route("todos/<int:pk>/evidence/", require_POST(todos.todo_evidence), "todo_evidence", DO, method="post"),
    Route("drafts/<int:pk>/", todos.draft, "draft", DO),
    Route(
        "drafts/<int:pk>/evidence/", require_POST(todos.draft_evidence), "draft_evidence", DO, method="post"
    ),
    Route("todos/<int:pk>/state/", require_POST(todos.todo_state), "todo_state", DO, method="post"),
    Route("drafts/<int:pk>/state/", require_POST(todos.draft_state), "draft_state", DO, method="post"),
    Route("samplings/", samplings.samplings_page, "samplings", DECIDE, smoke=True),
    Route("samplings/<int:pk>/", samplings.sampling, "sampling", DECIDE),
    Route(
        "samplings/<int:pk>/verdicts/",
        require_POST(samplings.sampling_verdict),
        "sampling_verdict",
        DECIDE,
        method="post",
    ),
    Route("sendings/", sendings.sendings, "sendings", DO, smoke=True),
    Route("sendings/<int:pk>/", sendings.sending, "sending", DO),
    Route("sendings/<int:pk>/pictures/<int:place>/", pictures.sending_picture, "sending_picture", DO),
    Route("sendings/pictures/<int:pk>/", pictures.handed_picture, "handed_picture", "connections.edit"),
    Route(
        "sendings/<int:pk>/approval/",
        require_POST(sendings.sending_approval),
        "sending_approval",
        DECIDE,
        method="post",
    ),
    Route(
        "sendings/<int:pk>/call-off/",
        require_POST(sendings.sending_call_off),
        "sending_call_off",
        DO,
        method="post",
    ),
    Route(
        "sendings/<int:pk>/reminders/",
        require_POST(sendings.sending_reminder),
        "sending_reminder",
        DO,
        method="post",
    ),
    Route("sendings/<int:pk>/look/", require_POST(sendings.sending_look), "sending_look", DO, method="post"),
    Route("stops/", stops.stops, "stops", DO, smoke=True),
    Route("stops/new/", require_POST(stops.stop_now), "stop_now", DO, method="post"),
    Route("stops/<int:pk>/over/", require_POST(stops.stop_over), "stop_over", DECIDE, method="post"),
)
