"""The house rules that a machine can hold: see docs/HOUSE_STYLE.md."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from qunying.kit import catalog
from qunying.kit.refusals import Refusal
from tools.tree import PACKAGE, ROOT

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_ENTRANCE = 20
ENTRANCES = {"pages", "portal", "api", "tasks"}
DRAWERS = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "managers",
    "manager",
    "services",
    "service",
    "repositories",
}
NOT_OUR_WORDS = {
    *("user", "users", "customer", "customers", "fan", "fans", "group", "groups", "room", "rooms"),
    *("event", "events"),
}
THEIR_WORDS = {
    "create_user",  # Django calls it
    "create_superuser",
    "group_by",
    "FANS",  # 粉丝群, a kind of community
}
ERRORS = {"Invalid", "NotAllowed", "Missing", "Refused", "Upstream"}


def sources(*patterns: str) -> list[Path]:
    """Files of ours, without what is made (migrations are written by Django)."""
    places = (ROOT / name for name in ("qunying", "tests", "tools", "benchmarks", "frontend"))
    found = {path for place in places for pattern in patterns for path in place.rglob(pattern)}
    return sorted(
        path for path in found if "migrations" not in path.parts and "node_modules" not in path.parts
    )


def named(path: Path) -> str:
    """A path as a finding shows it."""
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed module; parsed once for all tests."""
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_400_lines():
    lengths = {
        named(p): len(p.read_text("utf-8").splitlines())
        for p in [*sources("*.py", "*.js", "*.mjs", "*.html", "*.css")]
    }
    lengths["go"] = len((ROOT / "go").read_text("utf-8").splitlines())

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_have_at_most_40_lines_and_entrances_20_of_them():
    too_long = []
    for path in [*sources("*.py"), ROOT / "go"]:
        in_app = path.relative_to(ROOT).with_suffix("").parts[2:]
        limit = (
            LONGEST_ENTRANCE if PACKAGE in path.parents and ENTRANCES & set(in_app[:1]) else LONGEST_FUNCTION
        )
        for function in functions(path):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > limit:
                too_long.append(
                    f"{named(path)}:{function.lineno} {function.name}: {lines} lines, {limit} is the most"
                )

    assert too_long == [], "\n".join(too_long)


def test_no_module_is_a_drawer_for_everything():
    drawers = [named(path) for path in sources("*") if path.is_file() and path.stem in DRAWERS]
    drawers += [named(path) for path in PACKAGE.rglob("*") if path.is_dir() and path.name in DRAWERS]

    assert drawers == [], "\n".join(drawers)


def floors() -> dict[str, int]:
    """The floor of every app, counted from the bottom, as .importlinter says it."""
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    layers = rules["importlinter:contract:floors"]["layers"].split("\n")
    stack = [re.findall(r"\w+", layer) for layer in layers if layer.strip()]
    return {app: floor for floor, peers in enumerate(reversed(stack)) for app in peers}


def test_foreign_keys_point_down():
    floor = floors()
    upward = []
    for model in ours():
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if field.auto_created or target is None or not target.__module__.startswith("qunying."):
                continue
            here, there = model.__module__.split(".")[1], target.__module__.split(".")[1]
            if here != there and floor[there] >= floor[here]:
                upward.append(f"{here}.{model.__name__}.{field.name} → {there}.{target.__name__}")

    assert upward == [], "\n".join(upward)


def ours() -> list[type[Model]]:
    """Every model of ours."""
    return [model for model in apps.get_models() if model.__module__.startswith("qunying.")]


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Every error made in the code: place, code, names of its details (None: not all are written out)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(tree_of(path)):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS
            ):
                continue
            place = f"{named(path)}:{node.lineno}"
            code = node.args[0] if node.args else None
            names = {keyword.arg for keyword in node.keywords}
            details = None if None in names else {name for name in names if name}
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield place, code.value, details


def sentences() -> dict[str, Refusal]:
    """The declared sentence of every code."""
    return {refusal.code: refusal for refusal in catalog.collect("refusals")}


def test_every_raised_error_has_a_sentence_that_uses_only_its_details():
    declared, wrong = sentences(), []
    for place, code, details in raised():
        if code not in declared:
            wrong.append(f"{place}: no Refusal says {code}")
            continue
        used = {name for _, name, _, _ in string.Formatter().parse(str(declared[code].sentence)) if name}
        if details is not None and not used <= details:
            wrong.append(f"{place}: the sentence of {code} wants {sorted(used - details)}")

    assert wrong == [], "\n".join(wrong)


def test_every_sentence_is_declared_once_in_the_app_its_code_names():
    declared = [(app, refusal.code) for app in catalog.apps() for refusal in refusals_of(app)]
    strangers = [f"{app} declares {code}" for app, code in declared if not speaks_for(app, code)]

    assert strangers == [], "\n".join(strangers)
    assert sorted({code for _, code in declared}) == sorted(code for _, code in declared)


def refusals_of(app: str) -> tuple[Refusal, ...]:
    """The refusals one app declares."""
    return import_module(f"{app}.refusals").REFUSALS if find_spec(f"{app}.refusals") else ()


def speaks_for(app: str, code: str) -> bool:
    """An app words its own codes; kit, which knows no translation, is worded by the lowest app."""
    prefix = code.partition(".")[0]
    return app == f"qunying.{prefix}" or (prefix == "kit" and app == catalog.apps()[0])


def test_no_sentence_is_left_over():
    text = "".join(p.read_text("utf-8") for p in sorted(PACKAGE.rglob("*.py")) if p.name != "refusals.py")

    assert [code for code in sentences() if f'"{code}"' not in text] == []


def test_the_glossary_knows_every_model():
    rows = re.findall(r"^\|\s*([^|]+?)\s*\|", (ROOT / "docs/GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
    words = {word.strip(" `*").lower() for row in rows for word in re.split(r"[,/]", row)}

    missing = [model.__name__ for model in ours() if spoken(model.__name__) not in words]

    assert missing == [], "\n".join(missing)


def spoken(name: str) -> str:
    """`StageSpan` as people say it: stage span."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


@pytest.mark.parametrize(
    "app", sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
)
def test_names_in_code_use_our_words(app):
    found = []
    for path in sorted((PACKAGE / app).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for line, name in names(path):
            words = set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))
            if words & NOT_OUR_WORDS and name not in THEIR_WORDS:
                found.append(f"{named(path)}:{line} {name}")

    assert found == [], "\n".join(found)


def names(path: Path) -> Iterator[tuple[int, str]]:
    """The names a module gives: classes, their fields, functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", part)]
                yield from ((target.lineno, target.id) for target in targets if isinstance(target, ast.Name))
