"""The fixed wordings in which our ChatLab export tells what ChatLab has no field for; our importer reads them back.

A person stands as “name”〔id〕. `write` and `parse` are each other's inverse, except that quotation marks and
brackets of this kind inside a displayed name are replaced by plain ones.
"""

from __future__ import annotations

import re

from qunying.connectors.importers.system_line import NOBODY, SystemLine, Who

_MARKS = str.maketrans({"“": '"', "”": '"', "〔": "(", "〕": ")", "\r": " ", "\n": " "})
_PLAIN = {"%": "%25", "〔": "%E3%80%94", "〕": "%E3%80%95", "\r": "%0D", "\n": "%0A"}
_BACK = {code: mark for mark, code in _PLAIN.items()}

WORDINGS: tuple[tuple[str, str], ...] = (
    ("join", "{actor}由{other}邀请，加入了群聊"),
    ("join", "{actor}加入了群聊"),
    ("leave", "{actor}退出了群聊"),
    ("remove", "{actor}被{other}移出了群聊"),
    ("remove", "{actor}被移出了群聊"),
    ("invite", "{other}邀请了{actor}"),
    ("invite", "{actor}收到了入群邀请"),
    ("recall", "{actor}撤回了{other}的消息{target}"),
    ("recall", "{actor}撤回了消息{target}"),
    ("pin", "{actor}置顶了消息{target}"),
    ("notice", "{actor}发布了群通知：{text}"),
)
"""Kind and wording. Of two for one kind the first is used where there is a second person."""

_PERSON = "“(?P<{0}_name>[^“”〔〕]*)”〔(?P<{0}_id>[^〔〕]*)〕"


def _pattern(wording: str) -> re.Pattern[str]:
    fields = {
        "actor": _PERSON.format("actor"),
        "other": _PERSON.format("other"),
        "target": "〔(?P<target>[^〔〕]*)〕",
        "text": "(?P<text>.*)",
    }
    return re.compile(wording.format(**fields), re.DOTALL)


_PATTERNS = tuple((kind, _pattern(wording)) for kind, wording in WORDINGS)


def write(line: SystemLine) -> str:
    """The line's wording. Raises ValueError for a kind that has none."""
    for kind, wording in WORDINGS:
        if kind == line.kind and ("{other}" in wording) <= bool(line.other):
            return wording.format(
                actor=_person(line.actor),
                other=_person(line.other),
                target=f"〔{_coded(line.target)}〕",
                text=line.text,
            )
    raise ValueError(line.kind)


def _person(who: Who) -> str:
    return f"“{who.name.translate(_MARKS)}”〔{_coded(who.id)}〕"


def _coded(text: str) -> str:
    return "".join(_PLAIN.get(mark, mark) for mark in text)


def parse(text: str) -> SystemLine | None:
    """The act of a wording of ours, None for any other text."""
    for kind, pattern in _PATTERNS:
        hit = pattern.fullmatch(text)
        if hit:
            groups = hit.groupdict()
            return SystemLine(
                kind=kind,  # type: ignore[arg-type]  # the kinds of WORDINGS
                actor=_who(groups, "actor"),
                other=_who(groups, "other"),
                target=_plain(groups.get("target") or ""),
                text=groups.get("text") or "",
            )
    return None


def _who(groups: dict[str, str | None], role: str) -> Who:
    name, code = groups.get(f"{role}_name"), groups.get(f"{role}_id")
    return NOBODY if name is None else Who(name=name, id=_plain(code or ""))


def _plain(code: str) -> str:
    return re.sub("%(?:25|0D|0A|E3%80%9[45])", lambda hit: _BACK[hit[0]], code)
