"""Where a call really goes. Numbers in brackets are the cases of reliability.md §3."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from qunying.connectors.live.wire import LostError, Wire
from qunying.demo.simulators.server import Call, Reply, Simulator
from qunying.kit.errors import Invalid, Upstream

NAME = "hs.example.org"


class Echo(Simulator):
    """Says what it was asked."""

    def answer(self, call: Call) -> Reply:
        if call.path == "/away":
            return Reply({"to": "http://127.0.0.1/"}, 302)
        return Reply({"host": call.headers["host"], "path": call.path})


@pytest.fixture
def echo():
    with Echo() as echo:
        yield echo


@pytest.fixture
def answers(monkeypatch):
    """What the name's server answers, one after the other; the last one stays."""
    answers = ["127.0.0.1"]

    def look_up(_host, port, *_more, **_named):
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def line() -> Wire:
    return Wire({}, (), homes=(NAME,))


def test_a_call_goes_to_the_checked_address_under_the_name_it_is_meant_for(echo, answers, settings):
    settings.PRIVATE_HOSTS = {NAME}
    port = int(echo.address.rpartition(":")[2])

    told = line().call("GET", f"http://{NAME}:{port}/x?y=1").json()

    assert told == {"host": f"{NAME}:{port}", "path": "/x"}


def test_a_name_that_leads_inside_when_it_is_used_is_not_called_30(echo, answers):
    with pytest.raises(Invalid, match="inside"):
        line().call("GET", f"http://{NAME}:8008/")

    assert echo.calls == []


def test_redirects_are_not_followed_and_hosts_not_declared_not_called_28(echo, answers, settings):
    settings.PRIVATE_HOSTS = {NAME}
    port = int(echo.address.rpartition(":")[2])

    assert line().call("GET", f"http://{NAME}:{port}/away").status_code == 302
    with pytest.raises(Upstream, match="strange_host"):
        line().call("GET", "http://other.example.org/")


def test_a_certificate_is_asked_for_by_the_name_and_one_nobody_vouches_for_is_refused(
    answers, settings, tmp_path
):
    settings.PRIVATE_HOSTS = {NAME}
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet, args=(server, context), daemon=True).start()
        with pytest.raises(Upstream) as refused:
            line().call("GET", f"https://{NAME}:{server.getsockname()[1]}/")

    assert asked == [NAME]
    assert not isinstance(refused.value, LostError)  # the request never left


def _greet(server: socket.socket, context: ssl.SSLContext) -> None:
    connection, _address = server.accept()
    try:
        context.wrap_socket(connection, server_side=True)
    except OSError:
        connection.close()


def _certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "both.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path
