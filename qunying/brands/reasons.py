"""理由: why somebody looks at personal data or takes it out, as the log of changes keeps it."""

from __future__ import annotations

from qunying.kit.errors import Invalid
from qunying.kit.sensitive import sensitive

LEAST, MOST = 2, 100


def reason_given(text: str) -> str:
    """The reason in one line; refused when it is too short to say anything or too long. Phones and the like in it are
    masked: they are nobody's the log would know to forget."""
    reason = " ".join(text.split())
    if not LEAST <= len(reason) <= MOST:
        raise Invalid("brands.no_reason", least=LEAST, most=MOST)
    found = sensitive("", reason)
    return found.mask if found else reason
