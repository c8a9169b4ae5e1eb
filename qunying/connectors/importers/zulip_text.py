"""What a Zulip message's text says beside its words: whom it answers."""

from __future__ import annotations

import re

from msgspec import Struct

from qunying.connectors.importers.html_text import looks_like_html, plain
from qunying.connectors.importers.json_stream import Record, text_of
from qunying.connectors.incoming import Form

_SAID = re.compile(
    r"@_?\*\*(?P<name>[^*|]*)(?:\|(?P<id>\d+))?\*\*\s*\[said\]\([^)]*?/near/(?P<target>\d+)\):\s*"
    r"(?P<fence>`{3,})quote\n.*?\n(?P=fence)\s*",
    re.DOTALL,
)
_SAID_HTML = re.compile(
    r'<p>\s*<span class="user-mention[^"]*" data-user-id="(?P<id>\d+)">[^<]*</span>\s*'
    r'<a href="[^"]*?/near/(?P<target>\d+)">said</a>:?\s*</p>',
)
_UPLOAD = re.compile(r"\s*\[[^\]]*\.(?P<ending>\w{2,5})\]\(/user_uploads/[^)]*\)\s*")
_IMAGES = {"png", "jpg", "jpeg", "gif", "webp"}


class Said(Struct, frozen=True):
    """The words without the quotation; the message and account answered, "" where none."""

    text: str
    target: str = ""
    author: str = ""
    form: Form = "text"


def said(content: str) -> Said:
    """Of several quotations the first is what the message answers; all are left out of the words."""
    pattern, clean = (_SAID_HTML, plain) if looks_like_html(content) else (_SAID, str.strip)
    first = pattern.search(content)
    text = clean(pattern.sub("", content))
    if first:
        return Said(text, first["target"], first["id"] or "")
    upload = _UPLOAD.fullmatch(content)
    if upload:
        return Said("", form="image" if upload["ending"].lower() in _IMAGES else "file")
    return Said(text)


def emoji_of(raw: Record) -> str:
    """A reaction's character where it is one, else the emoji's name."""
    if raw.get("reaction_type") == "unicode_emoji":
        try:
            return "".join(chr(int(code, 16)) for code in raw["emoji_code"].split("-"))
        except (KeyError, ValueError):
            return text_of(raw.get("emoji_name"))
    return text_of(raw.get("emoji_name"))
