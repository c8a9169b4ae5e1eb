"""Brand mentions over the texts that are kept, and waves of near-equal messages."""

from __future__ import annotations

import pytest

from qunying.brands.actions import change_brand
from qunying.communities.actions import purge_texts
from qunying.metrics.asking import listing
from tests.metrics.chats import NOW, Chat, Line
from tests.metrics.reports_world import owner_of

pytestmark = pytest.mark.django_db

CHAT = (
    Line(0, "ann", "山茶的新品到了，山茶真香"),
    Line(1, "bob", "shancha 什么时候补货"),
    Line(2, "cat", "对面的云雾茶也不错"),
    Line(3, "ann", "SHANCHA 比云雾好"),
    Line(4, "sue", "山茶全场八折"),
    Line(5, "bot", "山茶欢迎你"),
    Line(6, "bob", "山茶撤回", recalled=True),
    Line(2000, "cat", "今天天气不错"),
)


def set_terms(chat: Chat, *, own: str, rivals: str = "") -> None:
    staff = owner_of(chat.brand)
    change_brand(
        chat.brand,
        at=NOW,
        by=staff,
        name=chat.brand.name,
        preferences={"brand_terms": own, "rival_terms": rivals},
    )


@pytest.fixture
def chat() -> Chat:
    return Chat(CHAT, staff=["sue"], bots=["bot"], covered=3)


def told(chat: Chat, key: str) -> tuple[float | None, int | None, int | None, str]:
    answer = chat.asker.ask(key, chat.first, chat.last)
    return answer.value, answer.numerator, answer.denominator, answer.state


def test_a_message_with_a_term_counts_once_and_staff_bots_and_recalled_ones_do_not(chat):
    set_terms(chat, own="山茶\nshancha")
    question = chat.asker.question(chat.first, chat.last)

    lines = listing(question, chat.asker.ask("voice.mentions", chat.first, chat.last))

    assert told(chat, "voice.mentions") == (3, 3, None, "ok")
    assert [(chat.name_of[line.member], line.at) for line in lines] == [
        ("ann", chat.at(0)),
        ("bob", chat.at(1)),
        ("ann", chat.at(3)),
    ]


def test_signs_of_a_term_stand_for_themselves(chat):
    set_terms(chat, own="%\n_")

    assert told(chat, "voice.mentions") == (0, 0, None, "ok")


def test_share_of_voice_wants_competitors(chat):
    set_terms(chat, own="山茶\nshancha")
    alone = told(chat, "voice.share")

    set_terms(chat, own="山茶\nshancha", rivals="云雾")

    assert alone == (None, None, None, "not_computed")
    assert told(chat, "voice.share") == (3 / 5, 3, 5, "ok")


def test_without_terms_mentions_are_not_computed(chat):
    assert told(chat, "voice.mentions") == (None, None, None, "not_computed")


def test_purged_texts_are_not_computed(chat):
    set_terms(chat, own="山茶")

    purge_texts(chat.brand, keep_days=22, at=NOW)  # of the first day only

    assert told(chat, "voice.mentions") == (None, None, None, "not_computed")
    second = chat.asker.ask("voice.mentions", chat.first + 1, chat.last)
    assert (second.value, second.state) == (0, "ok")


WAVE = [Line(place * 2, "ann" if place % 2 else "bob", f"加微信领茶叶 {place}") for place in range(6)]


def test_a_wave_of_near_equal_messages_by_few_accounts_is_a_flood():
    late = Line(40, "ann", "加微信领茶叶 9")
    other_place = [Line(place, "ann", "加微信领茶叶 1", place=1) for place in range(4)]
    chat = Chat([*WAVE, late, *other_place, Line(3, "cat", "别发了")], covered=3, places=2)
    question = chat.asker.question(chat.first, chat.last)

    answer = chat.asker.ask("floods", chat.first, chat.last)

    assert (answer.value, answer.numerator, answer.state) == (6, 6, "ok")
    assert [line.at for line in listing(question, answer)] == [chat.at(line.minute) for line in WAVE]


def test_many_accounts_saying_the_same_are_no_flood():
    chat = Chat([Line(place, f"m{place}", "我要报名") for place in range(8)], covered=3)

    assert told(chat, "floods") == (0, 0, None, "ok")


def test_a_slow_repeat_is_no_flood():
    chat = Chat([Line(place * 3, "ann", "我要报名") for place in range(8)], covered=3)

    assert told(chat, "floods") == (0, 0, None, "ok")
