"""The commands. Each parses, calls one action and prints."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from django.db import transaction

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.brands.queries import the_brand
from qunying.cli import output, simulators
from qunying.cli.asking import ask_series, day_of, listed, places
from qunying.cli.running import listen_forever, serve_forever, up_forever, work_forever
from qunying.communities.queries import named
from qunying.connectors import actions as imports
from qunying.connectors.incoming import Duplicates, Options
from qunying.connectors.mapping import spoken
from qunying.demo import actions as demo_actions
from qunying.facts.seal import breaks, strays
from qunying.kit import catalog
from qunying.kit.errors import Invalid
from qunying.metrics.reports.export import write

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="群英 Qunying", pretty_exceptions_enable=False
)
BrandOption = Annotated[
    str, typer.Option("--brand", help="brand slug or name; needed where there are several")
]
app.add_typer(simulators.app, name="simulators")
HEADS = (
    "path",
    "community",
    "format",
    "messages",
    "speakers",
    "joins",
    "leaves",
    "new_people",
    "known_people",
    "duplicates",
    "unknown_lines",
)
"""What the table of an import shows of a file."""
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", help="what a column of a table means: COLUMN=FIELD, with --format members or generic"
    ),
]
DuplicatesOption = Annotated[
    Duplicates, typer.Option(help="member lists: what to do with rows about people the brand knows already")
]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object instead of lines")]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@app.command()
def setup() -> None:
    """Make database and static files ready (done by itself on first use)."""
    output.say("ready")


@app.command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="files, folders or archives")],
    brand: BrandOption = "",
    community: Annotated[str, typer.Option(help="put everything into this community")] = "",
    format_key: Annotated[str, typer.Option("--format", help="read as this format")] = "",
    tz: Annotated[str, typer.Option(help="zone of local times, e.g. Asia/Shanghai")] = "",
    columns: MapOption = None,
    duplicates: DuplicatesOption = Duplicates.UPDATE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count only, change nothing")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring exported histories and back-end sheets in, print what they brought, then look for problems in it."""
    gc.freeze()  # the program itself is not looked through again and again
    gc.set_threshold(200_000)  # millions of plain rows that hold no cycles
    batch = None
    with transaction.atomic() if dry_run else nullcontext():
        home = _brand_for_import(brand, tz)
        place = named(home, community).pk if community else None
        options = Options(
            zone=tz or home.zone, mapping=spoken(format_key, columns or ()), duplicates=duplicates
        )
        order = imports.Order(options, place, format_key)
        with _columns_to_map():
            if dry_run:
                reports = imports.preview(home, paths, order=order, at=now())
                transaction.set_rollback(True)  # a brand made for looking goes too
            else:
                batch, reports = imports.take_files(home, paths, order=order, at=now())
    files = [imports.as_json(report, home) for report in reports]
    body = {"files": files, "total": imports.total(home, reports)}
    if as_json:
        output.dump(body)
    else:
        output.table(HEADS, [[row[head] for head in HEADS] for row in files])
    if batch is not None:
        output.flush()
        imports.diagnose_now(batch)


@contextmanager
def _columns_to_map() -> Iterator[None]:
    """Unknown columns are refused with the way out that a command has."""
    try:
        yield
    except Invalid as fault:
        if fault.code == "connectors.unknown_columns":
            raise Invalid("connectors.columns_to_map", **fault.details) from fault
        raise


def _brand_for_import(name: str, tz: str) -> Brand:
    """The named brand, made if it is new; without a name the only one, or a first one."""
    known = list(Brand.objects.order_by("pk"))
    if not name and len(known) != 1:
        name = "" if known else "brand"
    found = next((row for row in known if name in (row.slug, row.name)), None)
    if found is not None:
        return found
    if not name:
        return the_brand(name)
    return open_brand(name, at=now(), zone=tz or "Asia/Shanghai")


@app.command()
def metric(
    name: str,
    brand: BrandOption = "",
    community: Annotated[str, typer.Option(help="one community instead of the whole brand")] = "",
    on: Annotated[str, typer.Option(help="one day, e.g. 2026-03-01")] = "",
    since: Annotated[str, typer.Option("--from", help="first day")] = "",
    until: Annotated[str, typer.Option("--to", help="last day")] = "",
    by: Annotated[str, typer.Option(help="day, week or month")] = "",
    everybody: Annotated[bool, typer.Option("--everybody", help="staff, bots and test accounts too")] = False,
    as_list: Annotated[bool, typer.Option("--list", help="the people behind the number")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask one metric."""
    days = {"on": on, "since": since, "until": until, "by": by}
    home = the_brand(brand)
    asked = ask_series(home, name, community=community, **days, at=now(), with_everybody=everybody)
    if as_json:
        output.dump({**asked.body, **({"list": listed(asked)} if as_list else {})})
        return
    if everybody:
        output.say("staff, bots and test accounts included")
    for row in (step.as_json() for step in asked.steps):
        output.say(
            f"{row['from']}..{row['to']}  {row['value'] if row['value'] is not None else row['state']}"
            f"{'  partial' if row['partial'] else ''}"
        )
    if as_list:
        output.table(
            ("member", "name", "at"),
            [(line["member"], line["name"], line["at"] or "") for line in listed(asked)],
        )


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="file ending in .html, .pdf, .json, .xlsx or .pptx")],
    since: Annotated[str, typer.Option("--from", help="first day")],
    until: Annotated[str, typer.Option("--to", help="last day")],
    brand: BrandOption = "",
    community: Annotated[str, typer.Option(help="one community instead of the whole brand")] = "",
) -> None:
    """Write a report as a file."""
    home = the_brand(brand)
    write(home, places(home, community), day_of(since), day_of(until), out, now())
    output.say(str(out))


@app.command("catalog")
def print_catalog(as_json: JsonOption = False) -> None:
    """Everything that is declared: kinds of facts, metrics, detectors, playbooks, importers, routes …"""
    body = {
        module: [
            str(getattr(entry, "key", getattr(entry, "name", getattr(entry, "code", entry))))
            for entry in catalog.collect(module)
        ]
        for module in catalog.AGREED
    }
    if as_json:
        output.dump(body)
        return
    for module, names in body.items():
        output.say(f"{module} ({len(names)})")
        for name in names:
            output.say(f"  {name}")


@app.command()
def routes(
    smoke: Annotated[bool, typer.Option(help="only pages that ./go demo --once opens")] = False,
    brand: BrandOption = "",
) -> None:
    """The addresses of this install."""
    from qunying.urls import address

    slug = the_brand(brand).slug if smoke else "<brand>"
    for route in catalog.collect("routes"):
        if route.smoke or not smoke:
            output.say("/" + address(route).replace("<slug:brand>", slug))


@app.command()
def verify(brand: BrandOption = "") -> None:
    """Check the seal of the log and of the operation log."""
    from qunying.brands.actions import audit_breaks

    home = the_brand(brand)
    wrong, loose, audit = breaks(home), strays(home), audit_breaks(home)
    output.say(
        f"segments broken: {wrong or 'none'}; records outside the seal: {loose or 'none'}; "
        f"operation log broken at: {audit or 'nowhere'}"
    )
    if wrong or loose or audit:
        raise typer.Exit(1)


@app.command()
def rebuild(brand: BrandOption = "") -> None:
    """Make everything that is projected from the log anew."""
    imports.rebuild(the_brand(brand), at=now())
    output.say("rebuilt")


@app.command()
def demo(remove: Annotated[bool, typer.Option(help="take the demo brand away")] = False) -> None:
    """The tea brand 山茶 with a year of life, and a login to look at it."""
    if remove:
        demo_actions.remove(at=now())
        output.say("demo data removed")
    else:
        output.say(demo_actions.ensure(at=now()))


@app.command()
def serve(port: int = 8000, host: str = "127.0.0.1") -> None:
    """The web server alone."""
    serve_forever(host, port)


@app.command()
def work() -> None:
    """The worker alone; several may run."""
    work_forever()


@app.command()
def listen() -> None:
    """The listener alone: asks the connected platforms what is new; one may run."""
    listen_forever()


@app.command()
def up(port: int = 8000, host: str = "127.0.0.1") -> None:
    """Web server, worker and listener together."""
    up_forever(host, port)
