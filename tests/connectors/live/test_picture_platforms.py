"""How each platform is given the pictures of a message, and what is never said twice."""

from __future__ import annotations

import base64
import hashlib
import itertools
import struct
import zlib
from collections.abc import Iterator

import pytest

from qunying.connectors.live.connector import Action, Means
from qunying.connectors.live.images import Image, Pictures
from qunying.connectors.live.matrix import MATRIX
from qunying.connectors.live.onebot import ONEBOT
from qunying.connectors.live.wecom import WECOM, WECOM_ROBOT
from qunying.connectors.live.wecom.client import HOST
from qunying.connectors.live.wire import LostError, Wire
from qunying.demo.simulators.onebot import OneBot
from qunying.demo.simulators.server import Call, Reply, Simulator
from qunying.demo.simulators.wecom import Wecom
from qunying.demo.simulators.wecom_corp import Corporation
from qunying.kit import catalog
from qunying.kit.errors import Upstream
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live import test_discord as discord
from tests.connectors.live.onebot_world import GROUP, OWN, TOKEN, listening_to
from tests.connectors.live.wecom.world import AES_KEY, CORP, KEYS, SECRET
from tests.outbox.world import png

TWO = (Image(png(grey=1), "png", 2, 3), Image(png(4, 5), "png", 4, 5))
BOTH = [image.data for image in TWO]
ROOM, BOT = "!tea:here", "@qunying:here"
ROBOT = "00000000-0000-4000-8000-000000000001"
platform = discord.platform


def told(chat: str, images: tuple[Image, ...] = TWO, **params: object) -> Action:
    return Action("message.create", chat, "", {"text": "今晚", **params}, "0123456789abcdef" * 2, images)


def heavy() -> bytes:
    """A picture of two megabytes: more than a socket takes in one frame unless it was told to."""
    data, body = png(), b"tEXt" + bytes(2 << 20)
    piece = struct.pack(">I", 2 << 20) + body + struct.pack(">I", zlib.crc32(body))
    return data[:33] + piece + data[33:]  # behind the head


def lost(call: Call, platform: Simulator) -> Reply:
    """Done, and the line cut before the answer."""
    platform.answer(call)
    return Reply(hangs_up=True)


def test_on_qq_words_and_pictures_are_one_message_and_heard_of_as_such(settings):
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    large = Image(heavy(), "png", 2, 3)
    with OneBot(OWN, TOKEN) as client:
        client.open_chat(GROUP, "茶友福利群")
        with listening_to(client) as talk:
            assert ONEBOT.perform is not None and ONEBOT.look is not None
            made = ONEBOT.perform(talk.wire, told(str(GROUP), (*TWO, large)))
            found = ONEBOT.look(talk.wire, told(str(GROUP)), 0)

    said = client.messages[-1]
    assert (made, client.pictures) == (
        Outcome(Result.SENT, ids=(str(said["message_id"]),)),
        [*BOTH, large.data],
    )
    assert [part["type"] for part in said["message"]] == ["text", "image", "image", "image"]
    assert found == [str(said["message_id"])]


def test_on_discord_they_are_one_message_that_is_said_once_also_when_the_answer_was_lost(platform):
    platform.faults.append(lambda call: lost(call, platform))
    action = told("200")

    with pytest.raises(LostError):
        discord.perform(action)
    made = discord.perform(action)

    assert ([each["content"] for each in platform.messages], platform.pictures) == (["今晚"], BOTH)
    assert made.ids == (platform.messages[0]["id"],)
    assert [each["filename"] for each in platform.messages[0]["attachments"]] == ["1.png", "2.png"]


class Homeserver(Simulator):
    """The part of a homeserver that takes pictures and messages, each message once by its key."""

    def __init__(self) -> None:
        self.media: dict[str, tuple[str, bytes]] = {}
        self.said: dict[str, object] = {}
        self._numbers = itertools.count(1)
        super().__init__()

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != "Bearer as-token":
            return Reply({"errcode": "M_UNKNOWN_TOKEN"}, 401)
        if call.path == "/_matrix/media/v3/upload":
            uri = f"mxc://here/{next(self._numbers)}"
            self.media[uri] = (call.headers["content-type"], call.body)
            return Reply({"content_uri": uri})
        if "/send/m.room.message/" in call.path:
            key = call.path.rpartition("/")[2]
            self.said.setdefault(key, call.json())
            return Reply({"event_id": f"${key}"})
        return Reply({})


@pytest.fixture
def homeserver(settings) -> Iterator[Homeserver]:
    with Homeserver() as server:
        settings.PRIVATE_HOSTS = {"127.0.0.1"}
        yield server


def matrix(server: Homeserver) -> Wire:
    keys = {"homeserver": server.address, "user": BOT, "as_token": "as-token"}
    return Wire(keys, (), homes=("127.0.0.1",))


def test_on_matrix_each_is_laid_down_and_then_said_once_however_often_it_is_tried(homeserver):
    assert MATRIX.perform is not None
    line, action = matrix(homeserver), told(ROOM)
    MATRIX.perform(line, told(ROOM, ()))
    homeserver.said.clear()
    homeserver.faults.extend([*[lambda _call: None] * 3, lambda call: lost(call, homeserver)])

    with pytest.raises(LostError):
        MATRIX.perform(line, action)
    made = MATRIX.perform(line, action)

    words, *pictures = homeserver.said.values()
    assert made == Outcome(Result.SENT, ids=tuple(f"${action.wire}{part}" for part in ("", ".1", ".2")))
    assert words == {"msgtype": "m.text", "body": "今晚", "m.mentions": {}}
    assert [homeserver.media[each["url"]] for each in pictures] == [("image/png", data) for data in BOTH]
    assert pictures[1] == {
        "msgtype": "m.image",
        "body": "2.png",
        "url": pictures[1]["url"],
        "info": {"mimetype": "image/png", "size": len(BOTH[1]), "w": 4, "h": 5},
    }


def test_on_matrix_nothing_is_said_when_a_picture_could_not_be_laid_down(homeserver):
    assert MATRIX.perform is not None
    line = matrix(homeserver)
    MATRIX.perform(line, told(ROOM, ()))
    homeserver.said.clear()
    homeserver.faults.extend([lambda _call: None, lambda _call: Reply({"errcode": "M_TOO_LARGE"}, 413)])
    refused = MATRIX.perform(line, told(ROOM))
    homeserver.faults.append(lambda call: lost(call, homeserver))
    with pytest.raises(Upstream) as away:
        MATRIX.perform(line, told(ROOM))

    assert (refused.result, str(refused.words)) == (
        Result.REJECTED,
        "主服务器不收这么大的图片，请压缩后重新写一条。",
    )
    assert (isinstance(away.value, LostError), homeserver.said) == (False, {})


@pytest.fixture
def wecom(settings) -> Iterator[Wecom]:
    corp = Corporation(CORP, "token", AES_KEY, clock=lambda: 1_740_787_200.0)
    corp.hire("kefu01", "客服小茶")
    with Wecom(corp, SECRET, robots=[ROBOT]) as platform:
        settings.SIMULATORS = {HOST: platform.address}
        yield platform


def in_wecom(platform: Wecom, action: Action) -> Outcome:
    assert WECOM.perform is not None
    return WECOM.perform(Wire(KEYS, (HOST,), clock=platform.corp.clock), action)


def test_on_wecom_the_owner_is_given_words_and_pictures_to_send(wecom):
    chat = wecom.corp.open_chat("茶友福利群", "kefu01")

    made = in_wecom(wecom, told(chat))

    mass = wecom.corp.masses[made.handle]
    assert (made.result, mass.text) == (Result.PENDING, "今晚")
    assert [wecom.corp.media[each] for each in mass.pictures] == BOTH


def test_on_wecom_a_lost_upload_is_tried_again_and_a_lost_order_is_not(wecom):
    chat = wecom.corp.open_chat("茶友福利群", "kefu01")
    through = lambda _call: None  # noqa: E731  # one line says it
    wecom.faults.extend([through, through, lambda call: lost(call, wecom)])
    with pytest.raises(Upstream) as upload:
        in_wecom(wecom, told(chat))
    before = len(wecom.corp.masses)
    wecom.faults.extend([through] * 4 + [lambda call: lost(call, wecom)])
    with pytest.raises(LostError):
        in_wecom(wecom, told(chat))

    assert (isinstance(upload.value, LostError), before, len(wecom.corp.masses)) == (False, 0, 1)
    assert "message.create" not in WECOM.dedupes


def test_on_wecom_more_than_nine_attachments_never_leave(wecom):
    made = Action("mass.create", "c", "", {"text": "x", "customers": ["a"], "sender": "k"}, "w", TWO * 5)
    with pytest.raises(Exception, match="too_much"):
        in_wecom(wecom, made)

    assert wecom.corp.media == {}


def robot(action: Action) -> Outcome:
    assert WECOM_ROBOT.perform is not None
    return WECOM_ROBOT.perform(Wire({"key": ROBOT}, (HOST,)), action)


def test_a_wecom_robot_says_each_after_the_words(wecom):
    made = robot(told("g"))

    said = [words for _at, words in wecom.robots[ROBOT]]
    assert (made, said[0]) == (Outcome(Result.SENT), {"msgtype": "text", "text": {"content": "今晚"}})
    assert said[2]["image"] == {
        "base64": base64.b64encode(BOTH[1]).decode(),
        "md5": hashlib.md5(BOTH[1], usedforsecurity=False).hexdigest(),
    }


@pytest.mark.parametrize(
    "fault", [lambda _call: Reply(hangs_up=True), lambda _call: Reply({"errcode": 45009, "errmsg": "freq"})]
)
def test_what_a_wecom_robot_did_not_finish_is_for_a_person_and_is_not_begun_again(wecom, fault):
    wecom.faults.extend([lambda _call: None, lambda _call: None, fault])

    made = robot(told("g"))

    assert (made.result, len(wecom.robots[ROBOT])) == (Result.UNKNOWN, 2)
    assert str(made.words).startswith("文字和 1 张图片已发出")


def test_what_a_platform_takes_is_told_by_form_bytes_and_pixels():
    limits = Pictures(forms=("jpeg", "png"), bytes=10, total=15, sides=100, ratio=20)

    def takes(form: str = "png", size: int = 10, width: int = 50, height: int = 50) -> bool:
        return limits.takes(form=form, size=size, width=width, height=height)

    assert [takes(), takes("webp"), takes(size=11), takes(width=51), takes(width=61, height=3)] == [
        True,
        *[False] * 4,
    ]
    assert (takes(width=60, height=3), limits.holds([10, 5]), limits.holds([10, 6])) == (True, True, False)
    assert Pictures().takes(form="webp", size=10**9, width=1, height=30_000)


def test_a_connector_says_of_pictures_what_it_does_with_them():
    kinds = [kind for kind in catalog.collect("live") if kind.platform != "odd"]

    said = {kind.key: kind.abilities["message.picture"].means != Means.NONE for kind in kinds}

    assert said == {kind.key: kind.pictures is not None for kind in kinds}
