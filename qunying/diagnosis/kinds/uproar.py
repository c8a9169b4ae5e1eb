"""A day of complaints, and floods of the same text by few accounts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import rjieba
from django.utils.translation import gettext_lazy as _

from qunying.diagnosis import chance
from qunying.diagnosis.chance import LEVEL
from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, graded, quiet_for
from qunying.diagnosis.place import Floats, Ints, Place

MONTH = 28
LEAST_LETTERS = 4
FEW_VOICES = 8
GRIEVANCE = re.compile(
    r"投诉|举报|曝光|维权|起诉|12315|工商|消协|退款|退货|退钱|赔偿|赔钱|道歉|说法|差评|避雷|踩雷|翻车|上当|受骗|骗人|骗子|骗钱|欺骗"
    r"|虚假|假货|造假|掺假|仿品|坑人|坑爹|坑钱|黑心|智商税|割韭菜|恶心|离谱|失望|心寒|生气|气死|愤怒|过分|垃圾|太差|很差|糟糕|破损"
    r"|坏了|变质|发霉|霉味|过期|异物|虫子|质量|不合格|拉肚子|中毒|过敏|不敢再买|再也不买|不会再买|没人管|不理人|装死|敷衍|推卸|甩锅"
    r"|\b(?:refunds?|complain\w*|scam\w*|fraud|terrible|awful|disgust\w*|broken|defective|furious|angry|unacceptable|outage|lawsuit)\b",
    re.IGNORECASE,
)
"""Words of grievance in general use; they only select what is counted, never whom."""
PARTICLES = frozenset(
    [
        "这个",
        "那个",
        "什么",
        "怎么",
        "没有",
        "一个",
        "我们",
        "你们",
        "他们",
        "大家",
        "就是",
        "还是",
        "真的",
        "今天",
        "昨天",
        "现在",
        "自己",
        "可以",
        "知道",
        "the",
        "and",
        "this",
        "that",
        "for",
        "you",
        "with",
        "not",
    ]
)


def crisis_broke(place: Place) -> list[Trace]:
    """A day on which many people complain at once. Where no texts are kept, a day of far more speakers in one
    hour."""
    if not len(place.said.at):
        return []
    angry, kept = _angry(place)
    uproars = _uproars(place, angry) | _bursts(place, kept)
    alarm = np.zeros(place.days, dtype=np.bool_)
    level, voices = np.ones(place.days), np.zeros(place.days)
    for day, rows in angry.items():
        voices[day] = len({row[2] for row in rows})
    for day, uproar in uproars.items():
        alarm[day] = True
        level[day] += (len(uproar.people) >= 15) + (len(uproar.people) >= 30)

    def people(opened: int, day: int) -> Ints:
        return np.unique(
            np.concatenate([uproar.people for at, uproar in uproars.items() if opened <= at <= day])
        )

    return [Trace(alarm, quiet_for(alarm, 7), lambda day: uproars[day].evidence, people, level, Line(voices))]


@dataclass(frozen=True)
class Uproar:
    """What is known of one such day, and who raised their voice."""

    evidence: Evidence
    people: Ints


Row = tuple[int, int, int, str]


def _angry(place: Place) -> tuple[dict[int, list[Row]], Floats]:
    """Day → rows of grievance, and how many texts of the day are kept. A month is read at a time."""
    found: dict[int, list[Row]] = defaultdict(list)
    kept = np.zeros(place.days)
    for first in range(0, place.days, MONTH):
        for row in place.texts(first, min(first + MONTH, place.days) - 1):
            if len(row[3].strip()) >= LEAST_LETTERS:
                kept[row[0]] += 1
                if GRIEVANCE.search(row[3]):
                    found[row[0]].append(row)
    return found, kept


def _uproars(place: Place, angry: dict[int, list[Row]]) -> dict[int, Uproar]:
    """Days on which far more people than usual, and at least eight, voiced a grievance."""
    voices = np.zeros(place.days)
    for day, rows in angry.items():
        voices[day] = len({row[2] for row in rows})
    middle, spread = chance.usual(voices, past=MONTH, gap=1)
    loud = (
        (voices >= FEW_VOICES)
        & (voices >= 3 * middle)
        & (chance.poisson(voices, np.nan_to_num(middle)) >= LEVEL - 1)
    )
    found = {}
    for day in np.flatnonzero(loud & (voices - middle > LEVEL * spread)).tolist():
        rows = angry[day]
        before = [
            row[3]
            for row in place.texts(max(0, day - MONTH), day - 1)
            if len(row[3].strip()) >= LEAST_LETTERS
        ]
        peak = Counter(row[1] for row in rows).most_common(1)[0][0]
        words = contrast([row[3] for row in rows], before, 6)
        evidence: Evidence = {
            "hour": peak,
            "people": int(voices[day]),
            "usual": float(middle[day]),
            "words": words,
            "texts": len(rows),
        }
        found[day] = Uproar(evidence, np.unique(np.array([row[2] for row in rows], dtype=np.int64)))
    return found


def _bursts(place: Place, kept: Floats) -> dict[int, Uproar]:
    """Days without any kept text on which three times the usual number spoke within one hour."""
    busy, hour = _busiest_hour(place)
    middle, spread = chance.usual(busy, past=MONTH, gap=1)
    loud = (kept == 0) & (busy >= 2 * FEW_VOICES) & (busy >= 3 * middle) & (busy - middle > LEVEL * spread)
    loud &= chance.poisson(busy, np.nan_to_num(middle, nan=1e9)) >= LEVEL
    found = {}
    for day in np.flatnonzero(loud).tolist():
        said = place.said
        who = np.unique(said.who[(said.day == day) & (said.hour == hour[day])])
        found[day] = Uproar(
            {
                "hour": int(hour[day]),
                "people": len(who),
                "usual": float(middle[day]),
                "words": [],
                "texts": 0,
            },
            who,
        )
    return found


def _busiest_hour(place: Place) -> tuple[Floats, Ints]:
    """(most distinct speakers in one hour, that hour) of each day."""
    said, people = place.said, max(len(place.bits), 1)
    key = np.unique((said.day * 24 + said.hour) * people + said.who) // people
    table = np.bincount(key, minlength=place.days * 24).reshape(-1, 24)[: place.days]
    return table.max(axis=1).astype(np.float64), table.argmax(axis=1).astype(np.int64)


def contrast(now: list[str], before: list[str], most: int) -> list[list[int | str]]:
    """Words of at least two letters in three or more of the texts that stand out against the texts before, with
    how many of today's texts have them."""
    today, past = _counts(now), _counts(before)
    weight = {
        word: count * np.log((count / len(now)) / ((past[word] + 1) / (len(before) + 2)))
        for word, count in today.items()
        if count >= 3 and word not in PARTICLES
    }
    best = sorted((word for word in weight if weight[word] > 0), key=lambda word: (-weight[word], word))
    return [[word, today[word]] for word in best[:most]]


def _counts(texts: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(
            {
                word
                for word in rjieba.cut(text.lower())
                if len(word) > 1 and word.isalnum() and not word.isdigit()
            }
        )
    return found


COPIES = 5
AUTHORS = 5


def flood_came(place: Place) -> list[Trace]:
    """A day on which a handful of accounts sent the same text over and over, a text not in general use."""
    said = place.said.where(place.said.likeness != 0)
    if not len(said.at):
        return []
    copies = np.zeros(place.days)
    culprits: dict[int, list[Ints]] = {}
    order = np.lexsort((said.day, said.likeness))
    likeness, day, who = said.likeness[order], said.day[order], said.who[order]
    edges = np.flatnonzero(np.append(True, (np.diff(likeness) != 0) | (np.diff(day) != 0)))
    ends = np.append(edges[1:], len(day))
    many = (ends - edges) >= 2 * COPIES
    for start, end in zip(edges[many].tolist(), ends[many].tolist(), strict=True):
        authors, times = np.unique(who[start:end], return_counts=True)
        if len(authors) > AUTHORS or times.max() < COPIES or _is_custom(likeness, day, who, start):
            continue
        copies[day[start]] += end - start
        culprits.setdefault(int(day[start]), []).append(authors[times >= 3])
    alarm = copies >= 2 * COPIES

    def people(opened: int, last: int) -> Ints:
        return np.unique(
            np.concatenate([who for at, found in culprits.items() if opened <= at <= last for who in found])
        )

    def evidence(at: int) -> Evidence:
        return {
            "copies": int(copies[at]),
            "people": len(np.unique(np.concatenate(culprits[at]))),
            "messages": int(place.messages[at]),
        }

    share = chance.ratio(copies, place.messages)
    return [
        Trace(alarm, quiet_for(alarm, 7), evidence, people, graded(share, bad=0.2, worse=0.4), Line(copies))
    ]


def _is_custom(likeness: Ints, day: Ints, who: Ints, start: int) -> bool:
    """Whether more than a handful of people had sent this text on earlier days: a greeting, a check-in, a
    chain list."""
    low = np.searchsorted(likeness, likeness[start])
    return len(np.unique(who[low:start])) > AUTHORS


DETECTORS = (
    Detector(
        "crisis.broke",
        _("集中投诉"),
        _("{hour} 点前后投诉最集中，当天有 {people} 人表达不满，往常每天 {usual:.0f} 人。"),
        "messages",
        21,
        crisis_broke,
        ("crisis.calm", "answers.sweep"),
        ("flood.came", "questions.unanswered", "answers.slowed"),
        reads_text=True,
    ),
    Detector(
        "flood.came",
        _("刷屏或广告"),
        _("{people} 个账号一天内发出 {copies} 条相同内容，当天共 {messages} 条消息。"),
        "messages",
        7,
        flood_came,
        ("flood.stop", "rules.remind"),
        ("talk.concentrated",),
        reads_text=True,
    ),
)
