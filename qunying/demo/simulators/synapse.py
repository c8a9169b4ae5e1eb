"""A real homeserver on the loopback address: Synapse from its wheel, in an environment of its own outside the
repository, with people who open rooms and talk. It speaks to nobody else: no federation, no key servers."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

import qunying
from qunying.kit.errors import Refused

LOCKS = Path(qunying.__file__).parents[1] / "requirements"
CACHE = Path(os.environ.get("QUNYING_SYNAPSE") or Path.home() / ".cache" / "qunying-synapse")
FREE = {"per_second": 10_000, "burst_count": 10_000}
NAME = "localhost"
"""What the homeserver calls itself: its people are @somebody:localhost."""
WITH_US = """
import os, runpy, sys, threading
def leave():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=leave, daemon=True).start()
sys.argv = ["homeserver", "-c", "homeserver.yaml"]
runpy.run_module("synapse.app.homeserver", run_name="__main__")
"""
"""Runs Synapse until its standard input ends, so that it goes with whoever started it, even one that was killed."""


def python() -> Path:
    """The Python that has Synapse."""
    return locked("synapse")


def locked(name: str) -> Path:
    """The Python that has the packages of this lock file in an environment of its own; made once for each lock file,
    every package checked against its hash."""
    lock_file = LOCKS / f"{name}.lock"
    if not lock_file.exists():
        raise Refused("demo.no_synapse", words=f"{lock_file.name} is part of the source only")
    home = CACHE / hashlib.sha256(lock_file.read_bytes()).hexdigest()[:16]
    made, done = home / "bin" / "python", home / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once make it once
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            _run(sys.executable, "-m", "venv", str(home))
            uv = Path(sys.executable).with_name("uv")
            pip = [str(uv), "pip", "install", "--python", str(made)]
            if not uv.exists():
                pip = [str(made), "-m", "pip", "install", "--disable-pip-version-check"]
            _run(*pip, "-q", "--require-hashes", "-r", str(lock_file))
            done.touch()
    return made


def _run(*words: str) -> None:
    told = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    if told.returncode:
        lines = (told.stderr or told.stdout).strip().splitlines()
        raise Refused("demo.no_synapse", words=lines[-1][:300] if lines else words[0])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Homeserver:
    """Synapse with what it keeps in the folder: what happened there earlier is there again. `registration` is the file
    of the application service it knows; without one the folder's stays."""

    def __init__(self, folder: Path, registration: str = "", *, port: int) -> None:
        self.folder, self.port = folder, port
        self.process: subprocess.Popen[bytes] | None = None
        self._transaction = count(time.time_ns())
        folder.mkdir(mode=0o700, exist_ok=True)
        self.secrets = self._secrets()
        self.register(registration)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def registration(self) -> Path:
        return self.folder / "registration.yaml"

    def register(self, registration: str) -> None:
        """Know this application service from the next start on."""
        if registration:
            self.registration.write_text(registration, "utf-8")
        (self.folder / "homeserver.yaml").write_text(json.dumps(self._config()), "utf-8")  # JSON is YAML

    def _secrets(self) -> dict[str, str]:
        path = self.folder / "secrets.json"
        if not path.exists():
            key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            (self.folder / "signing.key").write_text(f"ed25519 a_own {key}\n")
            names = ("registration_shared_secret", "macaroon_secret_key", "form_secret")
            path.write_text(json.dumps({name: secrets.token_urlsafe(24) for name in names}), "utf-8")
        found: dict[str, str] = json.loads(path.read_text("utf-8"))
        return found

    def _config(self) -> dict[str, Any]:
        limits = ["message", "registration", "login", "admin_redaction", "joins", "joins_per_room", "invites"]
        limits += ["room_creation", "presence", "reports", "third_party_invite", "3pid_validation"]
        nested = {"login": ("address", "account", "failed_attempts"), "joins": ("local", "remote")}
        nested |= {"invites": ("per_room", "per_user", "per_issuer"), "presence": ("per_user",)}
        return {
            "server_name": NAME,
            "pid_file": str(self.folder / "pid"),
            "listeners": [
                {
                    "port": self.port,
                    "tls": False,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "media_store_path": str(self.folder / "media"),
            "signing_key_path": str(self.folder / "signing.key"),
            **self.secrets,
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "password_config": {"enabled": True, "bcrypt_rounds": 4},
            "bcrypt_rounds": 4,
            "app_service_config_files": [str(self.registration)] if self.registration.exists() else [],
            **{
                f"rc_{name}": dict.fromkeys(nested[name], FREE) if name in nested else FREE for name in limits
            },
        }

    def start(self) -> None:
        """Answers when people can speak to it."""
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [str(python()), "-c", WITH_US],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.address}/health", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        self.stop()
        lines = (self.folder / "log").read_text("utf-8", "replace").strip().splitlines()
        raise Refused(
            "demo.synapse_died", words=lines[-1][:300] if lines else "", place=str(self.folder / "log")
        )

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdin
            self.process.stdin.close()
            self.process = None

    def guest(self, name: str, shown: str = "") -> Guest:
        """Somebody new with an account here."""
        admin = f"{self.address}/_synapse/admin/v1/register"
        word = secrets.token_urlsafe(12)
        with httpx.Client(trust_env=False, timeout=30) as client:
            nonce = client.get(admin).json()["nonce"]
            said = f"{nonce}\0{name}\0{word}\0notadmin".encode()
            mac = hmac.new(
                self.secrets["registration_shared_secret"].encode(), said, hashlib.sha1
            ).hexdigest()
            body = {"nonce": nonce, "username": name, "password": word, "admin": False, "mac": mac}
            told = client.post(admin, json=body | ({"displayname": shown} if shown else {})).json()
        return Guest(self, told["user_id"], told["access_token"])

    def number(self) -> int:
        return next(self._transaction)


class Unexpected(Exception):
    """The homeserver did not do what somebody wanted of it."""


class Guest:
    """One person and what they do with a client of their own."""

    def __init__(self, server: Homeserver, mxid: str, token: str) -> None:
        self.server, self.mxid, self.token = server, mxid, token
        self.client = httpx.Client(
            base_url=f"{server.address}/_matrix/client/v3/",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=30,
        )

    def call(self, method: str, *path: str, body: object = None, status: int = 200) -> dict[str, Any]:
        answer = self.client.request(method, "/".join(quote(part, safe="") for part in path), json=body)
        if answer.status_code != status:
            raise Unexpected(answer.text)
        told: dict[str, Any] = answer.json()
        return told

    def open_up(self, name: str) -> str:
        body = {"name": name, "preset": "public_chat"}
        return str(self.call("POST", "createRoom", body=body)["room_id"])

    def send(
        self, room: str, content: dict[str, Any], kind: str = "m.room.message", status: int = 200
    ) -> str:
        path = ("rooms", room, "send", kind, f"t{self.server.number()}")
        return str(self.call("PUT", *path, body=content, status=status).get("event_id", ""))

    def say(self, room: str, text: str, *, answers: str = "", status: int = 200) -> str:
        relation = {"m.relates_to": {"m.in_reply_to": {"event_id": answers}}} if answers else {}
        return self.send(room, {"msgtype": "m.text", "body": text, **relation}, status=status)

    def react(self, room: str, target: str, key: str) -> str:
        return self.send(
            room,
            {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}},
            "m.reaction",
        )

    def edit(self, room: str, target: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": target}
        return self.send(
            room, {"msgtype": "m.text", "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        )

    def redact(self, room: str, target: str) -> None:
        self.call("PUT", "rooms", room, "redact", target, f"t{self.server.number()}", body={})

    def move(self, room: str, deed: str, who: Guest | str | None = None, status: int = 200) -> None:
        """join or leave oneself; invite, kick, ban somebody else."""
        name = who.mxid if isinstance(who, Guest) else who
        self.call("POST", "rooms", room, deed, body={"user_id": name} if name else {}, status=status)

    def set_state(self, room: str, kind: str, content: dict[str, Any]) -> None:
        self.call("PUT", "rooms", room, "state", kind, "", body=content)

    def state(self, room: str, kind: str) -> dict[str, Any]:
        return self.call("GET", "rooms", room, "state", kind, "")

    def timeline(self, room: str) -> list[dict[str, Any]]:
        """Everything in the room, oldest first."""
        answer = self.client.get(f"rooms/{quote(room, safe='')}/messages", params={"dir": "b", "limit": 500})
        return list(reversed(answer.json()["chunk"]))
