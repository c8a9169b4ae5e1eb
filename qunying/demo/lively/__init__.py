"""Simulated platforms whose groups are lively, for trying connections out: people talk every few seconds while this
runs, and go on talking while a plug is out. The values to enter in the console stand in simulators.json in the home,
with what each platform has received; a plug is out while the file simulators.NAME.out is there."""

from __future__ import annotations

import json
import random
import re
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from qunying.demo.lively import synapse, wecom
from qunying.demo.lively.platform import PEOPLE, WORDS, Platform
from qunying.demo.simulators.onebot import OneBot
from qunying.demo.simulators.telegram import Telegram
from qunying.kit.errors import Missing

NAMES = ("telegram", "onebot", "wecom", "synapse")
TELEGRAM_GROUPS = {-1001900000001: "山茶茶友群", -1001900000002: "山茶新品群"}
ONEBOT_GROUPS = {90001: "山茶老客群", 90002: "山茶拼团群"}
QQ = 10001
SHOWN = 20
Told = dict[str, Any]
"""What simulators.json holds: `values` to enter, `received` words, how much was `said`, who is `out`, what is
`kept` for the next run."""
LOOK_SECONDS = 0.2
PICTURE = re.compile(r"base64://[A-Za-z0-9+/=]*")


def run(ports: dict[str, int], until: threading.Event, *, seconds: float = 3.0) -> None:
    """Open the simulators and let people talk until told to stop; Synapse only where it has a port."""
    earlier = _read()
    before, kept = earlier.get("values", {}), earlier.get("kept", {})
    platforms = {
        "telegram": _telegram(ports["telegram"], before.get("telegram", {})),
        "onebot": _onebot(ports["onebot"], before.get("onebot", {})),
        "wecom": wecom.wecom(ports["wecom"], before.get("wecom", {}), kept.get("wecom", ())),
    }
    if "synapse" in ports:
        platforms["synapse"] = synapse.synapse(ports["synapse"])
    draw, next_word, said = secrets.SystemRandom(), 0.0, 0
    try:
        while not until.is_set():
            for name, platform in platforms.items():
                platform.plug(not _out(name).exists())
            if time.monotonic() >= next_word:
                next_word = time.monotonic() + seconds * draw.uniform(0.5, 1.5)
                said += 1
                for platform in platforms.values():
                    platform.say(draw)
            _tell(platforms, said)
            until.wait(LOOK_SECONDS)
    finally:
        for platform in platforms.values():
            platform.close()


def _telegram(port: int, before: dict[str, str]) -> Platform:
    """Its numbers go on from where an earlier run can at most have come: one a second."""
    token = before.get("token") or f"{secrets.randbelow(10**9) + 10**8}:{secrets.token_urlsafe(24)}"
    bot = Telegram(token, port=port, first=int(time.time()))
    for number, title in TELEGRAM_GROUPS.items():
        bot.open_chat(number, title)

    def say(draw: random.Random) -> None:
        who = draw.randrange(len(PEOPLE))
        bot.say(draw.choice([*TELEGRAM_GROUPS]), 7001 + who, PEOPLE[who], draw.choice(WORDS))

    def plug(is_in: bool) -> None:
        bot.is_plugged_in = is_in

    values = {"token": token, "address": bot.address}
    return Platform(values, say, plug, bot.received, bot.close)


def _onebot(port: int, before: dict[str, str]) -> Platform:
    token = before.get("token") or secrets.token_urlsafe(24)
    client = OneBot(QQ, token, port=port, first=int(time.time()))
    for number, title in ONEBOT_GROUPS.items():
        client.open_chat(number, title)

    def say(draw: random.Random) -> None:
        who = draw.randrange(len(PEOPLE))
        client.say(draw.choice([*ONEBOT_GROUPS]), 20001 + who, PEOPLE[who], draw.choice(WORDS))

    def plug(is_in: bool) -> None:
        if is_in:
            client.plugged_in.set()
        elif client.plugged_in.is_set():
            client.plugged_in.clear()
            client.hang_up()

    def received() -> list[str]:
        told = (json.dumps(params, ensure_ascii=False) for _name, params in list(client.deeds))
        return [PICTURE.sub("[图片]", words) for words in told]

    values = {"number": str(QQ), "address": client.address, "token": token}
    return Platform(values, say, plug, received, client.close)


def _tell(platforms: dict[str, Platform], said: int) -> None:
    """Write the file anew, whole, readable by its owner only."""
    told = {
        "values": {name: platform.values for name, platform in platforms.items()},
        "received": {name: platform.received()[-SHOWN:] for name, platform in platforms.items()},
        "said": dict.fromkeys(platforms, said),
        "out": [name for name in platforms if _out(name).exists()],
        "kept": {name: platform.kept() for name, platform in platforms.items()},
    }
    part = _file().with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    part.replace(_file())


def look() -> Told:
    """What the simulators that run, or ran last, have told."""
    found = _read()
    if not found:
        raise Missing("demo.no_simulators")
    return found


def enter_callback(address: str) -> None:
    """Give WeCom the address to knock at, as its console does: refused where it does not answer rightly."""
    wecom.enter(address, look()["values"]["wecom"])


def register(registration: str) -> str:
    """Lay the file that the console shows into Synapse's configuration; answers the account its people invite."""
    synapse.enter(registration)
    return synapse.ACCOUNT


def unplug(name: str) -> None:
    """The platform is away from now on; its people go on talking."""
    _named(name).touch()


def plug_in(name: str) -> None:
    """The platform is there again."""
    _named(name).unlink(missing_ok=True)


def _named(name: str) -> Path:
    if name not in NAMES:
        raise Missing("demo.no_such_simulator", name=name, names="、".join(NAMES))
    return _out(name)


def _out(name: str) -> Path:
    return Path(settings.HOME) / f"simulators.{name}.out"


def _file() -> Path:
    return Path(settings.HOME) / "simulators.json"


def _read() -> Told:
    found: Told = json.loads(_file().read_text("utf-8")) if _file().exists() else {}
    return found
