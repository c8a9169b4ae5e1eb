"""The receiver in docs/how-to/receive-webhooks.md works as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from qunying.webhooks.courier import deliver_due
from tests.webhooks.world import hooked, tell

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/receive-webhooks.md"


def test_the_printed_receiver_takes_a_message_once_and_refuses_a_forged_one(tea, receiver):
    block = re.search(r"```python\n# receiver/app.py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert block is not None
    printed: dict[str, object] = {}
    exec(block[1], printed)  # our own page
    _hook, secret = hooked(tea, receiver.url)
    tell(tea[0])
    deliver_due()
    call = receiver.calls[0]

    taken = [printed["receive"](secret, dict(call.headers), call.body) for _ in range(2)]  # type: ignore[operator]  # as printed

    assert (taken[0]["type"], taken[1]) == ("import.done", None)
    with pytest.raises(WebhookVerificationError):
        printed["receive"](secret, dict(call.headers), call.body + b" ")  # type: ignore[operator]  # as printed
