"""What staff and the bot do, and who comes and goes: moves, welcomes, posts, weekly topics, answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from qunying.demo.chatter import still_there
from qunying.demo.columns import (
    DAY,
    HOUR,
    IMAGE,
    JOIN,
    LEAVE,
    MESSAGE,
    MINUTE,
    NONE,
    NOTICE,
    PIN,
    POLL,
    REMOVE,
    SECOND,
    TEXT,
    Acts,
    Chance,
    Ints,
    Texts,
    next_uid,
    only,
    rows,
    together,
)
from qunying.demo.life import Life
from qunying.demo.plans import INVITED, PULLED
from qunying.demo.rhythm import answered_at
from qunying.demo.texts import pool, texts_about, texts_on

BOT: Final = 0
REMOVED: Final = 0.04
MEMBERS_ANSWER: Final = 0.2
CLUES: Final = (
    ("快递", "parcel"),
    ("发货", "parcel"),
    ("地址", "parcel"),
    ("还有货", "shop"),
    ("用券", "shop"),
    ("积分", "shop"),
    ("小包装", "shop"),
    ("几点", "store"),
    ("报名", "event"),
    ("孕期", "care"),
    ("送", "gift"),
    ("多少度", "heat"),
    ("几克", "dose"),
    ("开封", "keep"),
    ("开壶", "pot"),
    ("冷泡", "cold"),
)
ANSWERERS: Final = 0.045  # share of those present who answer the weekly item


def on_shift(life: Life, at: Ints) -> Ints:
    """The member of staff on duty: they take turns by half day."""
    return np.asarray(1 + (at // (DAY // 2)) % life.plan.staff)


def add(life: Life, *parts: Acts) -> Life:
    """The life with these rows in their places in time; rows after the last day are left out."""
    acts = together(life.acts, *parts)
    return replace(life, acts=only(acts, acts.at < life.ends))


def moves(rng: Chance, life: Life) -> Life:
    """Joins with their source and inviter, the bot's welcome, leaves and removals."""
    came = life.spells.came >= 0
    who, at = life.spells.who[came], life.spells.came[came]
    joins = joined(rng, life, at, who)
    greeted = at + rng.integers(2 * SECOND, 15 * SECOND, len(at))
    welcome = rows(len(at) + next_uid(life.acts), greeted, BOT, text=texts_on(rng, "welcome", len(at)))
    gone = life.spells.went < life.ends
    went = life.spells.went[gone]
    removed = rng.random(len(went)) < REMOVED
    leaves = rows(
        2 * len(at) + next_uid(life.acts),
        went,
        life.spells.who[gone],
        kind=np.where(removed, REMOVE, LEAVE),
        other=np.where(removed, on_shift(life, went), NONE),
    )
    return add(life, joins, welcome, leaves)


def joined(rng: Chance, life: Life, at: Ints, who: Ints) -> Acts:
    """Joins by source; whoever is invited has an inviter, whoever is pulled in was pulled by staff."""
    names = [name for name, _ in life.plan.sources]
    invited, pulled = names.index(INVITED), names.index(PULLED)
    weights = np.array([weight for _, weight in life.plan.sources])
    source = rng.choice(len(names), size=len(who), p=weights / weights.sum())
    inviter = inviters(rng, life, at, who)
    source = np.where((source == invited) & (inviter == NONE), pulled, source)
    other = np.where(source == invited, inviter, np.where(source == pulled, on_shift(life, at), NONE))
    return rows(next_uid(life.acts), at, who, kind=JOIN, other=other, source=source)


def inviters(rng: Chance, life: Life, at: Ints, who: Ints) -> Ints:
    """For each joiner somebody who is there, or NONE where eight draws found nobody."""
    found = np.full(len(at), NONE, dtype=np.int64)
    for _ in range(8):
        pick = rng.integers(0, len(life.spells.who), len(at))
        there = (life.spells.came[pick] < at - HOUR) & (life.spells.went[pick] > at)
        fits = there & (life.spells.who[pick] != who) & (found == NONE)
        found = np.where(fits, life.spells.who[pick], found)
    return found


def posts(rng: Chance, life: Life) -> Life:
    """A post every morning, most days another before dinner, some of them deals; at times a pinned notice."""
    day = np.arange(life.days)
    morning = day * DAY + 8 * HOUR + rng.integers(20 * MINUTE, 70 * MINUTE, life.days)
    evening = (day * DAY + 17 * HOUR + rng.integers(0, 2 * HOUR, life.days))[rng.random(life.days) < 0.75]
    deal = rng.random(len(evening)) < 0.35
    text = np.where(deal, texts_on(rng, "deal", len(evening)), texts_on(rng, "post", len(evening)))
    notice = (day * DAY + 10 * HOUR + rng.integers(0, HOUR, life.days))[day % 11 == 5]
    uid = next_uid(life.acts)
    first = rows(uid, morning, on_shift(life, morning), text=texts_on(rng, "post", life.days))
    first.form[:] = np.where(rng.random(life.days) < 0.3, IMAGE, TEXT)
    second = rows(next_uid(first), evening, on_shift(life, evening), text=text)
    told = rows(
        uid + 2 * life.days,
        notice,
        on_shift(life, notice),
        kind=NOTICE,
        text=texts_on(rng, "notice", len(notice)),
    )
    pins = rows(uid + 3 * life.days, notice + MINUTE, told.who, kind=PIN, target=told.uid)
    return add(life, first, second, told, pins)


def weekly_items(rng: Chance, life: Life) -> Life:
    """Every week on its day at 15:00 a topic or a poll, pinned, and the members who answer it."""
    offset = (life.plan.item_weekday - life.first.weekday()) % 7
    day = np.arange(offset, life.days, 7)
    at = day * DAY + 15 * HOUR + rng.integers(0, 10 * MINUTE, len(day))
    poll = np.arange(len(at)) % 3 == 2
    text = np.where(poll, texts_on(rng, "poll", len(at)), texts_on(rng, "item", len(at)))
    uid = next_uid(life.acts)
    items = rows(uid, at, on_shift(life, at), form=np.where(poll, POLL, TEXT), text=text)
    pins = rows(uid + len(at), at + MINUTE, items.who, kind=PIN, target=items.uid)
    parts = [items, pins]
    free = uid + 2 * len(at)
    for number, moment in enumerate(items.at.tolist()):
        there = life.present(moment, moment + 9 * HOUR)
        some = min(max(int(rng.poisson(ANSWERERS * len(there))), 6), len(there))
        lively = rng.random(len(there)) / (life.level[there] + 0.1)
        who = there[np.argsort(lively, kind="stable")[:some]]
        wait = 2 * MINUTE + (rng.standard_exponential(some) * 100 * MINUTE).astype(np.int64)
        answers = moment + np.minimum(wait, 8 * HOUR + 50 * MINUTE)
        parts.append(
            rows(
                free,
                answers,
                who,
                text=texts_on(rng, "choice", some),
                target=int(items.uid[number]),
                other=int(items.who[number]),
            )
        )
        free += some
    return replace(add(life, *parts), items=items.uid)


def broadcasts(life: Life, start: int) -> Ints:
    """Row numbers of the texts that staff say to everybody from `start` on."""
    acts = life.acts
    crew = (acts.who > BOT) & (acts.who < life.first_member)
    is_told = (acts.kind == MESSAGE) & (acts.target == NONE) & (acts.text != "")
    return np.flatnonzero(crew & is_told & (acts.at >= start))


def questions(life: Life) -> Ints:
    """Row numbers of messages in which a member asks something."""
    asks = np.fromiter(
        (text.endswith("？") for text in life.acts.text.tolist()), dtype=np.bool_, count=len(life.acts.uid)
    )
    return np.flatnonzero(asks & (life.acts.kind == MESSAGE) & life.by_members())


def answers(rng: Chance, life: Life) -> Life:
    """Staff answer most questions within minutes on duty; a few are answered by members."""
    acts = life.acts
    asked = questions(life)
    reply = answered_at(rng, acts.at[asked])
    seen = (reply != NONE) & (reply < life.ends)
    uid = next_uid(acts)
    by_staff = rows(
        uid,
        reply[seen],
        on_shift(life, reply[seen]),
        text=replies(rng, acts.text[asked[seen]]),
        target=acts.uid[asked[seen]],
        other=acts.who[asked[seen]],
    )
    helped = asked[(rng.random(len(asked)) < MEMBERS_ANSWER) & (asked > 40)]
    helper = acts.who[helped - rng.integers(3, 40, len(helped))]
    by_members = rows(
        uid + len(asked),
        acts.at[helped] + 40 * SECOND + (rng.standard_exponential(len(helped)) * 8 * MINUTE).astype(np.int64),
        helper,
        text=replies(rng, acts.text[helped]),
        target=acts.uid[helped],
        other=acts.who[helped],
    )
    fits = (helper >= life.first_member) & (helper != acts.who[helped])
    return add(life, by_staff, only(by_members, fits & still_there(life, by_members)))


def replies(rng: Chance, asked: Texts) -> Texts:
    """An answer to each question, on what it is about."""
    names = pool().topics
    topic = [
        next((names[f"answer_{about}"] for word, about in CLUES if word in text), names["answer_tea"])
        for text in asked.tolist()
    ]
    return texts_about(rng, np.array(topic, dtype=np.int64))
