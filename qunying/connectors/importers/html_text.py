"""Plain text of the small HTML that forums and chat servers render messages to."""

from __future__ import annotations

from html.parser import HTMLParser

_BLOCKS = {"p", "div", "li", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "tr", "table"}
_QUOTES = {"blockquote", "aside"}


def plain(html: str) -> str:
    """The text: one line a block, quotations and styles left out, pictures by their alternative text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = ("".join(line).strip() for line in reader.lines)
    return "\n".join(line for line in lines if line)


def looks_like_html(text: str) -> bool:
    return text.startswith("<") and text.rstrip().endswith(">")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._inside_quote = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _QUOTES or tag in ("style", "script"):
            self._inside_quote += 1
        elif tag in _BLOCKS or tag == "br":
            self.lines.append([])
        elif tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _QUOTES or tag in ("style", "script"):
            self._inside_quote = max(0, self._inside_quote - 1)
        if tag in _BLOCKS | _QUOTES:
            self.lines.append([])

    def handle_data(self, data: str) -> None:
        if not self._inside_quote:
            self.lines[-1].append(data.replace("\n", " "))
