"""What is read off a message's text once, so that the text itself may go: is it a question, is it valid, what
is it like."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from qunying.facts.marks import INTERACTION_ITEM, QUESTION, TEXTLESS, VALID

_ASKING_ENDS = ("吗", "呢", "么", "嘛")
_ASKING_STARTS = ("请问", "怎么", "如何", "为什么", "谁知道", "有没有人")
_BARE = frozenset(
    (
        "收到",
        "好",
        "好的",
        "好滴",
        "好哒",
        "ok",
        "嗯",
        "嗯嗯",
        "1",
        "11",
        "111",
        "666",
        "6",
        "哦",
        "哦哦",
        "在",
        "签到",
        "打卡",
        "早",
        "赞",
        "顶",
    )
)
_INVITES = re.compile(
    r"投票|接龙|话题|竞猜|有奖问答|来聊聊|大家觉得|你会选|说说你|晒一晒|打卡挑战|#[^#\s]{2,20}#?"
)
_KEPT = re.compile(r"[^0-9a-z一-鿿]+")
_DIGITS = re.compile(r"[0-9]+")
_HASH = blake2b(digest_size=8)
_FOLDED = re.compile(r"[^0-9a-z一-鿿　-〟，。！？：；（）…—“”‘’、 \n]")
"""What may be written otherwise in another case or width. Most Chinese texts have nothing of it, and folding one takes
longer than everything else we do with it."""


def marks(text: str, form: str, *, is_staff: bool) -> int:
    """Bits of facts.marks for one message. A text is valid when something is left beyond an acknowledgement or
    emoji."""
    if form != "text" and not text:
        return TEXTLESS if form != "poll" else TEXTLESS | INTERACTION_ITEM * is_staff
    found = 0
    if form != "red_packet" and is_valid(text):
        found |= VALID
    if asks(text):
        found |= QUESTION
    if is_staff and (form == "poll" or _INVITES.search(text)):
        found |= INTERACTION_ITEM
    return found


def asks(text: str) -> bool:
    """A question mark anywhere, an asking particle at the end, or an asking word at the start."""
    if "？" in text or "?" in text:
        return True
    return text.startswith(_ASKING_STARTS) or text.rstrip("。！!~～ ").endswith(_ASKING_ENDS)


def is_valid(text: str) -> bool:
    """有效发言: not a bare 收到, 1, +1, emoji or punctuation."""
    plain = text.strip().lower()
    if len(plain) > 8:
        return True
    core = "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LN")
    return bool(core) and core not in _BARE


def likeness(text: str) -> int | None:
    """Equal for texts that differ only in case, width, digits, emoji and punctuation; None below four characters."""
    if len(text) < 4:
        return None
    plain = text[:200]
    if _FOLDED.search(plain):
        plain = unicodedata.normalize("NFKC", plain).lower()
    plain = _KEPT.sub("", plain) if _KEPT.search(plain) else plain
    plain = _DIGITS.sub("0", plain) if _DIGITS.search(plain) else plain
    if len(plain) < 4:
        return None
    hashed = _HASH.copy()
    hashed.update(plain.encode())
    return int.from_bytes(hashed.digest(), "big", signed=True)


def clean(text: str) -> str:
    """The text as we keep it: NUL and lone surrogates, which no database should hold, are replaced."""
    if "\x00" in text:
        text = text.replace("\x00", "�")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
