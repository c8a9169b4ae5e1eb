"""A real homeserver on the loopback address: Synapse from its wheel, in an environment of its own outside the
repository, with people who create rooms and talk. It speaks to nobody else: no federation, no key servers."""

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
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from qunying.demo.simulators.server import Call, Reply, Simulator

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements" / "synapse.lock"
CACHE = Path(os.environ.get("QUNYING_TEST_SYNAPSE") or Path.home() / ".cache" / "qunying-synapse")
SHARED = "a shared secret of the tests"
FREE = {"per_second": 10_000, "burst_count": 10_000}


def python() -> Path:
    """The Python that has Synapse; made once for each lock file, every package checked against its hash."""
    home = CACHE / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    made, done = home / "bin" / "python", home / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once make it once
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
            uv = Path(sys.executable).with_name("uv")
            pip = [str(uv), "pip", "install", "--python", str(made)]
            if not uv.exists():
                pip = [str(made), "-m", "pip", "install"]
            subprocess.run([*pip, "-q", "--require-hashes", "-r", str(LOCK)], check=True)
            done.touch()
    return made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Homeserver:
    """Synapse with the application service of one registration file."""

    def __init__(self, folder: Path, registration: str, *, port: int) -> None:
        self.folder, self.port = folder, port
        self.process: subprocess.Popen[bytes] | None = None
        self._transaction = count(1)
        (folder / "registration.yaml").write_text(registration, "utf-8")
        (folder / "signing.key").write_text(
            f"ed25519 a_test {base64.b64encode(secrets.token_bytes(32)).decode().rstrip('=')}\n"
        )
        (folder / "homeserver.yaml").write_text(json.dumps(self._config()), "utf-8")  # JSON is YAML

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _config(self) -> dict[str, Any]:
        limits = ["message", "registration", "login", "admin_redaction", "joins", "joins_per_room", "invites"]
        limits += ["room_creation", "presence", "reports", "third_party_invite", "3pid_validation"]
        nested = {"login": ("address", "account", "failed_attempts"), "joins": ("local", "remote")}
        nested |= {"invites": ("per_room", "per_user", "per_issuer"), "presence": ("per_user",)}
        return {
            "server_name": "localhost",
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
            "registration_shared_secret": SHARED,
            "macaroon_secret_key": "m",
            "form_secret": "f",
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "password_config": {"enabled": True, "bcrypt_rounds": 4},
            "bcrypt_rounds": 4,
            "app_service_config_files": [str(self.folder / "registration.yaml")],
            **{
                f"rc_{name}": dict.fromkeys(nested[name], FREE) if name in nested else FREE for name in limits
            },
        }

    def start(self) -> None:
        words = [str(python()), "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=self.folder, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.address}/health", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text("utf-8")[-3000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def user(self, name: str) -> User:
        """Somebody with an account here."""
        admin = f"{self.address}/_synapse/admin/v1/register"
        with httpx.Client(trust_env=False, timeout=30) as client:
            nonce = client.get(admin).json()["nonce"]
            said = f"{nonce}\0{name}\0a password\0notadmin".encode()
            mac = hmac.new(SHARED.encode(), said, hashlib.sha1).hexdigest()
            body = {"nonce": nonce, "username": name, "password": "a password", "admin": False, "mac": mac}
            told = client.post(admin, json=body).json()
        return User(self, told["user_id"], told["access_token"])

    def number(self) -> int:
        return next(self._transaction)


class User:
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
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def open_room(self, name: str) -> str:
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

    def move(self, room: str, deed: str, who: User | str | None = None, status: int = 200) -> None:
        """join or leave oneself; invite, kick, ban somebody else."""
        name = who.mxid if isinstance(who, User) else who
        self.call("POST", "rooms", room, deed, body={"user_id": name} if name else {}, status=status)

    def set_state(self, room: str, kind: str, content: dict[str, Any]) -> None:
        self.call("PUT", "rooms", room, "state", kind, "", body=content)

    def state(self, room: str, kind: str) -> dict[str, Any]:
        return self.call("GET", "rooms", room, "state", kind, "")

    def events(self, room: str) -> list[dict[str, Any]]:
        """Everything in the room, oldest first."""
        answer = self.client.get(f"rooms/{quote(room, safe='')}/messages", params={"dir": "b", "limit": 500})
        return list(reversed(answer.json()["chunk"]))


class Relay(Simulator):
    """Our own door as the homeserver sees it: it passes on to the server of a test, or is out of order."""

    def __init__(self, port: int) -> None:
        self.behind, self.is_down = "", False
        self.gate = threading.Lock()
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        with self.gate:
            return self._pass(call)

    def _pass(self, call: Call) -> Reply:
        if self.is_down or not self.behind:
            return Reply({"error": "out of order"}, 503)
        headers = {
            name: call.headers[name] for name in ("authorization", "content-type") if name in call.headers
        }
        answer = httpx.request(
            call.method,
            f"{self.behind}{call.path}",
            content=call.body,
            headers=headers,
            params=dict(call.query),
            trust_env=False,
            timeout=30,
        )
        return Reply(answer.content, answer.status_code)
