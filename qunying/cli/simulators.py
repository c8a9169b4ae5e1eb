"""qunying simulators: run platforms on this machine, see what they received, pull their plug and put it back."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from qunying.cli import output
from qunying.demo import lively
from qunying.demo.simulators import synapse as homeserver

app = typer.Typer(help="Simulated platforms to try connections out with.", no_args_is_help=True)


@app.command("run")
def run_them(
    telegram: Annotated[int, typer.Option(help="port of Telegram")] = 8850,
    onebot: Annotated[int, typer.Option(help="port of OneBot")] = 8851,
    wecom: Annotated[int, typer.Option(help="port of WeCom")] = 8852,
    synapse: Annotated[int, typer.Option(help="port of a real Synapse, 0 for none")] = 0,
    seconds: Annotated[float, typer.Option(help="between two things said")] = 3.0,
) -> None:
    """Let people talk in their groups until stopped."""
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    ports = {"telegram": telegram, "onebot": onebot, "wecom": wecom}
    lively.run(ports | ({"synapse": synapse} if synapse else {}), until, seconds=seconds)


@app.command()
def prepare() -> None:
    """Install Synapse into an environment of its own, if it is not there yet."""
    output.say(f"Synapse is in {homeserver.python().parents[1]}")


@app.command()
def show() -> None:
    """What to enter in the console, and what each has received last."""
    told = lively.look()
    for name, values in told["values"].items():
        output.say(f"{name}{'  (unplugged)' if name in told['out'] else ''}")
        for key, value in values.items():
            output.say(f"  {key}: {value}")
        for words in told["received"][name]:
            output.say(f"  received: {words}")


@app.command()
def stop(name: str) -> None:
    """Pull the plug of one, such as telegram; its people go on talking."""
    lively.unplug(name)
    output.say(f"{name} is unplugged")


@app.command()
def start(name: str) -> None:
    """Put the plug back."""
    lively.plug_in(name)
    output.say(f"{name} is plugged in")


@app.command()
def callback(address: str) -> None:
    """Enter the callback address that the console shows, as in WeCom's own console: it is asked once."""
    lively.enter_callback(address)
    output.say("wecom knocks there from now on")


@app.command()
def register(file: typer.FileText) -> None:
    """Lay the file that the console shows for Matrix into Synapse's configuration (- reads what is pasted)."""
    account = lively.register(file.read())
    output.say(f"Synapse starts anew with it, and its people invite {account}")


@app.command()
def scan(state: Annotated[str, typer.Argument(help="the mark (state) that the code's page shows")]) -> None:
    """A newcomer scans one of WeCom's codes: joins the group behind it, or adds the employee."""
    lively.wecom.scan_code(state)
    output.say("scanned")


@app.command()
def tag(name: str, off: Annotated[bool, typer.Option("--off", help="take it off instead")] = False) -> None:
    """A WeCom employee puts a tag on the latest friend on the phone."""
    lively.wecom.put_tag(name, is_on=not off)
    output.say("tagged" if not off else "untagged")


@app.command()
def tap() -> None:
    """WeCom's employees tap 发送 on their phones for everything that waits."""
    lively.wecom.tap()
    output.say("tapped")
