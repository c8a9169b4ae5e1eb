"""What each planted fault does to a healthy life from one day on. Nothing before that day changes.

Every strike takes the life, the moment it begins (ms since the first midnight) and its size, and gives the
life afterwards with the cast places of the members it is about.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qunying.demo.columns import (
    DAY,
    HOUR,
    JOIN,
    LEAVE,
    MESSAGE,
    MINUTE,
    NONE,
    REACTION,
    RECALL,
    REMOVE,
    SECOND,
    SHARE,
    TEXT,
    UNREACTION,
    Acts,
    Chance,
    Ints,
    Marks,
    next_uid,
    only,
    place_of_target,
    rows,
    tidy,
    together,
)
from qunying.demo.life import Life, Spells
from qunying.demo.staff import BOT, broadcasts, on_shift, questions
from qunying.demo.texts import texts_on

Struck = tuple[Life, Ints]


def without(life: Life, gone: Marks) -> Life:
    """The life without these rows and what was about them."""
    return replace(life, acts=tidy(only(life.acts, ~gone), first_member=life.first_member))


def deeds(life: Life) -> Marks:
    """Rows in which a member talks or reacts, not comes or goes."""
    return np.asarray(life.by_members() & ~np.isin(life.acts.kind, (JOIN, LEAVE, REMOVE)))


def touched(life: Life, marks: Marks) -> Ints:
    """The members behind these rows."""
    return np.unique(life.acts.who[marks])


def activity_fell(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Members do nothing on the share `size` of the days on which they would have."""
    acts = life.acts
    away = rng.random((life.cast, life.days)) < size
    gone = deeds(life) & (acts.at >= start) & away[acts.who, acts.at // DAY]
    return without(life, gone), touched(life, gone)


def newcomers_went_silent(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Nine of ten who come from now on do nothing later than `size` days after their joining day."""
    acts, came = life.acts, life.came()
    struck = (came >= start) & (rng.random(life.cast) < 0.92)
    late = acts.at // DAY > came[acts.who] // DAY + int(size)
    gone = deeds(life) & struck[acts.who] & late
    return without(life, gone), np.flatnonzero((came >= start) & (came < life.ends))


def cohort_faded(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """`size` people join within three days, and all who join in these days do little after the first day."""
    at = start + np.sort(rng.integers(9 * HOUR, 2 * DAY + 21 * HOUR, int(size)))
    life, wave = arrive(rng, life, at)
    came = life.came()
    cohort = (came >= start) & (came < start + 3 * DAY) & (np.arange(life.cast) >= life.first_member)
    said = wave[rng.random(len(wave)) < 0.5]
    first = came[said] + MINUTE + (rng.standard_exponential(len(said)) * 40 * MINUTE).astype(np.int64)
    intros = rows(next_uid(life.acts), first, said, text=texts_on(rng, "intro", len(said)))
    life = with_rows(life, intros)
    acts = life.acts
    faded = cohort & (rng.random(life.cast) < 0.92)
    gone = deeds(life) & faded[acts.who] & (acts.at // DAY > came[acts.who] // DAY + 1)
    return without(life, gone), np.flatnonzero(cohort)


def silent_share_rose(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """The share `size` of those who talk now and then say nothing any more; the most talkative go on."""
    acts = life.acts
    recent = deeds(life) & (acts.at < start) & (acts.at >= start - 21 * DAY)
    volume = np.bincount(acts.who[recent], minlength=life.cast)
    talking = np.intersect1d(np.flatnonzero(volume), life.present(start - 1, start))
    usual = talking[np.argsort(volume[talking], kind="stable")][: int(len(talking) * 0.93)]
    quiet = rng.permutation(usual)[: int(len(usual) * size)]
    gone = deeds(life) & (acts.at >= start) & np.isin(acts.who, quiet)
    return without(life, gone), np.sort(quiet)


def questions_unanswered(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Staff do not answer the share `size` of the questions."""
    acts = life.acts
    asked, answer = answered(life, start)
    lost = rng.random(len(answer)) < size
    gone = np.zeros(len(acts.uid), dtype=np.bool_)
    gone[answer[lost]] = True
    return without(life, gone), np.unique(acts.who[asked[lost]])


def answers_slowed(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Staff answer about `size` hours later than they used to."""
    acts = life.acts
    asked, answer = answered(life, start)
    at = acts.at.copy()
    at[answer] += (rng.uniform(0.7, 1.3, len(answer)) * size * HOUR).astype(np.int64) // SECOND * SECOND
    moved = together(acts._replace(at=at))
    late = replace(life, acts=moved)
    effect = place_of_target(moved)
    early = (effect != NONE) & (moved.at < moved.at[effect])
    return without(late, (moved.at >= life.ends) | early), np.unique(acts.who[asked])


def answered(life: Life, start: int) -> tuple[Ints, Ints]:
    """Row numbers of questions asked from `start` on, each with that of its answer by staff."""
    acts = life.acts
    asked = np.zeros(len(acts.uid), dtype=np.bool_)
    asked[questions(life)] = True
    about = place_of_target(acts)
    answer = np.flatnonzero((about != NONE) & asked[about] & ~life.by_members() & (acts.at[about] >= start))
    return about[answer], answer


def talk_concentrated(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Three people say the share `size` of everything; the others are as many, but say one thing a day."""
    acts = life.acts
    said = life.by_members() & (acts.kind == MESSAGE)
    volume = np.bincount(acts.who[said & (acts.at < start)], minlength=life.cast)
    staying = life.present(start, life.ends - SECOND)
    few = np.sort(staying[np.argsort(-volume[staying], kind="stable")[:3]])
    by_few = np.isin(acts.who, few)
    others = np.flatnonzero(said & (acts.at >= start) & ~by_few)
    _, first = np.unique(acts.who[others] * life.days + acts.at[others] // DAY, return_index=True)
    kept = others[first]
    taken = np.zeros(len(acts.uid), dtype=np.bool_)
    taken[np.setdiff1d(others, kept)] = True
    wanted = (
        int(len(kept) * size / (1 - size))
        - int(taken.sum())
        - int((said & by_few & (acts.at >= start)).sum())
    )
    some = rng.choice(kept, max(wanted, 0)) if len(kept) else kept
    more = rows(
        next_uid(acts),
        acts.at[some] + rng.integers(15 * SECOND, 5 * MINUTE, len(some)),
        rng.choice(few, len(some)),
        text=texts_on(rng, "life", len(some)),
        target=acts.uid[some],
        other=acts.who[some],
    )
    return with_rows(retold(life, taken, rng.choice(few, len(acts.uid))), more), few


def retold(life: Life, taken: Marks, who: Ints) -> Life:
    """The life in which `who` said the rows taken; answers, likes, recalls that make no sense now are gone."""
    acts = life.acts
    speaker = np.where(taken, who, acts.who)
    about = place_of_target(acts)
    aimed = about != NONE
    own = aimed & (speaker == speaker[about])
    foreign = aimed & taken[about] & (acts.kind == RECALL)
    plain = own & (acts.kind == MESSAGE)
    author = np.where(aimed & (acts.other != NONE), speaker[about], acts.other)
    acts = acts._replace(
        who=speaker,
        target=np.where(plain, NONE, acts.target),
        other=np.where(plain, NONE, author),
    )
    drop = foreign | (own & np.isin(acts.kind, (REACTION, UNREACTION)))
    return without(replace(life, acts=acts), drop)


def joins_stopped(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Nobody joins any more."""
    acts, came = life.acts, life.came()
    never = came >= start
    returns = (acts.kind == JOIN) & (acts.at >= start) & ~never[acts.who]
    back = np.full(life.cast, life.ends, dtype=np.int64)
    np.minimum.at(back, acts.who[returns], acts.at[returns])
    away = acts.at >= back[acts.who]
    greeted = (acts.who == BOT) & (acts.at >= start)
    keep = life.spells.came < start
    life = replace(life, spells=Spells(*(column[keep] for column in life.spells)))
    return without(life, never[acts.who] | away | greeted), np.zeros(0, dtype=np.int64)


def leaves_spiked(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """The share `size` of the members leave within two days."""
    there = life.present(start, start + 2 * DAY)
    who = np.sort(rng.permutation(there)[: int(len(there) * size)])
    return leave(life, who, start + rng.integers(9 * HOUR, 46 * HOUR, len(who))), who


def leave(life: Life, who: Ints, at: Ints) -> Life:
    """These members leave at these moments, do nothing afterwards and do not come back."""
    at = at // SECOND * SECOND
    exit_at = np.full(life.cast, life.ends + DAY, dtype=np.int64)
    exit_at[who] = at
    spells = life.spells
    keep = spells.came < exit_at[spells.who]
    spells = Spells(spells.who[keep], spells.came[keep], np.minimum(spells.went, exit_at[spells.who])[keep])
    staying = without(replace(life, spells=spells), life.acts.at >= exit_at[life.acts.who])
    return with_rows(staying, rows(next_uid(life.acts), at, who, kind=LEAVE))


def arrive(rng: Chance, life: Life, at: Ints, *, stay: Ints | None = None) -> tuple[Life, Ints]:
    """New people join by the plan's code at these moments; with `stay` they leave again after so long."""
    at = at // SECOND * SECOND
    who = np.arange(life.cast, life.cast + len(at))
    spells = life.spells
    went = np.full(len(at), life.ends + DAY, dtype=np.int64)
    life = replace(
        life,
        level=np.append(life.level, np.full(len(at), 0.02)),
        chattiness=np.append(life.chattiness, np.full(len(at), 0.3)),
        spells=Spells(np.append(spells.who, who), np.append(spells.came, at), np.append(spells.went, went)),
    )
    code = [name for name, _ in life.plan.sources].index(life.plan.code)
    joins = rows(next_uid(life.acts), at, who, kind=JOIN, source=code)
    welcome = rows(next_uid(joins), at + 6 * SECOND, BOT, text=texts_on(rng, "welcome", len(at)))
    life = with_rows(life, joins, welcome)
    if stay is None:
        return life, who
    brief = at + stay < life.ends
    return leave(life, who[brief], (at + stay)[brief]), who


def with_rows(life: Life, *parts: Acts) -> Life:
    """The life with these rows too, as far as they lie before its end and their people are still there."""
    acts = together(life.acts, *parts)
    return replace(life, acts=only(acts, acts.at < life.ends))


def crisis_broke(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """From one hour of the day on, `size` complaints come in within some hours."""
    hour = start + int(rng.integers(10, 16)) * HOUR
    there = life.present(hour, start + DAY)
    who = rng.permutation(there)[: max(int(size / 3), 12)]
    wait = np.sort((rng.standard_exponential(int(size)) * 75 * MINUTE).astype(np.int64))
    at = hour + np.minimum(wait, 8 * HOUR - MINUTE)
    speaker = rng.choice(who, len(at))
    complaints = rows(next_uid(life.acts), at, speaker, text=texts_on(rng, "complaint", len(at)))
    return with_rows(life, complaints), np.unique(speaker)


def flood_came(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """One to three accounts join and send `size` nearly equal ads within the hour; staff remove them late."""
    accounts = int(rng.integers(1, 4))
    morning = start + 9 * HOUR + rng.integers(0, 5 * HOUR)
    life, who = arrive(rng, life, np.sort(morning - rng.integers(MINUTE, HOUR, accounts)))
    text = str(texts_on(rng, "ad", 1)[0])
    marks = rng.choice(np.array(("", "!", "🔥", "。", " ", "💰", "…"), dtype=object), int(size))
    at = morning + np.sort(rng.integers(MINUTE, 50 * MINUTE, int(size)))
    ads = np.array([text + mark for mark in marks.tolist()], dtype=object)
    flood = rows(next_uid(life.acts), at, rng.choice(who, int(size)), text=ads)
    out = np.full(accounts, morning + 5 * HOUR) + rng.integers(0, HOUR, accounts)
    life = leave(with_rows(life, flood), who, out)
    removed = (life.acts.kind == LEAVE) & np.isin(life.acts.who, who)
    acts = life.acts._replace(
        kind=np.where(removed, REMOVE, life.acts.kind),
        other=np.where(removed, on_shift(life, life.acts.at), life.acts.other),
    )
    return replace(life, acts=acts), who


def items_missing(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """No weekly topic or poll any more, and so nobody answers one."""
    acts = life.acts
    item = np.isin(acts.uid, life.items) & (acts.at >= start)
    about = place_of_target(acts)
    gone = item | ((about != NONE) & item[about])
    return without(replace(life, items=np.setdiff1d(life.items, acts.uid[item])), gone), touched(
        life, gone & life.by_members()
    )


def posts_repeated(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Staff say one of `size` things to everybody, over and over."""
    told = broadcasts(life, start)
    few = texts_on(rng, "post", int(size))
    text = life.acts.text.copy()
    text[told] = rng.choice(few, len(told))
    return replace(life, acts=life.acts._replace(text=text)), np.unique(life.acts.who[told])


def posts_sold(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """The share `size` of what staff say to everybody sells something."""
    told = broadcasts(life, start)
    told = told[rng.random(len(told)) < size]
    text = life.acts.text.copy()
    text[told] = texts_on(rng, "deal", len(told))
    return replace(life, acts=life.acts._replace(text=text)), np.unique(life.acts.who[told])


def posts_ignored(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Members no longer react to the share `size` of what staff say to everybody."""
    acts = life.acts
    told = broadcasts(life, start)
    lost = told[rng.random(len(told)) < size]
    gone = (acts.kind == REACTION) & life.by_members() & np.isin(acts.target, acts.uid[lost])
    return without(life, gone), np.unique(acts.who[lost])


def forms_narrowed(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Only plain text is left: no reactions, shares, pictures or polls."""
    acts = life.acts
    later = acts.at >= start
    bare = later & (acts.kind == MESSAGE) & (acts.form != TEXT) & (acts.text == "")
    text = acts.text.copy()
    text[bare] = texts_on(rng, "life", int(bare.sum()))
    plain = acts._replace(form=np.where(later, TEXT, acts.form), text=text)
    gone = later & np.isin(acts.kind, (REACTION, UNREACTION, SHARE))
    return without(replace(life, acts=plain), gone), touched(life, gone & life.by_members())


def staff_absent(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """Staff do nothing, the bot goes on; who was removed or pulled in by staff leaves or comes by oneself."""
    acts = life.acts
    later = acts.at >= start
    crew = (acts.who > BOT) & (acts.who < life.first_member)
    by_crew = (
        later & np.isin(acts.kind, (JOIN, REMOVE)) & (acts.other > BOT) & (acts.other < life.first_member)
    )
    alone = acts._replace(
        kind=np.where(by_crew & (acts.kind == REMOVE), LEAVE, acts.kind),
        other=np.where(by_crew, NONE, acts.other),
        source=np.where(by_crew & (acts.kind == JOIN), 0, acts.source),
    )
    absent = without(replace(life, acts=alone), later & crew)
    return absent, np.arange(1, life.first_member)


def source_leaked(rng: Chance, life: Life, start: int, size: float) -> Struck:
    """The plan's code brings eight people a day; the share `size` of them leave within a day and a half."""
    days = (life.ends - start) // DAY
    count = rng.poisson(8.0, days)
    opening = start + np.repeat(np.arange(days), count) * DAY
    at = np.sort(opening + rng.integers(9 * HOUR, 22 * HOUR, len(opening)))
    brief = rng.integers(5 * MINUTE, 34 * HOUR, len(at))
    stay = np.where(rng.random(len(at)) < size, brief, 2 * life.ends)
    return arrive(rng, life, at, stay=stay)
