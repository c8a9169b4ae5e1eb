"""Pictures beside the words of a message: what a platform takes of them, and one that is ready to leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qunying.kit.pictures import TYPES

SECONDS = 60.0
"""How long a platform may take over a request that carries pictures."""
ENDINGS = {"jpeg": "jpg"}


@dataclass(frozen=True)
class Image:
    """配图: one picture of a message, with what is in it."""

    data: bytes
    form: str
    width: int
    height: int

    @property
    def mime(self) -> str:
        return TYPES[self.form]

    def name(self, number: int) -> str:
        """What the file is called on the platform: nothing of what it was called on somebody's phone."""
        return f"{number}.{ENDINGS.get(self.form, self.form)}"


@dataclass(frozen=True)
class Pictures:
    """能带的图片: what a platform takes beside the words of one message to a group: forms, bytes of one and of all,
    pixels of both sides together, how many times one side may be the other, and how many letters of words beside them
    where that is less than without."""

    forms: tuple[str, ...] = tuple(TYPES)
    bytes: int | None = None
    total: int | None = None
    sides: int | None = None
    ratio: int | None = None
    letters: int | None = None

    def takes(self, *, form: str, size: int, width: int, height: int) -> bool:
        """Whether it takes a picture like this."""
        return (
            form in self.forms
            and size <= (self.bytes or size)
            and width + height <= (self.sides or width + height)
            and max(width, height) <= min(width, height) * (self.ratio or max(width, height))
        )

    def holds(self, sizes: Sequence[int]) -> bool:
        """Whether it takes pictures of so many bytes together."""
        return sum(sizes) <= (self.total or sum(sizes))

    def limit_words(self) -> str:
        """What it takes, for who has to choose another."""
        forms = "、".join(form.upper() for form in self.forms)
        words = [_("只收 %(forms)s") % {"forms": forms}] if len(self.forms) < len(TYPES) else []
        if self.bytes:
            words.append(_("每张不超过 %(n)s MB") % {"n": self.bytes >> 20})
        if self.total:
            words.append(_("合计不超过 %(n)s MB") % {"n": self.total >> 20})
        if self.sides:
            words.append(_("长宽合计不超过 %(n)s 像素") % {"n": self.sides})
        if self.ratio:
            words.append(_("长边不超过短边的 %(n)s 倍") % {"n": self.ratio})
        return "，".join(words)
