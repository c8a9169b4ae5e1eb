"""What several imports say of one account: shown together, and taken back one by one."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.connectors.actions import Order, take_files, undo
from qunying.connectors.incoming import Act, Chat, Options, Person
from qunying.connectors.intake import Intake
from qunying.connectors.models import ImportBatch
from qunying.members.models import Identity
from tests.core.dump import dump

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
SAID_AT = 1_772_000_000_000


def take(brand: Brand, path: Path) -> ImportBatch:
    return take_files(brand, [path], order=Order(Options()), at=NOW)[0]


def history(folder: Path, name: str) -> Path:
    path = folder / f"{name}.jsonl"
    chat = {"name": "茶友会", "platform": "qq", "groupId": "5"}
    said = {"platformMessageId": "m1", "timestamp": SAID_AT // 1000, "type": 0, "content": "早"}
    lines = [
        {"_type": "header", "chatlab": {"version": "0.0.2"}, "meta": chat},
        {"_type": "member", "platformId": "90001", "accountName": name},
        {"_type": "message", "sender": "90001", **said},
    ]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def sheet(folder: Path, level: str) -> Path:
    path = folder / f"{level}.csv"
    path.write_text(f"QQ号,昵称,会员等级,城市\n90001,陈青,{level},\n", encoding="utf-8")
    return path


def shown(brand: Brand) -> tuple[str, list[str], str, dict[str, str]]:
    row = Identity.objects.select_related("member").get(brand=brand, value="90001")
    return row.name, row.aliases, row.member.name, row.member.attributes


def test_a_member_list_adds_to_people_a_history_has_already_brought(tmp_path: Path) -> None:
    brand = open_brand("tellings", at=NOW)

    take(brand, history(tmp_path, "青青"))
    take(brand, sheet(tmp_path, "银卡"))
    take(brand, sheet(tmp_path, "金卡"))

    assert shown(brand) == ("陈青", ["青青"], "陈青", {"会员等级": "金卡"})


def test_undo_takes_back_what_the_import_said_and_nothing_else(tmp_path: Path) -> None:
    brand = open_brand("tellings", at=NOW)
    first = take(brand, history(tmp_path, "青青"))
    take(brand, sheet(tmp_path, "银卡"))
    before = dump(brand)

    undo(take(brand, history(tmp_path, "小青")), at=NOW)
    undo(take(brand, sheet(tmp_path, "金卡")), at=NOW)

    assert dump(brand) == before
    undo(first, at=NOW)
    assert shown(brand) == ("陈青", [], "陈青", {"会员等级": "银卡"})


def test_a_nickname_changed_later_in_one_history_is_shown_and_the_old_one_kept() -> None:
    brand = open_brand("tellings", at=NOW)
    tea, other = Chat("5", "茶友会", "qq"), Chat("6", "咖啡群", "qq")
    early, late = (Person("90001", "qq.uin", "", "90001", name) for name in ("青青", "小青"))

    Intake(brand, at=NOW).take(
        [
            *(tea, early, Act("message", SAID_AT, "90001", id="1", text="早")),
            *(other, tea, late, Act("message", SAID_AT + 1000, "90001", id="2", text="晚")),
        ]
    )

    assert shown(brand) == ("小青", ["青青"], "小青", {})
