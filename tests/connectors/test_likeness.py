"""What makes two texts alike: the shortcut for ordinary Chinese texts gives what folding every text would give."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from hypothesis import example, given, settings
from hypothesis import strategies as st

from qunying.connectors.texts import likeness

ORDINARY = st.sampled_from("今天泡了一壶老白茶，。！？：；（）…—“”、 \n0123abc")
ODD = st.sampled_from("Ａａ１①㎡ÅßİﬁABC😀〇々ー\u3099か゛\u302a々Σς")
TEXTS = st.text(st.one_of(ORDINARY, ORDINARY, ODD, st.characters(exclude_categories=["Cs"])), max_size=260)


def folded(text: str) -> int | None:
    plain = unicodedata.normalize("NFKC", text[:200]).lower()
    plain = re.sub("[0-9]+", "0", re.sub("[^0-9a-z一-鿿]+", "", plain))
    if len(text) < 4 or len(plain) < 4:
        return None
    return int.from_bytes(blake2b(plain.encode(), digest_size=8).digest(), "big", signed=True)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("茶" * 199 + "１２")
@example("買茶叶，今天下单！")
def test_every_text_is_like_what_its_folded_form_is_like(text):
    assert likeness(text) == folded(text)


def test_case_width_digits_emoji_and_punctuation_make_no_difference():
    assert likeness("团购第12期，今晚8点ABC") == likeness("团购第３期！！今晚９点 abc😀")
    assert likeness("今晚八点") != likeness("今晚九点")
    assert likeness("好的。") is None
    assert likeness("。。。。。") is None
