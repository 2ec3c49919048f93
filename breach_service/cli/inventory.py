"""`inventory`: bring a file in, show, export, and who changed what."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from breach_service.acts.inventory import importing
from breach_service.acts.inventory.importing import Ground, ImportFault, ImportFile, ImportKind, ImportPreview
from breach_service.app import OPERATOR, Service
from breach_service.catalog import inventory_as_yaml
from breach_service.cli.output import AsJson, fail, opened, read, show, table
from breach_service.domain.inventory import Change, Inventory, Missing
from breach_service.inventory_files import inventory_as_csv
from breach_service.inventory_files.limits import MOST_BYTES
from breach_service.store import reference, revisions

inventory = typer.Typer(no_args_is_help=True, help="Systems, processing activities, clients, providers.")
Kind = Annotated[ImportKind | None, typer.Option(help="What the file is; told by what is in it where you do not say.")]
Left = Annotated[
    Missing | None,
    typer.Option(help="What the file leaves out: end it today (for YAML unless you say otherwise), keep or remove it."),
]
Form = Annotated[Literal["yaml", "csv"], typer.Option("--format", help="One YAML file, or a CSV table for each part.")]


@inventory.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="YAML, CSV, ODS, XLSX, JSON, or a directory of CSV tables.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; nothing is stored.")] = False,
    kind: Kind = None,
    missing: Left = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the history.")] = "",
    as_json: AsJson = False,
) -> None:
    """Bring a file into the inventory, whole or not at all; or show every fault in it."""
    name = str(file) if file.suffix in (".yaml", ".yml") else file.name
    wanted = ImportFile(bytes_of(file), name, kind, missing)
    with opened() as service:
        knowledge = service.knowledge()
        now = service.now()
        ground = Ground(knowledge.inventory, knowledge.inventory_revision, knowledge.catalogue.facts, now)
        found = importing.preview_import(OPERATOR, wanted, ground)
        if found.faults:
            _fail_with(found, as_json)
        if dry_run:
            show(preview_out(found), as_json, lambda: preview_words(found))
            return
        _put_in_force(service, found, reason, as_json)


def _put_in_force(service: Service, found: ImportPreview, reason: str, as_json: bool) -> None:
    now = service.now()
    done = service.database.write(
        lambda session: importing.import_previewed(session, OPERATOR, found, now, reason=reason)
    )
    held = found.inventory or service.knowledge().inventory
    counts = {part: len(getattr(held, part)) for part in ("systems", "activities", "clients", "providers")}
    sentence = ", ".join(f"{count} {part}" for part, count in counts.items())
    value = {**preview_out(found), "is_new": done.is_new, "revision": done.revision, **counts}
    show(value, as_json, lambda: sentence if done.is_new else "nothing changed")


def bytes_of(file: Path) -> bytes:
    """What a file holds; of a directory its CSV tables, packed. Ends the command where it cannot be read."""
    try:
        if file.is_dir():
            return _packed(file)
        if file.stat().st_size > MOST_BYTES:
            fail(f"{file} is too large: at most {MOST_BYTES} bytes")
        return file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error}")


def _packed(directory: Path) -> bytes:
    tables = sorted(directory.glob("*.csv"))
    if not tables:
        fail(f"{directory} holds no CSV table: call them after their parts, such as clients.csv")
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for one in tables:
            archive.writestr(one.name, one.read_bytes())
    return raw.getvalue()


def _fail_with(found: ImportPreview, as_json: bool) -> None:
    if as_json:
        show(preview_out(found), as_json, str)
        raise typer.Exit(1)
    fail("\n".join(map(fault_words, found.faults)))


def fault_words(one: ImportFault) -> str:
    """A fault in one line: `clients!B3: …` for a cell, `file.yaml:3:5: …` for a line of text."""
    said = " ".join(each.in_language("en") for each in (one.what, one.remedy) if each)
    if one.column.isdecimal():
        return f"{one.sheet}:{one.row}:{one.column}: {said}"
    return f"{one.sheet}{f'!{one.column}{one.row}' if one.row else ''}: {said}"


def preview_out(found: ImportPreview) -> dict[str, Any]:
    """A preview as JSON."""
    return {
        "kind": found.kind,
        "missing": found.missing,
        "faults": [fault_out(one) for one in found.faults],
        "changes": [vars(one) for one in found.changes],
        "passed_over": found.passed_over,
        "over_revision": found.revision,
        "digest": found.digest,
    }


def fault_out(one: ImportFault) -> dict[str, Any]:
    """A fault as JSON: where, what is wrong, what to do."""
    remedy = one.remedy.in_language("en") if one.remedy else ""
    return {
        "sheet": one.sheet, "row": one.row, "column": one.column, "what": one.what.in_language("en"), "remedy": remedy,
    }  # fmt: skip


def preview_words(found: ImportPreview) -> str:
    """What would change, a line each; then how much of what."""
    rows = [
        (str(one.kind), one.part, one.id, one.field, _short(one.before), _short(one.after)) for one in found.changes
    ]
    counts = [
        f"{sum(one.kind == kind for one in found.changes)} {kind}"
        for kind in dict.fromkeys(one.kind for one in found.changes)
    ]
    said = [table(rows, ("", "part", "id", "field", "before", "after")), ", ".join(counts)] if rows else []
    if found.passed_over:
        said.append(f"{found.passed_over} machines are found by a system already: they are passed over")
    return "\n".join([*said, "nothing was imported: this is a dry run" if counts else "nothing would change"])


def change_table(changes: Sequence[Change]) -> str:
    """Changes of an inventory, a line each."""
    rows = [(str(one.kind), one.part, one.id, one.field, _short(one.before), _short(one.after)) for one in changes]
    return table(rows, ("", "part", "id", "field", "before", "after"))


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


@inventory.command("show")
def show_inventory(as_json: AsJson = False) -> None:
    """The inventory in force."""
    with opened() as service:
        value = _in_force(service)
    rows = [
        (one.id, ", ".join((*one.match.hosts, *one.match.networks, *one.match.applications)), ", ".join(one.activities))
        for one in value.systems
    ]
    show(value.model_dump(mode="json"), as_json, lambda: table(rows, ("system", "found by", "activities")))


@inventory.command("export")
def export(
    form: Annotated[
        Literal["yaml", "csv"], typer.Option("--format", help="One YAML file, or a CSV table for each part.")
    ] = "yaml",
    to: Annotated[Path | None, typer.Option(help="A file for YAML, a directory for CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """The inventory in force as files that `inventory import` reads back to the same."""
    with opened() as service:
        value = _in_force(service)
    if form == "yaml" and to is None:
        show(value.model_dump(mode="json"), as_json, lambda: inventory_as_yaml(value).rstrip("\n"))
        return
    if to is None:
        fail("say into which directory the tables go: --to DIRECTORY")
    written = _write(value, form, to)
    show({"files": written}, as_json, lambda: "\n".join(written))


def _write(value: Inventory, form: str, to: Path) -> list[str]:
    files = {to: inventory_as_yaml(value).encode()}
    if form == "csv":
        files = {to / f"{part}.csv": raw for part, raw in inventory_as_csv(value).items()}
    try:
        for path, raw in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    except OSError as error:
        fail(f"{to} cannot be written to: {error}")
    return [str(path) for path in files]


@inventory.command("history")
def history(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many revisions, the newest ones.")] = 20,
    of: Annotated[int | None, typer.Option("--of", help="What one revision changed, by its number.")] = None,
    as_json: AsJson = False,
) -> None:
    """Who changed the inventory, when, and why; with `--of`, what one revision changed."""
    with opened() as service:
        if of is None:
            found = read(service, lambda session: revisions.newest(session, limit))
            rows = [(one.number, one.recorded_at.isoformat(), one.by, one.reason) for one in found]
            show([vars(one) for one in found], as_json, lambda: table(rows, ("number", "when", "who", "why")))
            return
        changes: tuple[Change, ...] | None = read(service, lambda session: revisions.changes_of(session, of))
    if changes is None:
        fail(f"there is no revision {of}: `breach-service inventory history` lists them")
    show([vars(one) for one in changes], as_json, lambda: change_table(changes))


def _in_force(service: Service) -> Inventory:
    found = read(service, reference.inventory_in_force)
    if found is None:
        fail("no inventory was imported yet: `breach-service inventory import FILE`")
    value: Inventory = found[1]
    return value
