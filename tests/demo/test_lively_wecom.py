"""What a person asks the simulated WeCom's customers and employees to do, they do, and it is there in the next run."""

from __future__ import annotations

import json
import random

import pytest

from qunying.demo.lively import wecom
from qunying.demo.simulators import wecom_codes, wecom_tags
from qunying.demo.simulators.wecom_corp import Corporation
from qunying.kit.errors import Missing

STATE = "货架码"


@pytest.fixture
def corp(settings, tmp_path):
    """A corporation with a code for its group and one for its employee, as told to whoever looks."""
    settings.HOME = tmp_path
    found = Corporation("wwsim", "token", "k" * 43)
    found.hire("kefu01", "客服小茶")
    chat = found.open_chat("山茶福利群", "kefu01")
    wecom_codes.add(found, {"chat_id_list": [chat], "state": STATE, "auto_create_room": 0})
    wecom_codes.add(found, {"user": ["kefu01"], "state": "名片码"})
    kept = json.dumps({"kept": {"wecom": wecom._kept(found)}}, ensure_ascii=False)
    (tmp_path / "simulators.json").write_text(kept, "utf-8")
    return found


def obey(corp: Corporation) -> None:
    for asked in wecom._asked():
        wecom._obey(corp, asked, random.Random(1))


@pytest.mark.once
def test_a_newcomer_scans_a_code_and_one_that_is_not_there_is_named(corp):
    wecom.scan_code(STATE)
    wecom.scan_code("名片码")
    obey(corp)
    obey(corp)
    with pytest.raises(Missing) as refused:
        wecom.scan_code("印错的码")

    (group,) = corp.groups.values()
    assert [member["state"] for member in group.members.values() if "state" in member] == [STATE]
    assert [[known["state"] for known in friend["follow"].values()] for friend in corp.friends.values()] == [
        ["名片码"]
    ]
    assert refused.value.details == {"state": "印错的码", "states": f"{STATE}、名片码"}


@pytest.mark.once
def test_an_employee_tags_the_latest_friend_and_takes_it_off_again(corp):
    for who in ("wm1", "wm2"):
        corp.befriend(who, "客", "kefu01")
    wecom.put_tag("老客", is_on=True)
    obey(corp)
    had = [wecom_tags.tags_of(corp, who) for who in ("wm1", "wm2")]
    wecom.put_tag("老客", is_on=False)
    obey(corp)

    assert had == [set(), set(corp.tags)]
    assert wecom_tags.tags_of(corp, "wm2") == set()
    assert list(corp.tags.values()) == [("门店", "老客")]


@pytest.mark.once
def test_codes_friends_and_tags_are_there_in_the_next_run(corp):
    corp.befriend("wm1", "客", "kefu01")
    wecom_tags.make(corp, "关系", "老客")
    kept = json.loads(json.dumps(wecom._kept(corp)))
    shelf = wecom._shelf(kept)

    assert (shelf["codes"], shelf["friends"]) == (corp.codes, corp.friends)
    assert [tuple(told) for told in shelf["tags"].values()] == list(corp.tags.values())
    assert wecom._shelf(kept[:1]) == {"groups": kept[:1], "codes": {}, "friends": {}, "tags": {}}
