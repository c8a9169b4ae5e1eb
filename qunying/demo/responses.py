"""How members respond to what staff post: a few faces under most posts, more often from those who talk anyway."""

from __future__ import annotations

from typing import Final

import numpy as np

from qunying.demo.columns import EMOJI, HOUR, MINUTE, REACTION, Chance, next_uid, rows
from qunying.demo.life import Life
from qunying.demo.staff import add, broadcasts

RESPONSES: Final = 3.2
"""Members who respond to one post, on average."""
PATIENCE: Final = 9 * HOUR


def to_posts(rng: Chance, life: Life) -> Life:
    """Reactions to the posts of staff that answer nobody, from members who are there that day."""
    acts = life.acts
    free, parts = next_uid(acts), []
    for post in broadcasts(life, 0).tolist():
        moment = int(acts.at[post])
        there = life.present(moment, moment + PATIENCE)
        keen = np.cumsum(life.level[there] + 0.02)
        some = int(rng.poisson(RESPONSES))
        if not len(there) or not some:
            continue
        who = np.unique(there[np.searchsorted(keen, rng.random(some) * keen[-1], side="right")])
        wait = 2 * MINUTE + (rng.standard_exponential(len(who)) * 90 * MINUTE).astype(np.int64)
        parts.append(
            rows(
                free,
                moment + np.minimum(wait, PATIENCE - MINUTE),
                who,
                kind=REACTION,
                target=int(acts.uid[post]),
                other=int(acts.who[post]),
                emoji=rng.integers(0, len(EMOJI), len(who)),
            )
        )
        free += len(who)
    return add(life, *parts)
