"""Addresses of to-dos and drafts."""

from django.views.decorators.http import require_POST

from qunying.brands.access import Route
from qunying.outbox import pages

ROUTES = (
    Route("todos/", pages.todos, "todos", "tasks.do", smoke=True),
    Route("todos/<int:pk>/state/", require_POST(pages.todo_state), "todo_state", "tasks.do", method="post"),
    Route(
        "drafts/<int:pk>/state/", require_POST(pages.draft_state), "draft_state", "tasks.do", method="post"
    ),
)
