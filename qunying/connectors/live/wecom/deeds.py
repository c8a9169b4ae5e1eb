"""What we do on WeCom. Words to customers and their groups never leave by themselves: they become a task that an
employee confirms on the phone, so they are pending until somebody taps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.connector import Action
from qunying.connectors.live.wecom.client import Busy, Record, SaidNo, call, upload
from qunying.connectors.live.wire import Wire
from qunying.kit.errors import Invalid
from qunying.outbox.outcomes import Outcome, Result

MOST_ATTACHMENTS, MOST_CHATS, MOST_CUSTOMERS = 9, 2000, 10_000
MOST_BYTES = 4000
MOST_JOINABLE, MOST_EMPLOYEES = 5, 100
MOST_STATE = 30
MOST_TAG = 30
MOST_MEMBERS = 200
"""Members up to which customers come in by a code."""
OWNER_SECONDS = 600


def perform(wire: Wire, action: Action) -> Outcome:
    """One action. What WeCom refuses is refused with its code; where it does not answer the caller calls it unknown."""
    try:
        return DEEDS[action.op](wire, action)
    except Busy as error:
        return Outcome(Result.THROTTLED, retry_seconds=error.seconds, code="busy", words=str(error))
    except SaidNo as error:
        return Outcome(Result.REJECTED, code=str(error.number), words=error.words)


def _to_chats(wire: Wire, action: Action) -> Outcome:
    """A task for the owner of the groups to send the words to them."""
    chats = _listed(action, "chats", MOST_CHATS) or [action.chat]
    sender = str(action.params.get("sender") or _owner(wire, str(chats[0])))
    return _mass(wire, action, {"chat_type": "group", "chat_id_list": chats}, sender)


def _to_many(wire: Wire, action: Action) -> Outcome:
    """A task for an employee to send the words to customers, or else for an owner to send them to groups."""
    customers = _listed(action, "customers", MOST_CUSTOMERS)
    if not customers:
        return _to_chats(wire, action)
    return _mass(
        wire, action, {"chat_type": "single", "external_userid": customers}, str(action.params["sender"])
    )


def _mass(wire: Wire, action: Action, whom: Record, sender: str) -> Outcome:
    told = call(wire, "mass.create", **whom, sender=sender, **_words(wire, action))
    failed = [str(each) for each in told.get("fail_list") or ()]
    asked = whom.get("external_userid") or whom.get("chat_id_list") or ()
    if failed and len(failed) >= len(asked):
        return Outcome(Result.REJECTED, code="fail_list", words=_("没有一个可以送达：好友关系或群主不符。"))
    words = _("{count} 个不能送达").format(count=len(failed)) if failed else ""
    return Outcome(Result.PENDING, handle=str(told["msgid"]), who=sender, words=words)


def _owner(wire: Wire, chat: str) -> str:
    """The employee who owns the group and alone can send to it."""
    kept: tuple[str, float] | None = wire.memory.get(f"owner:{chat}")
    if kept is None or kept[1] < wire.clock():
        owner = str(call(wire, "chat", chat_id=chat, need_name=0)["group_chat"]["owner"])
        kept = (owner, wire.clock() + OWNER_SECONDS)
        wire.memory[f"owner:{chat}"] = kept
    return kept[0]


def _remind(wire: Wire, action: Action) -> Outcome:
    call(wire, "mass.remind", msgid=action.target)
    return Outcome(Result.SENT)


def _cancel(wire: Wire, action: Action) -> Outcome:
    """Employees who have not tapped yet no longer can; what was sent stays sent."""
    call(wire, "mass.cancel", msgid=action.target)
    return Outcome(Result.SENT)


def _welcome(wire: Wire, action: Action) -> Outcome:
    """The first words to a new friend; `target` is the code his callback brought, good for 20 seconds and once."""
    call(wire, "welcome", welcome_code=action.target, **_words(wire, action))
    return Outcome(Result.SENT)


def _tag(wire: Wire, action: Action) -> Outcome:
    call(
        wire,
        "tags.mark",
        userid=action.params["employee"],
        external_userid=action.target,
        add_tag=list(action.params.get("add") or ()),
        remove_tag=list(action.params.get("remove") or ()),
    )
    return Outcome(Result.SENT)


def _new_tag(wire: Wire, action: Action) -> Outcome:
    """A tag of the corporation in a family that is made when it is not there; `ids` is its number."""
    name, family = str(action.params["name"]), str(action.params["family"])
    if max(len(name), len(family)) > MOST_TAG:
        raise Invalid("connectors.too_much", what="tag", limit=MOST_TAG)
    told = call(wire, "tags.add", group_name=family, tag=[{"name": name}])
    return Outcome(Result.SENT, ids=tuple(str(tag["id"]) for tag in told["tag_group"]["tag"]))


def _code(wire: Wire, action: Action) -> Outcome:
    """A code by which customers add employees, or join groups; `ids` are its handle, which WeCom shows nowhere, and the
    picture's address. Members who come by it carry `state`."""
    shape = _shape(action)
    if action.params["kind"] == "contact":
        told = call(wire, "contact_way.add", type=2, scene=2, **shape)
        return Outcome(Result.SENT, ids=(str(told["config_id"]), str(told["qr_code"])))
    told = call(wire, "join_way.add", scene=2, **shape)
    code = str(told["config_id"])
    picture = call(wire, "join_way.get", config_id=code)["join_way"]["qr_code"]
    return Outcome(Result.SENT, ids=(code, str(picture)))


def _shape(action: Action) -> Record:
    """All that can be said of a code, since WeCom puts what is said in the place of what was."""
    state = str(action.params["state"])
    if len(state) > MOST_STATE:
        raise Invalid("connectors.too_much", what="state", limit=MOST_STATE)
    common = {"state": state, "remark": str(action.params.get("name") or state)[:30]}
    if action.params["kind"] == "contact":
        employees = _listed(action, "employees", MOST_EMPLOYEES)
        return {**common, "user": employees, "skip_verify": bool(action.params.get("skip_verify", True))}
    return {**common, "chat_id_list": _listed(action, "chats", MOST_JOINABLE), **_overflow(action)}


def _overflow(action: Action) -> Record:
    """Whether WeCom opens a new group, with this name and a number behind it, once those of the code are full."""
    name, first = str(action.params.get("new_chats") or ""), action.params.get("first_number", 1)
    if not name:
        return {"auto_create_room": 0}
    return {"auto_create_room": 1, "room_base_name": name, "room_base_id": first}


def _change_code(wire: Wire, action: Action) -> Outcome:
    """Put other employees or groups behind a code that is out in the world; `target` is its handle. Saying it again
    changes nothing."""
    way, shape = "contact_way.update", _shape(action)
    if action.params["kind"] != "contact":
        way, shape = "join_way.update", {**shape, "scene": 2}
    call(wire, way, config_id=action.target, **shape)
    return Outcome(Result.SENT, ids=(action.target,))


def _drop_code(wire: Wire, action: Action) -> Outcome:
    way = "contact_way.del" if action.params["kind"] == "contact" else "join_way.del"
    call(wire, way, config_id=action.target)
    return Outcome(Result.SENT)


def _words(wire: Wire, action: Action) -> Record:
    """Words and what goes with them; pictures are laid down at WeCom first."""
    text = str(action.params.get("text") or "")
    if len(text.encode()) > MOST_BYTES:
        raise Invalid("connectors.too_much", what="text", limit=MOST_BYTES)
    attachments = _listed(action, "attachments", MOST_ATTACHMENTS)
    if len(attachments) + len(action.images) > MOST_ATTACHMENTS:
        raise Invalid("connectors.too_much", what="attachments", limit=MOST_ATTACHMENTS)
    for number, image in enumerate(action.images, 1):
        named = upload(wire, image, name=image.name(number))
        attachments.append({"msgtype": "image", "image": {"media_id": named}})
    return {
        **({"text": {"content": text}} if text else {}),
        **({"attachments": attachments} if attachments else {}),
    }


def _listed(action: Action, name: str, most: int) -> list[object]:
    found = list(action.params.get(name) or ())
    if len(found) > most:
        raise Invalid("connectors.too_much", what=name, limit=most)
    return found


DEEDS: Mapping[str, Callable[[Wire, Action], Outcome]] = {
    "message.create": _to_chats,
    "mass.create": _to_many,
    "mass.remind": _remind,
    "mass.cancel": _cancel,
    "welcome.send": _welcome,
    "tag.mark": _tag,
    "tag.create": _new_tag,
    "code.create": _code,
    "code.change": _change_code,
    "code.delete": _drop_code,
}
