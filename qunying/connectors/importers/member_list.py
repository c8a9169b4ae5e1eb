"""A list of members as CSV or XLSX, one a row: identities, names, groups and whatever else is known of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.column_mapping import assign
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import moment, zone_of
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.sheet_templates import Column
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import Cells, Table, numbers_lost, peek, plain, raw, tables, text
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Person, Unknown
from qunying.kit.errors import Invalid

SCHEMES = {
    "unionid": "wechat.unionid",
    "external_userid": "wecom.external_userid",
    "openid": "wechat.openid",
    "qq": "qq.uin",
    "member_no": "brand.member_no",
    "phone": "phone",
    "email": "email",
}
"""Field → identity scheme, the strongest first: the first a row has is its identity, the others are attributes."""

COLUMNS = (
    Column("unionid", "unionid|union_id"),
    Column("external_userid", "external_userid|外部联系人id|客户id"),
    Column("openid", "openid|open_id"),
    Column("qq", "qq|qq号|qq号码"),
    Column("member_no", "会员号|会员编号|会员卡号|member_no|member id"),
    Column("phone", "手机号|手机|手机号码|联系电话|电话|phone|mobile"),
    Column("email", "邮箱|电子邮箱|email|e-mail"),
    Column("name", "昵称|姓名|成员|成员名称|客户名称|会员名|名称|name|nickname"),
    Column("alias", "群昵称|备注名|别名|alias"),
    Column("chat", "群名称|群名|社群|所在群|group"),
    Column("joined", "入群时间|入会时间|加入时间|入群日期|joined_at|joined"),
    Column("source", "入群方式|来源|入群来源|渠道|source"),
)
_OWN_IDS = ("unionid", "openid", "member_no", "phone", "email")
"""Identities no back end's member sheet has, so that such a list is the brand's own."""
_FIELDS = frozenset({"chat", "joined", "source", "alias", "name"})
_MOBILE = re.compile(r"1\d{10}$")
_ABROAD = re.compile(r"\+\d{7,15}$")


def sniff(source: Source) -> Guess | None:
    """An identity or a name beside at least one other column; less sure than a back end's own sheet."""
    for table in peek(source):
        found = table.header(lambda names: _suffices(assign(names, COLUMNS, {}), names))
        if found is None:
            continue
        line, names = found
        fields = assign(names, COLUMNS, {})
        told = _("群成员名单的列：%(columns)s") % {
            "columns": "、".join(names[at] for at in sorted(fields.values()))
        }
        ids = [fields[field] for field in SCHEMES if field in fields]
        rows = [cells for row, cells in table.head() if row > line]
        if any(numbers_lost(cells[at]) for cells in rows for at in ids if at < len(cells)):
            told += _("。注意：编号列是数字格式，开头的 0 和第 15 位以后的数字可能已丢失")
        is_own = any(field in fields for field in _OWN_IDS)
        return Guess(min(60, 36 + 6 * len(fields)) + 20 * is_own, told)
    return None


def _suffices(fields: dict[str, int], names: list[str]) -> bool:
    has_identity = any(field in fields for field in SCHEMES)
    return has_identity or (
        "name" in fields and len(names) > 1 and bool({"joined", "chat", "source"} & set(fields))
    )


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Every row as a listed person, with a join where its time is known. Invalid where no column names people."""
    found_one = False
    for table in tables(source, options):
        found = table.header(lambda names: _names_people(assign(names, COLUMNS, options.mapping)))
        if found is not None:
            found_one = True
            line, names = found
            fields = assign(names, COLUMNS, options.mapping)
            left_out = frozenset(plain(header) for header, field in options.mapping.items() if not field)
            yield from _Reader(
                table, names, table.titles(line), fields, zone_of(options.zone), left_out
            ).entries(line)
    if not found_one:
        raise Invalid("connectors.columns_missing", columns="昵称、手机号或会员号")


def _names_people(fields: dict[str, int]) -> bool:
    return "name" in fields or any(field in fields for field in SCHEMES)


@dataclass(frozen=True)
class _Reader:
    table: Table
    names: list[str]
    titles: list[str]
    fields: dict[str, int]
    zone: ZoneInfo
    left_out: frozenset[str]

    def entries(self, line: int) -> Iterator[Entry]:
        chat: Chat | None = None
        taken: dict[str, int] = {}
        for row in self.table.below(line, len(self.names)):
            if isinstance(row, Unknown):
                yield row
                continue
            at, cells = row
            now = self._chat(cells)
            if now != chat:
                chat = now
                yield chat
            yield from self._member(chat, taken, at, cells)

    def _text(self, cells: Cells, field: str) -> str:
        at = self.fields.get(field)
        return "" if at is None else text(cells[at])

    def _chat(self, cells: Cells) -> Chat:
        name = self._text(cells, "chat")
        if name:
            return Chat(name, name, "other")
        return Chat(self.table.name, self.table.name, "other", "sheet")

    def _member(self, chat: Chat, taken: dict[str, int], at: int, cells: Cells) -> Iterator[Entry]:
        written = self._text(cells, "joined")
        joined = moment(cells[self.fields["joined"]], self.zone) if written else None
        phone = _phone(self._text(cells, "phone"))
        name = self._text(cells, "name")
        field = next((field for field in SCHEMES if self._text(cells, field)), "")
        why = ""
        if written and joined is None:
            why = whys_text.BAD_TIME
        elif phone is None:
            why = whys_text.BAD_PHONE
        elif not (field or name):
            why = whys_text.NO_MEMBER_NAME
        if why:
            yield Unknown(line=at, raw=raw(cells), why=why)
            return
        value = (phone or "") if field == "phone" else self._text(cells, field) if field else ""
        person = self._person(chat, taken, at, cells, field, value.lower() if field == "email" else value)
        yield person
        if joined:
            source = self._text(cells, "source")
            yield Act("join", joined[0], person.ref, source=source, precision=joined[1], line=at)

    def _person(
        self, chat: Chat, taken: dict[str, int], row: int, cells: Cells, field: str, value: str
    ) -> Person:
        """Rows known by name only are people of their own, numbered where names repeat."""
        name, alias = self._text(cells, "name"), self._text(cells, "alias")
        scheme, scope, ref = SCHEMES.get(field, "name"), "", value
        if not field:
            weak = Roster(chat.key)
            count = taken[weak.weak_ref(name)] = taken.get(weak.weak_ref(name), 0) + 1
            scope, value = chat.key, name if count == 1 else f"{name}#{count}"
            ref = weak.weak_ref(value)
        used = {at for known, at in self.fields.items() if known in _FIELDS or known == field}
        used |= {at for at, head in enumerate(self.names) if head in self.left_out}
        rest = ((head, text(cells[at])) for at, head in enumerate(self.titles) if head and at not in used)
        return Person(
            ref=ref,
            scheme=scheme,
            scope=scope,
            value=value,
            name=name,
            aliases=(alias,) if alias and alias != name else (),
            is_listed=True,
            attributes={head: told for head, told in rest if told},
            row=row,
        )


def _phone(written: str) -> str | None:
    """The number with its country, mainland China's where none is given; None if it is no number."""
    bare = re.sub(r"[\s()-]", "", written)
    if not bare:
        return ""
    if _MOBILE.match(bare):
        return f"+86{bare}"
    return bare if _ABROAD.match(bare) else None


MEMBER_LIST = Format(
    key="members",
    label=gettext_lazy("群成员名单（CSV、XLSX）"),
    sniff=sniff,
    read=read,
    clock="local",
    keyed=False,
    lists_people=True,
)
