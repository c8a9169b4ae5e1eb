"""What members agreed to, read and said by programs."""

from __future__ import annotations

import pytest
from django.test import Client

from qunying.members.actions import opt_out, write_consent_text
from qunying.members.models import Consent, Purpose, Via
from tests.api.test_api import AT, ROOT, get, house, token_with
from tests.members.world import WORDS

__all__ = ["house"]
pytestmark = pytest.mark.django_db


def say(house, member: int, *, token: str = "all", **said: object):
    return Client().post(
        f"{ROOT}brands/a/members/{member}/consents",
        {"purpose": "marketing", **said},
        content_type="application/json",
        headers={"Authorization": f"Bearer {house.tokens[token]}"},
    )


@pytest.fixture
def text(house):
    return write_consent_text(house.brand, purpose=Purpose.MARKETING, words=WORDS, at=AT, by=house.first)


def test_a_yes_and_a_no_said_by_a_program_are_kept_once_each(house, text):
    member = house.members[1].pk
    on = "2026-03-09T10:00:00+08:00"
    yes = [say(house, member, given=True, version=1, at=on).json() for _time in range(2)]
    no = [say(house, member, given=False, via="platform").json() for _time in range(2)]

    assert yes[0] == yes[1] and no[0] == no[1] == get(house, f"members/{member}/consents").json()
    assert (yes[0]["may_be_sent_marketing"], yes[0]["why_not"], yes[0]["standing"]) == (
        True,
        "",
        {"marketing": True},
    )
    assert (no[0]["may_be_sent_marketing"], no[0]["why_not"], no[0]["opted_out"]) == (
        False,
        "withdrawn",
        False,
    )
    told = [(row["given"], row["version"], row["via"], row["counts"]) for row in no[0]["items"]]
    assert told == [(False, None, "platform", True), (True, 1, "page", True)]
    assert no[0]["items"][1]["at"] == "2026-03-09T02:00:00+00:00"


def test_who_is_on_the_list_is_told_so(house, text):
    say(house, house.members[1].pk, given=True, version=1)
    opt_out(house.members[1], reason="来电", via=Via.STAFF, at=AT, by=house.first)

    found = get(house, f"members/{house.members[1].pk}/consents").json()

    assert (found["opted_out"], found["why_not"]) == (True, "opted_out")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"given": True, "version": 2}, "members.no_consent_text"),
        ({"given": True}, "members.no_consent_text"),
        ({"given": True, "version": 10**30}, "api.bad_request"),
        ({"given": True, "version": 1, "purpose": "\x00"}, "members.purpose"),
        ({"given": False, "purpose": "all"}, "members.purpose"),
        ({"given": False, "via": "pigeon"}, "members.via"),
        ({"given": False, "at": "2999-01-01T00:00:00Z"}, "members.said_later"),
        ({"given": False, "at": "2026-03-09T10:00:00"}, "api.no_zone"),
        ({"given": "perhaps"}, "api.bad_request"),
        ({}, "api.bad_request"),
    ],
)
def test_what_cannot_be_said_is_refused_and_leaves_nothing(house, text, said, code):
    answer = say(house, house.members[1].pk, **said)

    assert (answer.status_code, answer.json()["code"], Consent.objects.count()) == (422, code, 0)


def test_a_token_that_may_only_read_says_nothing(house, text):
    answer = say(house, house.members[1].pk, token=token_with(house, "members.read"), given=False)

    assert (answer.status_code, Consent.objects.count()) == (403, 0)
