"""Makes a big believable history: messages of 30 to 60 Chinese characters, replies, joins and leaves, as
ChatLab JSONL."""

from __future__ import annotations

import random
from pathlib import Path

START = 1_735_660_800  # 2025-01-01 00:00 in Shanghai
YEAR = 365 * 86_400
LETTERS = "今天泡了一壶老白茶水温九十五度出汤很快香气清甜回甘持久大家觉得怎么样这款岩茶适合送人吗包装不错价格也合适周末可以来店里试喝新到的普洱"


def write(path: Path, *, messages: int, people: int, seed: int = 1) -> None:
    """The file: a year of one group; 5 % of messages answer an earlier one, everybody joins once, a tenth leave."""
    draw = random.Random(seed)
    texts = ["".join(draw.choices(LETTERS, k=draw.randint(30, 60))) for _ in range(20_000)]
    step = YEAR / (messages + people * 1.1)
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '{"_type":"header","chatlab":{"version":"0.0.2","exportedAt":1767196800},'
            '"meta":{"name":"大群","platform":"qq","type":"group","groupId":"900"}}\n'
        )
        for person in range(people):
            out.write(f'{{"_type":"member","platformId":"{10_000 + person}","accountName":"茶友{person}"}}\n')
        at = float(START)
        for number in range(messages):
            at += step
            if number % max(messages // people, 1) == 0 and number * people // messages < people:
                person = number * people // messages
                at += step
                out.write(_system(number, at, f"茶友{person}加入了群聊。"))
            who = int(people * draw.random() ** 2)
            reply = (
                f',"replyToMessageId":"m{number - draw.randint(1, 400)}"'
                if number > 400 and draw.random() < 0.05
                else ""
            )
            out.write(
                f'{{"_type":"message","platformMessageId":"m{number}","sender":"{10_000 + who}","accountName":"茶友{who}",'
                f'"timestamp":{int(at)},"type":{25 if reply else 0},"content":"{texts[draw.randrange(20_000)]}"{reply}}}\n'
            )


def _system(number: int, at: float, text: str) -> str:
    return (
        f'{{"_type":"message","platformMessageId":"s{number}","sender":"SYSTEM","accountName":"SYSTEM",'
        f'"timestamp":{int(at)},"type":80,"content":"{text}"}}\n'
    )
