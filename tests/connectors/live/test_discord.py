"""A Discord bot whose gateway breaks, forgets and repeats itself, and whose REST interface has limits."""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from qunying.connectors import actions
from qunying.connectors.beats import keep_order
from qunying.connectors.delivering import deliver
from qunying.connectors.live.connector import Action
from qunying.connectors.live.discord import DISCORD
from qunying.connectors.live.discord.doing import _too_many
from qunying.connectors.live.wire import LostError, Wire
from qunying.demo.simulators.discord import CHANNEL, CONTENT, MEMBERS, SERVER, Discord, too_many
from qunying.demo.simulators.server import Call, Reply
from qunying.jobs.actions import database_now
from qunying.kit.errors import Upstream
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live.talks import Talking, eventually, talking
from tests.connectors.live.world import AT, open_brand

TOKEN = f"{base64.b64encode(b'1345000000000000900').decode().rstrip('=')}.Gabcde.{'x' * 30}"


@pytest.fixture
def platform(settings) -> Iterator[Discord]:
    with Discord(TOKEN) as simulator:
        plug_in(settings, simulator)
        yield simulator


def plug_in(settings, simulator: Discord) -> None:
    settings.SIMULATORS = {
        "discord.com": simulator.address,
        "gateway.discord.gg": simulator.gateway,
        "gateway-here.discord.gg": simulator.gateway,
    }


def wire(token: str = TOKEN) -> Wire:
    return Wire({"token": token}, DISCORD.hosts)


@contextmanager
def listening(platform: Discord, line: Wire | None = None) -> Iterator[Talking]:
    with talking(DISCORD, line or wire()) as talk:
        eventually(lambda: platform.lines and (line or caught_up(platform)))
        yield talk


def caught_up(platform: Discord) -> bool:
    """Whether the last messages of both channels were fetched."""
    return len([call for call in platform.calls if call.path.endswith("/messages")]) >= 2


def perform(action: Action, line: Wire | None = None) -> Outcome:
    assert DISCORD.perform is not None
    return DISCORD.perform(line or wire(), action)


def said(text: str = "欢迎", target: str = "", nonce: str = "0123456789abcdef0123456789abcdef") -> Action:
    return Action("message.create", CHANNEL, target, {"text": text}, nonce)


def test_what_is_said_is_heard_with_the_name_of_its_channel(platform):
    with listening(platform) as talk:
        id_ = platform.say(301, "lin", "今晚抽奖")
        eventually(lambda: talk.heard)

    assert talk.names() == [f"m|{id_}"]
    assert talk.events()[0]["_known"] == {"name": "茶 / 闲聊", "kind": "channel"}


def test_the_heart_beats_as_often_as_it_is_asked_to(platform):
    with listening(platform):
        eventually(lambda: platform.beats >= 3)

    assert platform.identified == 1


def test_a_line_on_which_no_heartbeat_is_answered_is_given_up_and_gone_on_with(platform):
    platform.answers_beats = False
    with listening(platform):
        eventually(lambda: platform.resumed >= 1)
        platform.answers_beats = True

    assert platform.identified == 1


@pytest.mark.parametrize("code", [1006, 4000, 1001])
def test_after_a_break_it_goes_on_where_it_stopped_and_misses_nothing(platform, code):
    with listening(platform) as talk:
        first = platform.say(301, "lin", "断线前")
        eventually(lambda: talk.heard)
        platform.hang_up(code)
        missed = platform.say(301, "lin", "断线中")
        eventually(lambda: len(talk.heard) == 2)

    assert talk.names() == [f"m|{first}", f"m|{missed}"]
    assert (platform.identified, platform.resumed) == (1, 1)


def test_another_process_goes_on_where_the_last_stored_position_is(platform):
    with listening(platform) as talk:
        first = platform.say(301, "lin", "重启前")
        eventually(lambda: talk.heard)
        eventually(lambda: str(talk.position).split("|")[1:2] == ["3"])
    missed = platform.say(301, "lin", "重启中")
    line = wire()
    line.memory["position"] = talk.position
    with listening(platform, line) as again:
        eventually(lambda: again.heard)

    assert again.events()[0]["_known"] == {"name": "茶 / 闲聊", "kind": "channel"}
    assert (talk.names(), again.names()) == ([f"m|{first}"], [f"m|{missed}"])
    assert platform.identified == 1


def test_a_session_that_discord_forgot_is_begun_anew_and_what_was_missed_is_fetched(platform):
    with listening(platform) as talk:
        eventually(lambda: talk.wire.memory.get("position"))
        platform.forget_sessions()
        platform.hang_up(4009)
        missed = platform.say(301, "lin", "断线中")
        eventually(lambda: f"m|{missed}" in talk.names())

    assert (platform.identified, platform.resumed) == (2, 0)


def test_a_gap_longer_than_a_page_is_filled_back_to_the_last_message_we_know(platform):
    with listening(platform) as talk:
        known = platform.say(301, "lin", "断线前")
        eventually(lambda: f"m|{known}" in talk.names())
        platform.forget_sessions()
        missed = [platform.say(301, "lin", f"断线中 {number}") for number in range(250)]
        platform.hang_up(4009)
        eventually(lambda: {f"m|{each}" for each in missed} <= set(talk.names()))

    asked = [call for call in platform.calls if call.path.endswith(f"/{CHANNEL}/messages")]
    assert len(asked) == 1 + 3  # one page when first connected, three back to what is known


def test_what_is_asked_of_us_is_done(platform):
    """Reconnect, and heartbeats out of turn."""
    with listening(platform) as talk:
        eventually(lambda: talk.wire.memory.get("position"))
        line = next(iter(platform.lines.values()))
        line.send('{"op":1,"d":null}')
        line.send('{"op":7,"d":null}')
        eventually(lambda: platform.resumed == 1)

    assert platform.identified == 1


def test_what_is_dropped_or_doubled_comes_under_one_name(platform):
    with listening(platform) as talk:
        platform.dispatch_faults.append("duplicate")
        id_ = platform.say(301, "lin", "两遍")
        platform.tell(
            "MESSAGE_REACTION_ADD",
            {
                "user_id": "303",
                "channel_id": CHANNEL,
                "message_id": id_,
                "guild_id": SERVER,
                "emoji": {"name": "👍"},
            },
        )
        eventually(lambda: len(talk.heard) == 3)

    assert talk.names() == [f"m|{id_}", f"m|{id_}", "session1|4"]


def test_what_is_said_to_the_bot_alone_is_not_kept(platform):
    with listening(platform) as talk:
        platform.tell(
            "MESSAGE_CREATE", {"id": "1", "channel_id": "77", "author": {"id": "301"}, "content": "嘘"}
        )
        id_ = platform.say(301, "lin", "大家好")
        eventually(lambda: talk.heard)

    assert talk.names() == [f"m|{id_}"]


def test_a_token_or_an_intent_that_is_refused_is_said_and_no_line_is_kept_busy(settings):
    with Discord(TOKEN, allowed=MEMBERS) as simulator:
        plug_in(settings, simulator)
        with talking(DISCORD, wire()) as unseeing:
            eventually(lambda: unseeing.error)
        with talking(DISCORD, wire(TOKEN.replace("Gabcde", "Gxxxxx"))) as stranger:
            eventually(lambda: stranger.error)

    codes = [getattr(talk.error, "code", "") for talk in (unseeing, stranger)]
    assert codes == ["connectors.intents_refused", "connectors.token_refused"]


def test_every_deed_reaches_discord_in_its_own_words(platform):
    until = time.time() + 600
    deeds = [
        Action("message.delete", CHANNEL, "7", {}, "w"),
        Action("message.pin", CHANNEL, "7", {}, "w"),
        Action("reaction.create", CHANNEL, "7", {"emoji": "👍"}, "w"),
        Action("member.kick", CHANNEL, "303", {}, "w"),
        Action("member.mute", CHANNEL, "303", {"until": until}, "w"),
        Action("member.mute", CHANNEL, "303", {"until": until + 10**8}, "w"),
    ]
    outcomes = [perform(deed) for deed in deeds]

    bodies = [body.get("communication_disabled_until", "") for _method, _path, body in platform.deeds[4:]]
    assert [outcome.result for outcome in outcomes] == [Result.SENT] * 6
    assert [(method, path) for method, path, _body in platform.deeds] == [
        ("DELETE", f"/channels/{CHANNEL}/messages/7"),
        ("PUT", f"/channels/{CHANNEL}/messages/pins/7"),
        ("PUT", f"/channels/{CHANNEL}/messages/7/reactions/👍/@me"),
        ("DELETE", f"/guilds/{SERVER}/members/303"),
        ("PATCH", f"/guilds/{SERVER}/members/303"),
        ("PATCH", f"/guilds/{SERVER}/members/303"),
    ]
    assert bodies[0] == time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(until))
    assert bodies[1] < time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 28 * 86_400))


def test_a_message_wakes_nobody_it_should_not_answers_what_it_should_and_is_said_once(platform):
    one = perform(said(target="7"))
    again = perform(said(target="7"))
    other = perform(said(nonce="f" * 32))

    told = next(call.json() for call in platform.calls if call.method == "POST")
    assert told == {
        "content": "欢迎",
        "nonce": "0123456789abcdef012345678",
        "enforce_nonce": True,
        "allowed_mentions": {"parse": ["users"]},
        "message_reference": {"message_id": "7", "fail_if_not_exists": False},
    }
    assert one.ids == again.ids != other.ids
    assert len(platform.messages) == 2


def test_an_answer_that_does_not_come_or_is_no_answer_may_be_asked_for_again(platform):
    def done_then_gone(call: Call) -> Reply:
        platform.answer(call)
        return Reply(hangs_up=True)

    platform.faults.extend([done_then_gone, lambda _call: Reply({}, 502)])
    for _ in range(2):
        with pytest.raises(LostError):
            perform(said())
    outcome = perform(said())

    assert outcome.ids == (platform.messages[0]["id"],)
    assert len(platform.messages) == 1
    assert "message.create" in DISCORD.dedupes


def test_discord_says_how_long_to_wait_and_a_route_that_is_used_up_is_not_called(platform):
    line = wire()
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "60"}
    platform.faults.extend(
        [lambda _call: too_many(1.5), lambda call: Reply(platform.answer(call).body, headers=used_up)]
    )
    outcomes = [perform(said(), line) for _ in range(3)]
    elsewhere = perform(Action("message.pin", CHANNEL, "7", {}, "w"), line)

    assert [(outcome.result, outcome.code) for outcome in outcomes] == [
        (Result.THROTTLED, "429"), (Result.SENT, ""), (Result.THROTTLED, "route"),
    ]  # fmt: skip
    assert outcomes[0].retry_seconds == 1.5
    assert 58 < outcomes[2].retry_seconds <= 60
    assert (len([call for call in platform.calls if call.method == "POST"]), elsewhere.result) == (
        2,
        Result.SENT,
    )


@pytest.mark.parametrize(
    ("scope", "is_wide"), [("global", True), ("user", False), ("shared", False), ("", False)]
)
def test_only_a_limit_that_discord_calls_global_shuts_the_whole_account_82(scope, is_wide):
    assert _too_many(b'{"retry_after": 1}', {"x-ratelimit-scope": scope}).is_account_wide == is_wide


def test_a_no_is_a_no_and_a_line_that_cannot_be_had_is_tried_later(platform):
    refused = perform(Action("message.create", "999", "", {"text": "欢迎"}, "w"))
    platform.close()
    with pytest.raises(Upstream) as away:
        perform(said())

    assert (refused.result, refused.words) == (Result.REJECTED, "404: Not Found")
    assert not isinstance(away.value, LostError)


@pytest.mark.parametrize(
    ("allowed", "bad"), [(CONTENT | MEMBERS, []), (MEMBERS, ["读取消息内容"]), (CONTENT, ["读取加入和离开"])]
)
def test_the_check_says_what_the_bot_may_not_see(settings, allowed, bad):
    with Discord(TOKEN, allowed=allowed) as simulator:
        plug_in(settings, simulator)
        lines = list(DISCORD.check(wire()))

    assert [str(line.label) for line in lines if not line.is_good] == bad
    assert len(lines) == 5


def test_the_account_is_the_number_in_the_token():
    assert DISCORD.account({"token": TOKEN}) == "1345000000000000900"
    assert len(DISCORD.account({"token": "not base 64.x.y"})) == 16


@pytest.mark.django_db
def test_its_memory_of_nonces_is_trusted_only_for_as_long_as_it_lasts(platform):
    """Asked again at once; later a person is asked, whether our process lived on or died."""
    brand, chief = open_brand()
    row = actions.connect(brand, connector_key="discord", name="", keys={"token": TOKEN}, at=AT, by=chief)
    channel = actions.bind(row, chat=CHANNEL, community=None, at=AT, by=chief)
    here = outbox.Wish("message.create", {"text": "欢迎"})
    lost, young, old = (
        outbox.order(channel, wish=here, key=key, at=database_now()) for key in ("lost", "young", "old")
    )
    others = Sending.objects.exclude(pk=lost.pk)
    others.update(state="called_off")
    line = actions.wire_of(row)
    platform.faults.append(lambda _call: Reply(hangs_up=True))
    deliver(row, line)
    waits = Sending.objects.get(pk=lost.pk).state
    line.memory["lost"][lost.pk] -= 121
    Sending.objects.update(retry_at=None)
    deliver(row, line)
    others.update(state="leased", attempts=1, lease_until=AT, left_at=database_now())
    Sending.objects.filter(pk=old.pk).update(left_at=database_now() - dt.timedelta(seconds=121))
    keep_order()

    states = [Sending.objects.get(pk=each.pk).state for each in (lost, young, old)]
    assert (waits, states) == ("queued", ["unknown", "queued", "unknown"])
    assert platform.messages == []
