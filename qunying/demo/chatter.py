"""What members do on their own: talk in bursts, reply, react, ask, show pictures, share, recall."""

from __future__ import annotations

from typing import Final

import numpy as np

from qunying.demo.columns import (
    AUDIO,
    CARD,
    DAY,
    EMOJI,
    HOUR,
    IMAGE,
    LINK,
    MESSAGE,
    MINUTE,
    NONE,
    REACTION,
    RECALL,
    RED_PACKET,
    SECOND,
    SHARE,
    STICKER,
    TEXT,
    UNREACTION,
    VIDEO,
    Acts,
    Chance,
    Ints,
    Marks,
    next_uid,
    only,
    rows,
    together,
)
from qunying.demo.life import Life
from qunying.demo.rhythm import day_factors, moments
from qunying.demo.texts import pool, texts_about, texts_on

# The share of active days by days since joining: newcomers come for the welcome and cool down.
NEWNESS: Final = np.array(
    (
        0.62,
        0.54,
        0.51,
        0.5,
        0.49,
        0.48,
        0.47,
        0.46,
        0.42,
        0.37,
        0.33,
        0.29,
        0.25,
        0.21,
        0.17,
        0.13,
        0.09,
        0.06,
    )
)
FORM_SHARES: Final = (
    (IMAGE, 0.085),
    (STICKER, 0.05),
    (LINK, 0.015),
    (AUDIO, 0.012),
    (VIDEO, 0.008),
    (CARD, 0.005),
    (RED_PACKET, 0.004),
)
REACTIONS: Final = 0.2
REPLIES: Final = 0.24
LOOKS_BACK: Final = 6 * HOUR


def active_days(rng: Chance, life: Life) -> tuple[Ints, Ints]:
    """The pairs (stay, day) on which somebody does something."""
    spells, plan = life.spells, life.plan
    day = np.arange(life.days)
    factors = day_factors(rng, life.first, life.days, weekend=plan.weekend)
    weeks = rng.choice(np.array((0.55, 1.0, 1.0, 1.45)), (len(spells.who), life.days // 7 + 1))
    age = day[None, :] - (spells.came // DAY)[:, None]
    newness = np.append(NEWNESS, 0.0)[np.clip(age, 0, len(NEWNESS))]
    keen = rng.uniform(0.65, 1.35, len(spells.who))
    usual = life.level[spells.who][:, None] * weeks[:, day // 7]
    share = np.maximum(usual, newness * keen[:, None]) * factors[None, :] * plan.liveliness
    there = (age >= 0) & (day[None, :] <= (spells.went // DAY)[:, None])
    stay, on = np.nonzero((rng.random(share.shape) < np.minimum(share, 0.95)) & there)
    return stay, on


def talk(rng: Chance, life: Life) -> Acts:
    """Everything members do of themselves, sorted by time, within their stays."""
    stay, on = active_days(rng, life)
    times = 1 + rng.poisson(life.chattiness[life.spells.who[stay]])
    stay, on = np.repeat(stay, times), np.repeat(on, times)
    came, went = life.spells.came[stay], life.spells.went[stay]
    at = moments(rng, life.plan.profile, on, life.days)
    midnight = (on + 1) * DAY - 2 * SECOND
    late = (
        came
        + 20 * SECOND
        + (rng.random(len(at)) * np.maximum(midnight - came - 20 * SECOND, 0)).astype(np.int64)
    )
    at = np.where(at < came + 20 * SECOND, late, at)
    keep = (at > came) & (at < went) & (at < life.ends)
    at, stay, came = at[keep], stay[keep], came[keep]
    order = np.lexsort((stay, at))
    return spoken(rng, life, at[order], life.spells.who[stay[order]], at[order] - came[order] < DAY)


def spoken(rng: Chance, life: Life, at: Ints, who: Ints, fresh: Marks) -> Acts:
    """Rows for these moments: most are messages on some topic, some are reactions to what was said before."""
    size = len(at)
    names = pool().topics
    weights = np.array([weight for _, weight in life.plan.topics])
    ids = np.array([names[topic] for topic, _ in life.plan.topics])
    pick = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(size)).clip(0, len(ids) - 1)
    topic = np.where(fresh & (rng.random(size) < 0.4), names["intro"], ids[pick])
    hour = at % DAY // HOUR
    later = np.where(hour >= 21, names["night"], names["life"])
    topic = np.where((topic == names["hello"]) & (hour >= 11), later, topic)
    asks = topic == names["ask"]
    form = forms(rng, size)
    form[asks] = TEXT
    text = texts_about(rng, topic)
    text[(form != TEXT) & (form != LINK)] = ""
    text[form == LINK] = texts_on(rng, "linked", int((form == LINK).sum()))
    reacts = (rng.random(size) < REACTIONS) & ~asks
    shares = (rng.random(size) < 0.008) & ~asks & ~reacts
    kind = np.where(reacts, REACTION, np.where(shares, SHARE, MESSAGE))
    emoji = np.where(reacts, rng.integers(0, len(EMOJI), size), NONE)
    form[reacts] = TEXT
    text[reacts] = ""
    acts = rows(0, at, who, kind=kind, form=form, text=text, emoji=emoji)
    return about_earlier(rng, acts)


def forms(rng: Chance, size: int) -> Ints:
    """A form for each message: text nine times of ten at most."""
    shares = np.array([share for _, share in FORM_SHARES])
    codes = np.array([code for code, _ in FORM_SHARES] + [TEXT])
    return codes[np.searchsorted(np.cumsum(shares), rng.random(size), side="right")]


def about_earlier(rng: Chance, acts: Acts) -> Acts:
    """Aim reactions and some messages at what somebody else said before; aimless reactions are dropped."""
    messages = np.flatnonzero(acts.kind == MESSAGE)
    seen = np.searchsorted(messages, np.arange(len(acts.uid)), side="left")
    back = seen - rng.geometric(0.4, len(acts.uid))
    row = messages[np.maximum(back, 0)] if len(messages) else np.zeros(len(acts.uid), dtype=np.int64)
    fits = (back >= 0) & (acts.who[row] != acts.who) & (acts.at - acts.at[row] < LOOKS_BACK)
    reacts = acts.kind == REACTION
    replies = (acts.kind == MESSAGE) & (rng.random(len(acts.uid)) < REPLIES)
    aims = fits & (reacts | replies)
    acts = acts._replace(
        target=np.where(aims, acts.uid[row], NONE),
        other=np.where(aims, acts.who[row], NONE),
    )
    return only(acts, aims | ~reacts)


def regrets(rng: Chance, life: Life) -> Acts:
    """The acts with a few recalls and withdrawn reactions, each within minutes and before the person left."""
    acts = life.acts
    luck = rng.random(len(acts.uid))
    members = life.by_members()
    recalled = (acts.kind == MESSAGE) & (luck < 0.006) & members
    withdrawn = (acts.kind == REACTION) & (luck < 0.015) & members
    chosen = np.flatnonzero(recalled | withdrawn)
    at = acts.at[chosen] + rng.integers(5 * SECOND, 2 * MINUTE, len(chosen))
    is_recall = acts.kind[chosen] == MESSAGE
    later = rows(
        next_uid(acts),
        at,
        acts.who[chosen],
        kind=np.where(is_recall, RECALL, UNREACTION),
        target=np.where(is_recall, acts.uid[chosen], acts.target[chosen]),
        other=np.where(is_recall, NONE, acts.other[chosen]),
        emoji=np.where(is_recall, NONE, acts.emoji[chosen]),
    )
    return together(acts, only(later, still_there(life, later)))


def still_there(life: Life, acts: Acts) -> Marks:
    """Rows whose actor is in the community at that moment (staff always are)."""
    spells = life.spells
    order = np.lexsort((spells.came, spells.who))
    who, came, went = (column[order] for column in spells)
    wide = np.int64(1) << 44
    offset = np.int64(1) << 43
    last = np.searchsorted(who * wide + came + offset, acts.who * wide + acts.at + offset, side="right") - 1
    last = np.maximum(last, 0)
    inside = (who[last] == acts.who) & (came[last] <= acts.at) & (acts.at < went[last])
    return np.asarray((inside | (acts.who < life.first_member)) & (acts.at < life.ends))
