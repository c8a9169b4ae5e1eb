"""After the past of a brand changed: read every number again, look for problems, advise, carry the runs forward."""

from __future__ import annotations

import datetime as dt

from qunying.brands.models import Brand
from qunying.metrics.readings import bring_up_to_date
from qunying.playbooks.actions import look_again as diagnose_again


def look_again(brand: Brand, *, at: dt.datetime) -> None:
    """Readings first, since everything else is read from them. Doing it again changes nothing."""
    bring_up_to_date(brand, at=at)
    diagnose_again(brand, at=at)
