"""An import that breaks in the middle, by whatever cause, leaves nothing of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.brands.actions import open_brand
from qunying.communities.models import Community
from qunying.connectors.actions import Order, take_files, taking
from qunying.connectors.incoming import Options
from qunying.connectors.models import ImportBatch
from qunying.members.models import Member
from tests.core.dump import dump
from tests.core.worlds import NOW

pytestmark = pytest.mark.django_db
LINES = "platform,chat_id,chat_name,timestamp,user_id,user_name,text\n"


@pytest.mark.parametrize("cause", [ZeroDivisionError, KeyboardInterrupt])
def test_an_import_that_breaks_in_the_middle_leaves_nothing(
    tmp_path: Path, settings, monkeypatch, cause: type[BaseException]
) -> None:
    settings.HOME = tmp_path / "home"
    brand = open_brand("tea", at=NOW, slug="tea")
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for place, path in enumerate(paths):
        path.write_text(f"{LINES}qq,{place},茶友群{place},2026-01-0{place + 1} 09:00,u{place},阿青,早\n")
    before, read = dump(brand), taking._read

    def breaks_at_the_second(intake, held, options):
        if held[0].path.name == "b.csv":
            raise cause
        return read(intake, held, options)

    monkeypatch.setattr(taking, "_read", breaks_at_the_second)

    with pytest.raises(cause):
        take_files(brand, paths, order=Order(Options(zone="Asia/Shanghai")), at=NOW)

    assert dump(brand) == before
    assert (Member.objects.filter(brand=brand).count(), Community.objects.filter(brand=brand).count()) == (
        0,
        0,
    )
    assert ImportBatch.objects.get(brand=brand).state == "failed"
