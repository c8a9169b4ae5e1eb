"""The message catalogues: compiled for Django, or with --check compared with every text in code and pages.

A message id is the Chinese text itself, so the check also reads it as an operator would: full-width
punctuation, none of our engineering words. Every app keeps its own English in its
locale/en; the same text has the same English in all of them.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tools.tree import CHINESE, PACKAGE, Finding, report

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\([^)]*\)[a-z]|%[sd%]")
HALF_WIDTH = re.compile(r"[\u3400-\u9fff\u3001-\u301f][,;:?!](?=\s*(?:[\u3400-\u9fff\ue000]|$))")
OUR_CHINESE = re.compile(
    r"事实|读数|受众|用户(?!内容|画像|增长)|事件|数据库(?!文件)|租户|剧本|会籍|位图|幂等|游标|(?<![群新])成员(?!转化率)"
)
OUR_ENGLISH = re.compile(
    r"\b(?:facts?|audiences?|playbooks?|findings?|readings?|ledgers?|memberships?|holdouts?|segments?|cohorts?"
    r"|tenants?|cursors?|bitmaps?|projectors?|null|none)\b",
    re.IGNORECASE,
)

Key = tuple[str, str]
"""Context and text of a message."""


def main(words: list[str]) -> int:
    """Compile, or with --check print what is missing, left over or badly worded."""
    apps = sorted(path for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")
    if "--check" in words:
        return report(chain(*map(findings, apps), disagreements(apps)))
    for path in sorted(PACKAGE.glob("*/locale/*/LC_MESSAGES/*.po")):
        compiled = io.BytesIO()
        write_mo(compiled, read(path))
        part = path.with_suffix(".part")
        part.write_bytes(compiled.getvalue())
        part.replace(path.with_suffix(".mo"))
    return 0


def read(path: Path) -> Catalog:
    """A catalogue as it stands in its file; an empty one where there is no file."""
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def findings(app: Path) -> Iterator[Finding]:
    """What is wrong with the texts of one app."""
    path = app / "locale/en/LC_MESSAGES/django.po"
    english = {key_of(message): message for message in read(path) if message.id}
    used: set[Key] = set()
    for source in sorted([*app.rglob("*.py"), *app.glob("templates/**/*.html")]):
        for line, key, texts in messages(source):
            used.add(key)
            for text in texts:
                yield from (Finding(source, line, words) for words in bad_wording(text))
            if key not in english:
                yield Finding(source, line, f"no English for “{key[1]}” in {path.relative_to(app.parent)}")
    for key, message in english.items():
        line = message.lineno or 1
        yield from (Finding(path, line, words) for words in bad_translation(message))
        if key not in used:
            yield Finding(path, line, f"no code or template says “{key[1]}”")


def disagreements(apps: Sequence[Path]) -> Iterator[Finding]:
    """Texts that two apps put into English differently: Django merges the catalogues, so one of them would win
    everywhere. A text that means two things has a context."""
    first: dict[Key, tuple[str, object]] = {}
    for app in apps:
        path = app / "locale/en/LC_MESSAGES/django.po"
        for message in (each for each in read(path) if each.id):
            whose, english = first.setdefault(key_of(message), (app.name, message.string))
            if english != message.string:
                yield Finding(path, message.lineno or 1, f"“{key_of(message)[1]}” is “{english}” in {whose}")


def messages(source: Path) -> Iterator[tuple[int, Key, list[str]]]:
    """The Chinese messages of one file: line, key, and every text (a plural has two)."""
    text = source.read_text("utf-8")
    if source.suffix == ".html":
        text = templatize(text, origin=str(source))
    for line, found, _, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
        texts = [each for each in (found if isinstance(found, tuple) else (found,)) if each]
        if texts and CHINESE.search(texts[0]):
            yield line, (context or "", texts[0]), texts


def key_of(message: Message) -> Key:
    """What identifies a message: a plural is known by its first text."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", text


def bad_wording(text: str) -> Iterator[str]:
    """What an operator would stumble over in a Chinese text."""
    plain = PLACEHOLDER.sub(" ", text)
    for found in HALF_WIDTH.finditer(PLACEHOLDER.sub("\ue000", text)):
        yield f"half-width {found[0][-1]} in “{text}”"
    for found in (*OUR_CHINESE.finditer(plain), *OUR_ENGLISH.finditer(plain)):
        yield f"our own word {found[0]} in “{text}”: see the glossary"


def bad_translation(message: Message) -> Iterator[str]:
    """What is wrong with one entry of a catalogue."""
    _, text = key_of(message)
    english = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(english) or message.fuzzy:
        yield f"“{text}” is not translated"
        return
    for words in english:
        if CHINESE.search(words):
            yield f"Chinese in the English of “{text}”"
        if set(PLACEHOLDER.findall(words)) - set(PLACEHOLDER.findall(text)):
            yield f"the English of “{text}” has other placeholders"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
