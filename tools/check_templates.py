"""Templates hold no script and no style, no bare Chinese, and nothing that a blind person cannot use."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.tree import CHINESE, PACKAGE, Finding, line_of, report

NOTES = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
BLOCKS = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
SIMPLE = re.compile(r"\{%\s*trans(?:late)?\b.*?%\}|\b_\((?:\"[^\"]*\"|'[^']*')\)", re.DOTALL)
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
HANDLER = re.compile(r"\son[a-z]+\s*=", re.IGNORECASE)
LONGEST = 400


def templates() -> list[Path]:
    """Every page and fragment."""
    return sorted(PACKAGE.glob("*/templates/**/*.html"))


def findings(path: Path) -> Iterator[Finding]:
    """All that is wrong with one template."""
    text = path.read_text("utf-8")
    lines = text.count("\n") + 1
    if lines > LONGEST:
        yield Finding(path, lines, f"{lines} lines, {LONGEST} is the most")
    text = blank(NOTES, text)
    yield from bare_chinese(path, text)
    yield from bad_tags(path, blank(CODE, text, keep="x"))


def bare_chinese(path: Path, text: str) -> Iterator[Finding]:
    """Chinese that no translation tag surrounds, one finding a line."""
    for number, line in enumerate(blank(SIMPLE, blank(BLOCKS, text)).splitlines(), 1):
        found = CHINESE.search(line)
        if found:
            yield Finding(path, number, f"Chinese outside a translation tag: {line.strip()[:60]}")


def bad_tags(path: Path, text: str) -> Iterator[Finding]:
    """Tags that the content policy blocks or that say too little."""
    for tag in TAG.finditer(text):
        name, attributes = tag[1].lower(), tag[2]
        for words in complaints(name, attributes):
            yield Finding(path, line_of(text, tag.start()), f"<{name}> {words}")


def complaints(name: str, attributes: str) -> Iterator[str]:
    """What is wrong with one tag."""
    has = {word.lower() for word in re.findall(r"(?:^|\s)([\w:.@-]+)(?=[\s=/]|$)", attributes)}
    if name == "style" or "style" in has:
        yield "holds a style: use a class"
    if name == "script" and "src" not in has and "application/json" not in attributes:
        yield "holds a script: use a file"
    if HANDLER.search(attributes):
        yield "holds a handler: use hx- or data- attributes"
    if re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", attributes) and name in {
        "script",
        "link",
        "img",
    }:
        yield "is fetched from somewhere else"
    if name == "img" and "alt" not in has:
        yield "has no alt"
    if name == "button" and "type" not in has:
        yield "has no type"
    if name == "a" and "target" in has and "rel" not in has:
        yield "has a target and no rel"


def blank(pattern: re.Pattern[str], text: str, *, keep: str = " ") -> str:
    """The text with every match overwritten, line ends kept."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", keep, found[0]), text)


if __name__ == "__main__":
    sys.exit(report(finding for path in templates() for finding in findings(path)))
