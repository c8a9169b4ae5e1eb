"""An address somebody typed in never leads inside, however it is written, when it is saved and when it is used.
Numbers in brackets are the cases of reliability.md §3."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.kit.errors import Invalid, QunyingError
from qunying.kit.safe_hosts import Place, look_outside, place

WRITTEN_INSIDE = """
http://127.0.0.1/ http://localhost/ http://0.0.0.0/ http://[::1]/ http://2130706433/ http://0177.0.0.1/
http://0x7f.1/ http://127.1/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://169.254.169.254/latest/
http://10.0.0.5/ http://172.16.9.9/ http://192.168.1.1/ http://100.64.0.1/ http://[fe80::1]/ http://[fc00::1]/
file:///etc/passwd gopher://127.0.0.1:6379/_x ftp://10.0.0.1/ http://example.com@127.0.0.1/
http://127.0.0.1#@example.com/ http://127。0。0。1/ http://①②⑦.0.0.1/ http://[64:ff9b::7f00:1]/ http://localhost./
http://foo.localhost/ http://224.0.0.1/ http://255.255.255.255/ http://example.com:22/ http://[2002:7f00:1::]/
http:///x
http://[::127.0.0.1]/ http://[2001:0:7f00:1::]/ http://0x7f000001/ http://127.0.0.1.:80/ http://db/
http://[fe80::1%25eth0]/ http://example.com\\@127.0.0.1/ http://exa%6dple.com/ http://redis.internal/ http://1.2.3.999/
http://[::]/ http://00000000177.1/ http://example.com:99999/ http://[1.2.3.4]/ javascript:alert(1)
"""
"""The 32 of the case, and 15 of our own."""
OUTSIDE = {
    "https://example.com/hook": Place("https://93.184.215.14:443/hook", "example.com"),
    "https://8.8.8.8/x?y=1": Place("https://8.8.8.8:443/x?y=1", "8.8.8.8"),
    "http://example.org:8080/": Place("http://93.184.215.14:8080/", "example.org"),
    "https://茶.中国/#top": Place("https://93.184.215.14:443/", "xn--cl1a.xn--fiqs8s"),
    "https://[2606:4700::1]/": Place("https://[2606:4700::1]:443/", "2606:4700::1"),
}


class Fixed:
    """A resolver that always finds the same."""

    def __init__(self, found: list[str]) -> None:
        self.found = found

    def __call__(self, _host: str, _port: int) -> list[str]:
        return self.found


def public(_host: str, _port: int) -> list[str]:
    return ["93.184.215.14"]


@pytest.mark.parametrize("url", WRITTEN_INSIDE.split())
def test_an_address_that_leads_inside_is_refused_when_saved_and_when_used_29(url):
    for way in (look_outside, lambda each: place(each, resolver=public)):
        with pytest.raises(Invalid):
            way(url)


def test_addresses_of_the_open_internet_pass_and_are_connected_by_the_number_that_was_checked():
    assert {url: place(url, resolver=public) for url in OUTSIDE} == OUTSIDE
    assert place("http://example.org:8080/", resolver=public).header == "example.org:8080"
    assert place("https://example.org/", resolver=public).header == "example.org"


def test_a_name_that_answers_outside_first_and_inside_later_is_resolved_once_30():
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    found = place("https://example.com/", resolver=lambda _host, _port: next(answers))

    assert found.url == "https://93.184.215.14:443/"
    with pytest.raises(Invalid, match="inside"):
        place("https://example.com/", resolver=lambda _host, _port: next(answers))


def test_one_inner_address_among_many_is_enough_to_refuse_30():
    for inner in ("10.1.2.3", "::1", "fe80::1%eth0", "::ffff:127.0.0.1"):
        found = ["93.184.215.14", inner]
        with pytest.raises(Invalid, match="inside"):
            place("https://example.com/", resolver=Fixed(found))


def test_what_the_install_calls_its_own_passes():
    assert place("http://synapse:8008/x", own={"synapse"}, resolver=lambda _h, _p: ["10.0.0.7"]) == Place(
        "http://10.0.0.7:8008/x", "synapse"
    )
    with pytest.raises(Invalid):
        place("http://other:8008/x", own={"synapse"}, resolver=lambda _h, _p: ["10.0.0.7"])


NETS = (
    "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"
    " 169.254.0.0/16 100.64.0.0/10 0.0.0.0/8 224.0.0.0/4 240.0.0.0/4"
)


def spellings(number: int) -> list[str]:
    """Every way people write an IPv4 address into a URL's host."""
    a, b, c, d = number.to_bytes(4, "big")
    dotted = f"{a}.{b}.{c}.{d}"
    wide = dotted.translate({ord(str(n)): ord("０") + n for n in range(10)})
    high, low = number >> 16, number & 0xFFFF
    return [
        *(dotted, f"{dotted}.", wide, dotted.replace(".", "。"), str(number), hex(number), f"0{number:o}"),
        *(
            f"{a}.{number & 0xFFFFFF}",
            f"{a}.{b}.{low}",
            f"0{a:o}.{b}.{c}.{d}",
            f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        ),
        *(
            f"[::ffff:{dotted}]",
            f"[::ffff:{high:x}:{low:x}]",
            f"[64:ff9b::{high:x}:{low:x}]",
            f"[::{dotted}]",
        ),
        *(f"[2002:{high:x}:{low:x}::1]", f"user@{dotted}", f"example.com@{dotted}", f"{dotted}:8080"),
    ]


@given(st.sampled_from(NETS.split()), st.data())
def test_no_spelling_of_any_inner_address_passes_29(net, data):
    network = ipaddress.ip_network(net)
    number = int(network[0]) + data.draw(st.integers(0, network.num_addresses - 1))
    for host in spellings(number):
        for scheme in ("http", "https"):
            with pytest.raises(Invalid):
                place(f"{scheme}://{host}/", resolver=public)


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_an_address_passes_if_and_only_if_it_is_of_the_open_internet(number):
    is_open = number.is_global and not number.is_multicast
    try:
        passed = place(f"http://{number}/").host == str(number)
    except QunyingError:
        passed = False

    assert passed == is_open
