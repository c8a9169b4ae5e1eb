"""Addresses somebody typed in: whether they lead outside, and the one checked address to connect to.

A name is resolved once, every address it has must lie outside, and the connection goes to the very address that was
checked, so a name that answers differently the next time changes nothing. What the install itself declares as its own
(settings.PRIVATE_HOSTS) passes.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from qunying.kit.errors import Invalid, Upstream

PORTS = frozenset({80, 443, 8008, 8080, 8443, 8448})
"""Where others' web servers listen; other ports speak other protocols."""
INWARD = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")
DOTTED = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
GLOBAL_V6 = ipaddress.ip_network("2000::/3")
IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Place:
    """Where a checked request goes: `url` with the address in the host's place, and the `host` it is meant for."""

    url: str
    host: str

    @property
    def header(self) -> str:
        """What the Host header says: the name, with the port unless it is the scheme's own."""
        parts = urlsplit(self.url)
        own = {"http": 80, "https": 443}[parts.scheme]
        named = f"[{self.host}]" if ":" in self.host else self.host
        return named if parts.port in (None, own) else f"{named}:{parts.port}"


def resolve(host: str, port: int) -> list[str]:
    """Every address of the name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Upstream("kit.host_away", host=host) from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def look_outside(url: str, *, own: Collection[str] = ()) -> str:
    """The host of an address as it may be saved; Invalid for one that by its words alone leads inside."""
    parts, host = _read(url)
    if host not in own:
        _check_port(parts, host)
        number = _number(host)
        if number is None:
            _check_name(host)
        elif not is_outside(number):
            raise Invalid("kit.inside", host=host)
    return host


def place(url: str, *, own: Collection[str] = (), resolver: Resolve = resolve) -> Place:
    """The checked place of a request that leaves now. Invalid when the address, or any address of its name, lies
    inside; Upstream when the name has none."""
    host = look_outside(url, own=own)
    parts, _host = _read(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    number = _number(host)
    found = [str(number)] if number is not None else resolver(host, port)
    if not found:
        raise Upstream("kit.host_away", host=host)
    if host not in own and not all(is_outside(ipaddress.ip_address(_bare(each))) for each in found):
        raise Invalid("kit.inside", host=host)
    first = min(found, key=lambda each: ":" in each)  # IPv4 first: many servers have no way out over IPv6
    literal = f"[{first}]" if ":" in first else first
    return Place(urlunsplit((parts.scheme, f"{literal}:{port}", parts.path, parts.query, "")), host)


def is_outside(number: IP) -> bool:
    """Whether the address is one of the open internet, whatever it is wrapped in."""
    if isinstance(number, ipaddress.IPv4Address):
        return number.is_global and not number.is_multicast
    inner = number.ipv4_mapped or number.sixtofour
    if inner is None and number in NAT64:
        inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    if inner is not None:
        return is_outside(inner)
    return number in GLOBAL_V6 and number.is_global and number.teredo is None


def _read(url: str) -> tuple[SplitResult, str]:
    """The parts of an address and its host, read once and in one spelling."""
    plain = unicodedata.normalize("NFKC", url)
    if not plain.isprintable() or " " in plain or "\\" in plain:
        raise Invalid("kit.strange_address")
    try:
        parts = urlsplit(plain)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid("kit.strange_address") from None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not host or "%" in host:
        raise Invalid("kit.strange_address")
    dots = host.translate(dict.fromkeys(map(ord, "。．｡"), ".")).rstrip(".")
    return parts, dots if ":" in dots else _ascii(dots)


def _ascii(host: str) -> str:
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        raise Invalid("kit.strange_address") from None
    if not NAME.fullmatch(name):
        raise Invalid("kit.strange_address")
    return name


def _check_port(parts: SplitResult, host: str) -> None:
    if parts.port is not None and parts.port not in PORTS:
        raise Invalid("kit.strange_port", host=host, port=parts.port)


def _check_name(host: str) -> None:
    """A name, not a number in disguise such as 127.1 or 0x7f.1, and not one that means this network."""
    last = host.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        raise Invalid("kit.inside", host=host)
    if "." not in host or host.endswith(tuple(f".{each}" for each in INWARD)):
        raise Invalid("kit.inside", host=host)


def _number(host: str) -> IP | None:
    """The address the host is written as, None for a name. Only the plain spelling counts as one."""
    if ":" not in host and not DOTTED.fullmatch(host):
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bare(address: str) -> str:
    return address.partition("%")[0]
