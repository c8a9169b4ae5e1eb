"""The server's door: rows of facts are written by a thread of their own, everything else goes to a bounded pool of WSGI
threads, whose database connections last."""

from __future__ import annotations

import os
import threading

from a2wsgi import WSGIMiddleware
from a2wsgi.asgi_typing import Receive, ReceiveEvent, Scope, Send
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qunying.settings")
# Django's handler is a WSGI application in all but its stub's return type
_pool = WSGIMiddleware(get_wsgi_application(), workers=4)  # type: ignore[arg-type]


from qunying.connectors.ingest.door import PATH, Desk, ingest  # noqa: E402  # needs the settings that are ready now

_desk = Desk()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Rows of the ingest API go to their own handler, everything else to the pool, with a `receive` that is a coroutine
    function as the pool asks for."""
    if scope["type"] == "http" and scope["path"] == PATH:
        await ingest(scope, receive, send, _desk)
        return

    async def ask() -> ReceiveEvent:
        return await receive()

    await _pool(scope, ask, send)


if os.environ.get("QUNYING_WORK_INSIDE") == "1":  # a SQLite that only one process may write
    from qunying.connectors.listening import listen
    from qunying.jobs.worker import work

    threading.Thread(target=work, args=("inside", threading.Event()), daemon=True).start()
    threading.Thread(target=listen, args=(threading.Event(),), daemon=True).start()
