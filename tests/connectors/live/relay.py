"""Our own door as a homeserver sees it."""

from __future__ import annotations

import threading

import httpx

from qunying.demo.simulators.server import Call, Reply, Simulator


class Relay(Simulator):
    """Our own door as the homeserver sees it: it passes on to the server of a test, or is out of order."""

    def __init__(self, port: int) -> None:
        self.behind, self.is_down = "", False
        self.gate = threading.Lock()
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        with self.gate:
            return self._pass(call)

    def _pass(self, call: Call) -> Reply:
        if self.is_down or not self.behind:
            return Reply({"error": "out of order"}, 503)
        headers = {
            name: call.headers[name] for name in ("authorization", "content-type") if name in call.headers
        }
        answer = httpx.request(
            call.method,
            f"{self.behind}{call.path}",
            content=call.body,
            headers=headers,
            params=dict(call.query),
            trust_env=False,
            timeout=30,
        )
        return Reply(answer.content, answer.status_code)
