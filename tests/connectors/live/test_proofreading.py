"""Links and mentions are looked at before a message goes out; what is odd is said and nothing is refused."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qunying.communities.models import Membership, Spell
from qunying.connectors.proofreading import link_notes, links, mention_notes, mentions
from qunying.members.models import Identity
from tests.connectors.live.test_writing import HERE, channel, client, confirmed, filled, seated, tea
from tests.connectors.live.world import telegram
from tests.members.world import people

__all__ = ["channel", "client", "tea"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("看https://a.example.com/x?y=1#z。", ["https://a.example.com/x?y=1#z"]),
        ("（HTTP://a.example.com）", ["HTTP://a.example.com"]),
        ("www.example.com, ok", ["www.example.com"]),
        ("see https://a.example.com/(b).", ["https://a.example.com/(b"]),
        ("没有链接 a@b.com ftp://x", []),
        ("https://" + "a" * 5000, ["https://" + "a" * 5000]),
    ],
)
def test_links_are_found_among_words_of_any_language(text, found):
    assert links(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://a.example.com", []),
        ("http://a.example.com", ["不是 https"]),
        ("www.example.com", ["没有写 https://"]),
        ("https://192.168.1.8/x", ["在内部网络里"]),
        ("https://127.1/x http://localhost", ["在内部网络里", "在内部网络里"]),
        ("https://a.example.com:22", ["端口不常用"]),
        ("https://a:b@c.example.com https://[::1 https://a..b", ["读不懂"] * 3),
        ("https://a.example.com https://a.example.com", ["出现了 2 次"]),
        ("http://a.example.com，http://a.example.com", ["不是 https", "出现了 2 次"]),
        ("https://<script>", ["读不懂"]),
        ("https://{0}.example.com", ["读不懂"]),
    ],
)
def test_what_is_odd_about_a_link_is_said_in_words(text, said):
    notes = link_notes(text)

    assert [any(part in note for part in said[place : place + 1]) for place, note in enumerate(notes)] == (
        [True] * len(said)
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请@小明看一下", ["小明看一下"]),
        ("@Li Lei 早\n@all", ["Li Lei 早", "all"]),
        ("a@b.com https://x.example.com/@me @@ @", []),
        ("@阿青@小兰", ["阿青", "小兰"]),
    ],
)
def test_mentions_are_found_and_mail_addresses_are_none(text, found):
    assert mentions(text) == found


@pytest.mark.django_db
def test_names_are_looked_for_in_each_group_among_those_who_are_there(tea, channel):
    brand = tea[0]
    there, gone, away = people(brand, "阿青", "小兰", "Li Lei")
    for number, member in enumerate((there, gone, away)):
        place = Membership.objects.create(
            brand=brand, community=channel.community, member=member, bit=900 + number
        )
        left = 5 if member == gone else None
        Spell.objects.create(brand=brand, membership=place, left_at=left, basis=1)
    Identity.objects.create(brand=brand, scheme="t", value="9", member=there, aliases=["tea_青", "tea_lover"])
    home = channel.community_id

    with CaptureQueriesContext(connection) as asked:
        mention_notes(brand, [home], "".join(f"@{number}" for number in range(3000)))
    assert len(asked) <= 20

    def said(text: str) -> list[bool]:
        return ["没有查到" in note for note in mention_notes(brand, [home], text)[home]]

    assert [said(f"@{name}") for name in ("阿青你好", "Li Lei 早", "tea_lover", "tea_青")] == [[]] * 4
    assert [said(f"@{name}") for name in ("小兰", "Li", "tea", "%", '"', "\\", "{x}")] == [[True]] * 7
    assert [said(f"@{name}") for name in ("all", "所有人快来", "Everyone!", "allen")] == [[False]] * 3 + [
        [True]
    ]


@pytest.mark.django_db
def test_the_preview_says_it_for_each_group_and_it_goes_out_all_the_same(client, tea, channel):
    other = seated(telegram(*tea, token="2:another-robot"), tea[1], "-1002", "另一个群")
    member = people(tea[0], "阿青")[0]
    Membership.objects.create(brand=tea[0], community=channel.community, member=member, bit=900)
    told = {"text": "@阿青 看 http://a.example.com <b>"}

    page = client.post(HERE, filled(channel, other, **told))
    sent = confirmed(client, channel, other, **told)

    notes = {
        fate.target.channel.pk: "没有查到叫“阿青”" in "".join(fate.notes) for fate in page.context["fates"]
    }
    assert notes == {channel.pk: False, other.pk: True}
    assert ("不是 https" in page.content.decode(), "<b> " in page.content.decode(), sent) == (
        True,
        False,
        302,
    )
