"""敏感资料: what of a person is masked for everybody until somebody asks to see it, and what a mask leaves.

A phone, mail, ID, bank card, address or real name is known by what it is called, the first four also by what they look
like, in the middle of a note too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["phone", "email", "id_number", "bank_card", "address", "real_name"]
STARS = "****"
"""Always as many, so that they do not tell how much they hide."""
PROMISED: dict[Kind, int] = {
    "phone": 7,
    "email": 5,
    "id_number": 5,
    "bank_card": 4,
    "address": 0,
    "real_name": 1,
}
"""How many digits of a value its mask may hold."""


@dataclass(frozen=True)
class Sensitive:
    """What kind it is (of several the first), its mask, and whether nothing else is left beside it."""

    kind: Kind
    mask: str
    is_whole: bool


def sensitive(called: str, value: str, *, is_account: bool = False) -> Sensitive | None:
    """None for what may be shown as it is. Accounts and nicknames are not taken for cards and IDs, since numbers of
    platforms look alike."""
    kind = _called(called) if called else None
    if kind is None and _is_short_of_digits(value):
        return None
    text = _plain(value)
    if not text:
        return None
    if kind:
        return Sensitive(kind, MASKS[kind](text), is_whole=True)
    found: Sensitive | None = None
    looks = ACCOUNT_LOOKS if is_account else LOOKS
    while seen := _seen(text, looks):  # what a mask leaves may look like one again
        kind, hit = seen
        is_whole = found.is_whole if found else hit[0] == text
        text = text[: hit.start()] + MASKS[kind](hit[0]) + text[hit.end() :]
        found = Sensitive(found.kind if found else kind, text, is_whole)
    return found


def normal(kind: Kind, value: str) -> str:
    """The same for every way of writing one value: a phone with or without +86, blanks and dashes, a mail in any
    case."""
    text = _plain(value)
    if kind in ("phone", "bank_card"):
        digits = re.sub(r"^(?:00)?86(?=1\d{10}$)", "", _digits(text))
        return digits or text.casefold()
    return _letters(text).upper() if kind == "id_number" else "".join(text.casefold().split())


CALLED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("email", re.compile(r"邮箱|邮件|e-?mail", re.IGNORECASE)),
    (
        "phone",
        re.compile(
            r"手机(?!型号|品牌|系统|机型)|电话|联系方式|联系号码|phone(?!.?(?:model|type|brand))|mobile|\btel\b",
            re.IGNORECASE,
        ),
    ),
    ("address", re.compile(r"地址|住址|门牌|address", re.IGNORECASE)),
    (
        "id_number",
        re.compile(
            r"身份证|证件号|证件编号|护照|通行证|驾驶证|\bid.?(?:card|number|no)\b|passport", re.IGNORECASE
        ),
    ),
    ("bank_card", re.compile(r"银行|储蓄卡|信用卡|bank|credit.?card|\biban\b", re.IGNORECASE)),
    ("real_name", re.compile(r"姓名|真名|实名|收货人|收件人|real.?name|full.?name", re.IGNORECASE)),
)
"""The first that fits counts: 邮箱地址 is a mail, 收货人电话 a phone."""

_GAP = r"[\s.\-·/]{1,2}"
_LETTER = r"[^\W\u2e80-\U0003ffff]"
"""Of a mail: Chinese stands beside one without a blank."""
_DOMAIN = re.compile(rf"(?:{_LETTER}|-){{1,63}}(?:\.(?:{_LETTER}|-){{1,63}})+")
ACCOUNT_LOOKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("email", re.compile(rf"(?:{_LETTER}|[.+%-]){{1,64}}@{_DOMAIN.pattern}")),
    (
        "phone",
        re.compile(
            rf"(?<!\d)(?:\+?86[\s-]{{0,2}})?1[3-9](?:\d(?:{_GAP})?\d{{4}}(?:{_GAP})?\d{{4}}|\d{_GAP}\d{{3}}{_GAP}\d{{5}}|\d{{3}}{_GAP}\d{{6}})(?!\d)"
        ),
    ),
    ("phone", re.compile(r"(?<!\w)\+\d(?:[\s\-().]{0,2}\d){7,14}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)\(?0\d{2,3}[)\s-]{1,2}\d{7,8}(?!\d)")),
)
"""What a number of a platform does not look like."""
LOOKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    *ACCOUNT_LOOKS,
    (
        "id_number",
        re.compile(
            r"(?<![0-9A-Za-z])[1-9]\d{5} ?(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?\d{3}[\dXx]"
            r"(?![0-9A-Za-z])"
        ),
    ),
    ("bank_card", re.compile(r"(?<!\d)[3-6]\d(?:[ -]?\d){13,17}(?!\d)")),
)


def _plain(text: str) -> str:
    """Wide and foreign digits as ours, nothing unseen between them."""
    if text.isascii() and text.isprintable():
        return text.strip()  # nothing of that there, and most values are so
    kept = (" " if one.isspace() else one for one in unicodedata.normalize("NFKC", text))
    seen = (one for one in kept if unicodedata.category(one) not in ("Cc", "Cf"))
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in seen).strip()


LEAST_DIGITS = 8
"""Of whatever is known by its looks, mails aside."""


def _is_short_of_digits(text: str) -> bool:
    """Whether it can look like nothing of these: most nicknames and accounts, of which a list shows many."""
    return not AT & {*text} and sum(map(str.isnumeric, text)) < LEAST_DIGITS


AT = {"@", "\uff20", "\ufe6b"}


@lru_cache(maxsize=1000)
def _called(name: str) -> Kind | None:
    spaced = _plain(name).replace("_", " ")
    return next((kind for kind, words in CALLED if words.search(spaced)), None)


def _seen(text: str, looks: Iterable[tuple[Kind, re.Pattern[str]]]) -> tuple[Kind, re.Match[str]] | None:
    """The first of the text that looks like one of these."""
    hits = ((kind, hit) for kind, look in looks for hit in look.finditer(text))
    return next((seen for seen in hits if seen[0] != "bank_card" or _adds_up(seen[1][0])), None)


def _adds_up(card: str) -> bool:
    """Luhn's sum, which nine of ten numbers that are no card miss."""
    turned = [int(one) for one in reversed(_digits(card))]
    return sum(one if at % 2 == 0 else sum(divmod(one * 2, 10)) for at, one in enumerate(turned)) % 10 == 0


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdecimal())


def _ends(text: str, first: int, last: int) -> str:
    """The first and last letters with stars between; of a short text the last two, of a very short one none."""
    if len(text) < first + last + len(STARS):
        first, last = 0, min(last, 2) if len(text) >= 6 else 0
    return f"{text[:first]}{STARS}{text[len(text) - last :]}"


def _phone(text: str) -> str:
    digits = _digits(text)
    if len(digits) == 13 and digits.startswith("861"):
        return _ends(digits[2:], 3, 4)
    return ("+" if text.startswith("+") else "") + _ends(digits, 3, 4)


def _email(text: str) -> str:
    name, _at, domain = text.rpartition("@")
    is_told = _DOMAIN.fullmatch(domain) and len(_digits(domain)) < PROMISED["email"]
    return f"{name[0]}***@{domain}" if name and is_told else STARS


def _address(text: str) -> str:
    return re.sub(r"\d", "*", text[: min(6, len(text) // 2)]) + STARS


def _letters(text: str) -> str:
    return "".join(one for one in text if one.isalnum())


MASKS: dict[Kind, Callable[[str], str]] = {
    "phone": _phone,
    "email": _email,
    "id_number": lambda text: _ends(_letters(text), 3, 2),
    "bank_card": lambda text: _ends(_digits(text), 0, 4),
    "address": _address,
    "real_name": lambda text: f"{text[0]}**",
}
