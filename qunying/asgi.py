"""The server's door: everything goes to a bounded pool of WSGI threads, whose database connections last."""

from __future__ import annotations

import os
import threading

from a2wsgi import WSGIMiddleware
from a2wsgi.asgi_typing import Receive, ReceiveEvent, Scope, Send
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qunying.settings")
# Django's handler is a WSGI application in all but its stub's return type
_pool = WSGIMiddleware(get_wsgi_application(), workers=4)  # type: ignore[arg-type]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand the request to the pool, with a `receive` that is a coroutine function as the pool asks for."""

    async def ask() -> ReceiveEvent:
        return await receive()

    await _pool(scope, ask, send)


if os.environ.get("QUNYING_WORK_INSIDE") == "1":  # a SQLite that only one process may write
    from qunying.jobs.worker import work

    threading.Thread(target=work, args=("inside", threading.Event()), daemon=True).start()
