"""理由: why somebody looks at personal data or takes it out, as the log of changes keeps it."""

from __future__ import annotations

from qunying.kit.errors import Invalid

LEAST, MOST = 2, 100


def reason_given(text: str) -> str:
    """The reason in one line; refused when it is too short to say anything or too long."""
    reason = " ".join(text.split())
    if not LEAST <= len(reason) <= MOST:
        raise Invalid("brands.no_reason", least=LEAST, most=MOST)
    return reason
