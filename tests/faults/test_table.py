"""docs/FAULTS.md says of every case which tests hold it; it is true in both directions."""

from __future__ import annotations

import ast
import re

from tools.tree import ROOT

CASES = [*range(1, 32), *range(79, 83), *range(99, 105), 108]
NOTHING_YET = {80}
"""What the product does not have yet: no posts, so no caps of posts."""
TABLE = ROOT / "docs/FAULTS.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"test_\w+?((?:_\d+)+)$")


def told() -> dict[int, set[str]]:
    """Case → the tests its row lists, as file::name."""
    rows = ROW.findall(TABLE.read_text("utf-8"))
    return {int(number): set(re.findall(r"`([\w/]+::\w+)`", tests)) for number, _what, tests in rows}


def there() -> dict[int, set[str]]:
    """Case → the tests that carry its number at the end of their names."""
    found: dict[int, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not (named := NAMED.match(node.name)):
                continue
            for number in map(int, named[1].strip("_").split("_")):
                found.setdefault(number, set()).add(
                    f"{path.relative_to(ROOT / 'tests').with_suffix('')}::{node.name}"
                )
    return found


def test_the_table_lists_every_case_once_with_exactly_the_tests_that_carry_its_number():
    numbers = [int(number) for number, _what, _tests in ROW.findall(TABLE.read_text("utf-8"))]
    carried = there()

    assert numbers == CASES
    assert told() == {number: carried.get(number, set()) for number in CASES}


def test_every_case_is_automated_but_those_of_which_the_product_has_nothing_yet():
    assert {number for number, tests in told().items() if not tests} == NOTHING_YET


def test_nothing_that_was_promised_waits_in_a_store_that_may_forget_108():
    locked = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "requirements").glob("*.lock")))

    assert re.findall(r"^(redis|celery|huey|valkey)\b", locked, re.MULTILINE) == []
