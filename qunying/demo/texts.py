"""What people of a tea brand's communities write: templates times fillers, drawn once, picked by number."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from qunying.demo.columns import Chance, Ints, Texts, chance
from qunying.demo.wording import FILLERS, TAILS, TEMPLATES

VARIANTS: Final = 1200
FIELD: Final = re.compile(r"\{(\w+)\}")


class Pool(NamedTuple):
    """Ready texts of all topics in one column; `starts` and `sizes` say where each topic of `topics` lies."""

    topics: dict[str, int]
    texts: Texts
    starts: Ints
    sizes: Ints


def fillers() -> dict[str, tuple[str, ...]]:
    """The words that may stand in each field of a template."""
    found: dict[str, tuple[str, ...]] = {
        "tail": TAILS,
        "digits": tuple(str(1000 + 37 * n) for n in range(240)),
    }
    for line in FILLERS.split("\n"):
        if line:
            field, _, listed = line.partition(": ")
            found[field] = (*found.get(field, ()), *listed.split())
    return found


def templates() -> dict[str, tuple[str, ...]]:
    """The templates of each topic."""
    found: dict[str, tuple[str, ...]] = {}
    topic = ""
    for line in TEMPLATES.split("\n"):
        if line.startswith("# "):
            topic = line.removeprefix("# ")
        elif line:
            found[topic] = (*found.get(topic, ()), line)
    return found


def filled(template: str, words: dict[str, tuple[str, ...]], rng: Chance, size: int) -> list[str]:
    """`size` texts from one template; a field that stands twice is drawn twice."""
    columns: list[list[str]] = []
    for place, piece in enumerate(FIELD.split(template)):
        if place % 2:
            options = words[piece]
            columns.append([options[pick] for pick in rng.integers(0, len(options), size).tolist()])
        else:
            columns.append([piece] * size)
    return ["".join(parts) for parts in zip(*columns, strict=True)]


@cache
def pool() -> Pool:
    """The texts of every topic, the same in every process."""
    rng = chance(20260308)
    words = fillers()
    topics: dict[str, int] = {}
    texts: list[str] = []
    starts: list[int] = []
    for topic, listed in templates().items():
        topics[topic] = len(starts)
        starts.append(len(texts))
        for template in listed:
            texts += filled(template, words, rng, VARIANTS // len(listed))
    ends = [*starts[1:], len(texts)]
    sizes = [end - start for start, end in zip(starts, ends, strict=True)]
    return Pool(topics, np.array(texts, dtype=object), np.array(starts), np.array(sizes))


def texts_about(rng: Chance, topic: Ints) -> Texts:
    """A text for each row of topic numbers."""
    ready = pool()
    place = ready.starts[topic] + (rng.random(len(topic)) * ready.sizes[topic]).astype(np.int64)
    return ready.texts[place]


def texts_on(rng: Chance, topic: str, size: int) -> Texts:
    """`size` texts on one topic, by its name."""
    return texts_about(rng, np.full(size, pool().topics[topic], dtype=np.int64))
