"""Only an app's own deeds write its models: read from the code, without running it.

Outside its deeds an app writes nothing; inside them it writes its own models alone. What the code does not
show (a row handed over untyped) the tests watch at run time with the same rule: tests/write_guard.py.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.tree import PACKAGE, Finding, report

DEEDS = ("actions", "tasks", "projectors", "erasers", "migrations")
ALSO = {
    "brands": ("erasing", "rows"),
    "facts": ("log", "seal"),
    "jobs": ("worker",),
    "audiences": ("blobs", "transitions"),
    "metrics": ("readings",),
}
"""Engines of these apps, verbs by another name: below actions, and called by them."""

ON_ROWS = {"save", "asave", "save_base", "delete", "adelete"}
ON_MANAGERS = {
    *("create", "acreate", "update", "aupdate", "delete", "adelete", "_raw_delete"),
    *("bulk_create", "abulk_create", "bulk_update", "abulk_update"),
    *("get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create"),
}
UNMISTAKABLE = ON_MANAGERS - {"create", "update", "delete"}
QUERYSET = {
    "objects",
    "_base_manager",
    "_default_manager",
    "filter",
    "exclude",
    "all",
    "select_for_update",
    "order_by",
}
RAW = re.compile(r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w*)", re.IGNORECASE)


def is_deed(app: str, module: str) -> bool:
    """True for a module of the app that may write, such as `actions` or `actions.merge`."""
    return module.partition(".")[0] in (*DEEDS, *ALSO.get(app, ()))


class Writes(ast.NodeVisitor):
    """Collects the writes of one module as (line, owner app or nothing, what is written)."""

    def __init__(self, app: str) -> None:
        self.app = app
        self.models: dict[str, str] = {}
        self.rows: dict[str, str] = {}
        self.found: list[tuple[int, str, str]] = []

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Remember which names are whose models."""
        parts = (node.module or "").split(".")
        if parts[0] == "qunying" and len(parts) > 2 and parts[2] == "models":
            self.models.update({alias.asname or alias.name: parts[1] for alias in node.names})

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A class of a models module is the app's own model."""
        self.models[node.name] = self.app
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Remember what the arguments are; forget it at the end."""
        before, every = dict(self.rows), [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for argument in every:
            self.rows.pop(argument.arg, None)
            self.take(argument.arg, argument.annotation)
        self.generic_visit(node)
        self.rows = before

    def visit_Assign(self, node: ast.Assign) -> None:
        """A name given a row or queryset of a model is one of its rows."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.take(target.id, node.value)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        """So is the name that runs over a queryset."""
        if isinstance(node.target, ast.Name):
            self.take(node.target.id, node.iter)
        self.generic_visit(node)

    def take(self, name: str, value: ast.expr | None) -> None:
        """Note that a name stands for a row of the first model its value mentions."""
        root = chain(value)[0] if value else ""
        if root in self.models:
            self.rows[name] = root

    def visit_Call(self, node: ast.Call) -> None:
        """Judge one call."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return
        root, *steps = chain(node.func.value)
        verb, model = node.func.attr, self.rows.get(root, root if root in self.models else "")
        is_queryset = bool(QUERYSET & set(steps))
        direct = verb in ON_ROWS and (root in self.rows or (root in self.models and not steps))
        if direct or (verb in ON_MANAGERS and is_queryset) or verb in UNMISTAKABLE:
            owner = self.models.get(model, "") if not steps or is_queryset else ""
            self.found.append((node.lineno, owner, f"{'.'.join([root, *steps])}.{verb}()"))

    def visit_Constant(self, node: ast.Constant) -> None:
        """Raw SQL that writes."""
        write = RAW.match(node.value) if isinstance(node.value, str) else None
        if write:
            table = write[1].split("_")[0]
            owner = table if (PACKAGE / table).is_dir() and "_" in write[1] else ""
            self.found.append((node.lineno, owner, write[0].strip()))


def chain(node: ast.AST) -> list[str]:
    """`Member.objects.filter(…)[0]` as [Member, objects, filter]; an empty root for anything else."""
    steps: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return [node.id if isinstance(node, ast.Name) else "", *reversed(steps)]


def findings(path: Path, *, package: Path = PACKAGE) -> Iterator[Finding]:
    """The writes of one module that are not its to make."""
    app, *rest = path.relative_to(package).with_suffix("").parts
    module = ".".join(rest)
    writes = Writes(app)
    try:
        writes.visit(ast.parse(path.read_text("utf-8")))
    except SyntaxError as error:
        yield Finding(path, error.lineno or 1, "does not parse")
    for line, owner, what in writes.found:
        if owner and owner != app:
            yield Finding(path, line, f"{what} writes a model of {owner}: call an action of {owner}")
        elif not is_deed(app, module) and module.partition(".")[0] != "models":
            yield Finding(path, line, f"{what} writes outside the deeds of {app}: move it into its actions")


if __name__ == "__main__":
    sys.exit(report(each for path in sorted(PACKAGE.glob("*/**/*.py")) for each in findings(path)))
