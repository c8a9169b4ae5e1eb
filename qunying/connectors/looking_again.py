"""After the past of a brand changed: read every number again, look for problems, advise."""

from __future__ import annotations

import datetime as dt

from qunying.brands.models import Brand
from qunying.diagnosis.actions import examine_history
from qunying.metrics.readings import bring_up_to_date
from qunying.playbooks.actions import advise_open


def look_again(brand: Brand, *, at: dt.datetime) -> None:
    """Readings, then findings of every covered day, then advice on those that are open."""
    bring_up_to_date(brand, at=at)
    examine_history(brand, at=at)
    advise_open(brand)
