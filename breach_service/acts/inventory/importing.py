"""Bringing a file into the inventory: first what it would change, or every fault in it; then, as shown, in force.

A file is taken whole or not at all. Reading and comparing needs no transaction; what was compared is put in force only
while the inventory is still the one that it was compared with.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import rfc8785
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from breach_service.acts.authorise import authorise
from breach_service.acts.inventory.changing import IMPORTED, Changed, put_in_force, today_of
from breach_service.catalog import read_inventory, strange_words
from breach_service.domain.access import Act, Actor
from breach_service.domain.facts import FactType
from breach_service.domain.inventory import (
    Change,
    Inventory,
    Missing,
    Proposal,
    changes_between,
    machines_not_yet_known,
    merged,
    replaced_by,
    without_stand_in,
)
from breach_service.domain.text import Text
from breach_service.errors import N_, InvalidCommand
from breach_service.inventory_files import (
    FileKind,
    Unreadable,
    kind_of,
    misfit_of,
    read_inventory_file,
    unsound_entries,
)
from breach_service.store.database import Session


class ImportKind(StrEnum):
    """What can be imported."""

    YAML = "yaml"
    """A whole inventory."""
    TABLES = "tables"
    """Our own tables: one CSV called after its part, a zip of these, or a spreadsheet with a sheet for each part."""
    CNIL_REGISTER = "cnil_register"
    GLPI = "glpi"
    NETBOX = "netbox"
    KUBERNETES = "kubernetes"
    PROMETHEUS = "prometheus"


COMPLETE = {ImportKind.TABLES: None, ImportKind.CNIL_REGISTER: frozenset({"activities"})}
"""Kinds that may be complete in some parts, so that what they lack ends; None: in every part that they have."""


@dataclass(frozen=True)
class ImportFile:
    """A file as somebody gave it."""

    raw: bytes
    name: str
    kind: ImportKind | None = None
    """None: it is told by what is in it."""
    missing: Missing | None = None
    """What becomes of the entries that it leaves out. None: they end for YAML, and stay for every other kind."""


@dataclass(frozen=True)
class ImportFault:
    """Something wrong in a file, and what to do."""

    sheet: str
    """The sheet; the name of a file that has none."""
    row: int
    """From 1; the line of a text file; 0: the sheet or the file as a whole."""
    column: str
    """A letter, or the column of a text file; empty: the row as a whole."""
    what: Text
    remedy: Text | None = None


@dataclass(frozen=True)
class ImportPreview:
    """What an import would change, or all that keeps it from being done."""

    file: str
    kind: ImportKind
    missing: Missing
    revision: int
    """The revision that it was compared with."""
    faults: tuple[ImportFault, ...]
    changes: tuple[Change, ...]
    passed_over: int
    """Machines of a list that a system finds already; they are not added."""
    inventory: Inventory | None
    """What would be in force; None where there are faults."""
    digest: str
    """SHA-256 (hex) of what would be put in force, and over what: what a person confirms; empty with faults."""


@dataclass(frozen=True)
class Ground:
    """What an import is laid over: the inventory in force with its revision (0: none yet), the facts, and the day."""

    inventory: Inventory
    revision: int
    facts: Mapping[str, FactType]
    now: datetime

    @property
    def today(self) -> date:
        """The day on which what a file leaves out ends."""
        return today_of(self.inventory, self.now)


def preview_import(actor: Actor, file: ImportFile, ground: Ground) -> ImportPreview:
    """What a file would change; nothing is stored. Raises InvalidCommand where its kind is unknown or does not fit."""
    authorise(actor, Act.MANAGE_INVENTORY)
    try:
        kind = file.kind or _kind_of(file)
        missing = _missing_of(file, kind)
        if kind is ImportKind.YAML:
            return _whole(file, missing, ground)
        return _proposed(file, kind, missing, ground)
    except Unreadable as error:
        fault = ImportFault(file.name, 0, "", error.text())
        kind = file.kind or ImportKind.TABLES
        return ImportPreview(file.name, kind, Missing.KEEP, ground.revision, (fault,), (), 0, None, "")


def import_previewed(
    session: Session, actor: Actor, preview: ImportPreview, now: datetime, *, reason: str = "", seen: str | None = None
) -> Changed:  # fmt: skip
    """Put in force what was previewed. `seen` is the digest that a person confirms, where they were shown one.

    Raises InvalidCommand with faults, where something else was shown, and where the inventory changed since.
    """
    authorise(actor, Act.MANAGE_INVENTORY)
    if preview.inventory is None:
        raise InvalidCommand(N_("the file has faults: correct them, then import it again; nothing was imported"))
    if seen is not None and seen != preview.digest:
        raise InvalidCommand(
            N_("what the import would change is no longer what you were shown: look at the changes again")
        )
    also = {"file": preview.file.replace("\\", "/").rpartition("/")[2][:200], "kind": str(preview.kind)}
    return put_in_force(
        session, actor, preview.inventory, now, reason=reason, expected=preview.revision, note=IMPORTED, also=also
    )


def _kind_of(file: ImportFile) -> ImportKind:
    if file.name.lower().endswith((".yaml", ".yml")):
        return ImportKind.YAML
    found = kind_of(file.raw, file.name)
    if found is None:
        raise InvalidCommand(
            N_("what %(name)s holds cannot be told: say of which kind it is (%(kinds)s)"),
            name=file.name or "?",
            kinds=[str(one) for one in ImportKind],
        )
    return ImportKind(found)


def _missing_of(file: ImportFile, kind: ImportKind) -> Missing:
    missing = file.missing or (Missing.END if kind is ImportKind.YAML else Missing.KEEP)
    if missing is Missing.REMOVE and kind is not ImportKind.YAML:
        raise InvalidCommand(N_("only a whole inventory (YAML) can remove what it leaves out: end it, or keep it"))
    if missing is Missing.END and kind is not ImportKind.YAML and kind not in COMPLETE:
        raise InvalidCommand(N_("a list of machines is never complete: what it leaves out is kept"))
    return missing


def _whole(file: ImportFile, missing: Missing, ground: Ground) -> ImportPreview:
    try:
        text = file.raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.raw.count(b"\n", 0, error.start) + 1
        said = Text(
            fr="Ce fichier ne peut pas être lu : ce n’est pas du texte UTF-8. Enregistrez-le dans ce codage.",
            en="This cannot be read: it is not UTF-8 text. Save the file again with the encoding UTF-8.",
        )
        return _with_faults(file, ImportKind.YAML, missing, ground, [ImportFault(file.name, line, "1", said)])
    found, faults = read_inventory(text, file.name, ground.facts)
    if found is None:
        lines = [ImportFault(one.path, one.line, str(one.column), Text(fr=one.message)) for one in faults]
        return _with_faults(file, ImportKind.YAML, missing, ground, lines)
    return _compared(
        file, ImportKind.YAML, missing, ground, replaced_by(ground.inventory, found, missing, ground.today)
    )


def _proposed(file: ImportFile, kind: ImportKind, missing: Missing, ground: Ground) -> ImportPreview:
    reading = read_inventory_file(file.raw, FileKind(kind), file.name, ground.inventory)
    proposal = reading.proposal
    if proposal is None:
        cells = [ImportFault(one.sheet, one.row, one.column, one.what, one.remedy) for one in reading.faults]
        return _with_faults(file, kind, missing, ground, cells)
    given = len(proposal.systems)
    if proposal.is_partial:
        proposal = machines_not_yet_known(ground.inventory, proposal)
    ends = _complete_parts(kind, proposal) if missing is Missing.END else frozenset()
    try:
        inventory = merged(ground.inventory, proposal, ends_missing=ends, on=ground.today)
    except ValidationError as error:  # each is sound, yet not what comes of both
        faults = [ImportFault(file.name, 0, "", _placed(one)) for one in error.errors()]
        return _with_faults(file, kind, missing, ground, faults)
    made = _compared(file, kind, missing, ground, without_stand_in(inventory))
    return replace(made, passed_over=given - len(proposal.systems))


def _placed(error: ErrorDetails) -> Text:
    """What does not fit, with the way to it."""
    way, said = ".".join(map(str, error["loc"])), misfit_of(error)
    return Text(fr=f"{way} : {said.fr}", en=f"{way}: {said.en}") if way else said


def _complete_parts(kind: ImportKind, proposal: Proposal) -> frozenset[str]:
    parts = COMPLETE[kind]
    return parts if parts is not None else frozenset(part for part, entries in proposal.entries() if entries)


def _compared(
    file: ImportFile, kind: ImportKind, missing: Missing, ground: Ground, inventory: Inventory
) -> ImportPreview:  # fmt: skip
    broken = [sentence for _, sentence in inventory.faults()]
    known = () if broken else _strange(ground.inventory, ground.facts)
    found = broken or [one for one in _strange(inventory, ground.facts) if one not in known]
    if found:
        faults = [ImportFault(file.name, 0, "", Text(fr=one)) for one in found]
        return _with_faults(file, kind, missing, ground, faults)
    present = ground.inventory if ground.revision else Inventory(organisations=())
    digest = hashlib.sha256(
        rfc8785.dumps({"over": ground.revision, "inventory": inventory.model_dump(mode="json")})
    ).hexdigest()
    changes = tuple(changes_between(present, inventory))
    return ImportPreview(file.name, kind, missing, ground.revision, (), changes, 0, inventory, digest)


def _strange(inventory: Inventory, facts: Mapping[str, FactType]) -> tuple[str, ...]:
    return (*strange_words(inventory, facts), *unsound_entries(inventory))


def _with_faults(
    file: ImportFile, kind: ImportKind, missing: Missing, ground: Ground, faults: Iterable[ImportFault]
) -> ImportPreview:  # fmt: skip
    return ImportPreview(file.name, kind, missing, ground.revision, tuple(faults), (), 0, None, "")
