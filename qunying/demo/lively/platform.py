"""One simulated platform as the lively groups need it, and the people who talk in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

PEOPLE = ("林小满", "阿青", "老周", "Bo", "木木", "雨前", "陈皮", "豆豆")
WORDS = (
    "早",
    "今天喝白茶",
    "水温多少合适？",
    "新品到了吗",
    "已经下单",
    "这款回甘很好",
    "周末有活动吗",
    "收到",
)


def nothing() -> list[object]:
    return []


@dataclass(frozen=True)
class Platform:
    """Who speaks, its plug, what it was sent, what to enter in the console; `kept` is what has to be there again in the
    next run."""

    values: dict[str, str]
    say: Callable[[random.Random], object]
    plug: Callable[[bool], None]
    received: Callable[[], list[str]]
    close: Callable[[], None]
    kept: Callable[[], list[object]] = nothing
