"""Telegram Desktop's service actions: which tell of members, and which are understood and tell nothing."""

from __future__ import annotations

from qunying.connectors.importers.json_stream import Record, text_of
from qunying.connectors.importers.system_line import NOBODY, SystemLine, Who

SILENT = frozenset(
    {
        "migrate_from_group", "migrate_to_supergroup", "edit_group_photo", "delete_group_photo", "topic_created",
        "topic_edit", "clear_history", "score_in_game", "phone_call", "group_call", "group_call_scheduled",
        "invite_to_group_call", "send_payment", "take_screenshot", "custom_action", "allow_sending_messages",
        "send_passport_values", "proximity_reached", "requested_phone_number", "set_messages_ttl", "edit_chat_theme",
        "boost_apply", "suggest_profile_photo", "requested_peer", "gift_code_prize", "giveaway_launch",
        "giveaway_results", "set_chat_wallpaper", "set_same_chat_wallpaper", "contact_signup", "send_premium_gift",
        "send_star_gift", "refunded_payment", "paid_messages_price_change", "attach_menu_bot_allowed",
        "web_app_bot_allowed", "conference_call", "todo_completions", "todo_append_tasks", "stargift_offer",
    }
)  # fmt: skip

_NO_INVITER = {"Group", "Channel", ""}


def told(record: Record, *, pin: str) -> list[SystemLine] | None:
    """The acts of one service record; members it cannot name are left out. None for an action not known."""
    action = record["action"]
    actor = Who(name=text_of(record.get("actor")), id=text_of(record.get("actor_id")))
    members = [Who(name=text_of(name)) for name in record.get("members") or () if name]
    if action in ("create_group", "create_channel"):
        come = [SystemLine("join", who, actor, source=action) for who in members if who.name != actor.name]
        return [SystemLine("join", actor, source=action), *come]
    if action == "invite_members":
        return [SystemLine("join", *_by(who, actor), source=action) for who in members]
    if action == "remove_members":
        return [
            SystemLine("leave" if who.name == actor.name else "remove", *_by(who, actor)) for who in members
        ]
    if action == "join_group_by_link":
        inviter = text_of(record.get("inviter"))
        return [
            SystemLine("join", actor, Who() if inviter in _NO_INVITER else Who(name=inviter), source=action)
        ]
    if action == "join_group_by_request":
        return [SystemLine("join", actor, source=action)]
    if action == "pin_message":
        return [SystemLine("pin", actor, target=pin)]
    if action == "edit_group_title":
        return [SystemLine("notice", actor, text=record.get("title") or "")]
    return None


def _by(who: Who, actor: Who) -> tuple[Who, Who]:
    """Who came or went and by whom; one who moved oneself is known by id and has nobody beside."""
    return (actor, NOBODY) if who.name == actor.name else (who, actor)
