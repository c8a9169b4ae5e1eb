"""How WeCom names people and places, in the words of our importers, so that files and live words meet."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qunying.connectors.incoming import Chat, Person


def external(number: str, name: str = "", **attributes: str) -> Person:
    """Somebody outside the corporation. His id is the corporation's own and unlike any other's."""
    return Person(number, "wecom.external_userid", "", number, name, attributes=attributes)


def staff(number: str, name: str = "") -> Person:
    return Person(number, "wecom.userid", "", number, name, is_staff=True)


def contacts(corp: str) -> Chat:
    """Where the facts about a corporation's friends stand: WeCom has no group for them."""
    return Chat(f"contacts.{corp}", _("企业微信客户联系"), "wecom", "dm")


def back_end() -> Chat:
    """Where a corporation's daily numbers stand, the same as for an imported sheet of them."""
    return Chat("wecom.statistics", _("企业微信客户群每日统计"), "wecom", "sheet")
