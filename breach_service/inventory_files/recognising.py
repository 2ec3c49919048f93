"""Of which kind a file is, told by what is in it; its name counts only for a CSV table of ours, which has no other."""

import json
from collections.abc import Iterable

from breach_service.domain.inventory import PARTS
from breach_service.inventory_files.archives import Archive
from breach_service.inventory_files.faults import Unreadable
from breach_service.inventory_files.files import FileKind, part_of
from breach_service.inventory_files.reading import plain
from breach_service.inventory_files.register_sheet import is_register_sheet
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.spreadsheets import read_spreadsheet
from breach_service.inventory_files.texts import read_csv, text_of

_ZIP = b"PK"
_GLPI = frozenset({"nom", "entite", "entity", "lieu", "fabricant", "manufacturer", "statut", "modele", "model"})
_NETBOX = frozenset(
    {"tenant", "site", "rack", "role", "device role", "cluster", "primary ip", "ip address", "platform"}
)


def kind_of(raw: bytes, name: str) -> FileKind | None:
    """Of which kind a file is; None where nothing tells it. YAML is no `FileKind`, and gives None.

    Raises Unreadable for a spreadsheet that cannot be opened.
    """
    if raw.startswith(_ZIP):
        return _kind_of_archive(raw)
    try:
        text = text_of(raw).lstrip()
    except Unreadable:
        return None
    if text.startswith("{"):
        return _kind_of_json(text)
    return _kind_of_csv(raw, name) if name.lower().endswith((".csv", ".txt", ".tsv")) else None


def _kind_of_archive(raw: bytes) -> FileKind:
    if any(one.lower().endswith(".csv") for one in Archive(raw).names):
        return FileKind.TABLES
    sheets = read_spreadsheet(raw)
    return FileKind.TABLES if _are_tables(sheets) else FileKind.CNIL_REGISTER


def _are_tables(sheets: Iterable[Sheet]) -> bool:
    """One sheet of a register makes it one: ours have a column `id` and are called after a part."""
    found = [one for one in sheets if one.cells]
    return not any(is_register_sheet(one) for one in found) and any(
        one.name.strip().lower() in PARTS or _has_ids(one) for one in found
    )


def _has_ids(sheet: Sheet) -> bool:
    return bool(sheet.rows) and "id" in sheet.row(sheet.rows[0]).values()


def _kind_of_json(text: str) -> FileKind | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    if "items" in document or "metadata" in document:
        return FileKind.KUBERNETES
    data = document.get("data")
    return FileKind.PROMETHEUS if isinstance(data, dict) and "activeTargets" in data else None


def _kind_of_csv(raw: bytes, name: str) -> FileKind | None:
    if part_of(name) in PARTS:
        return FileKind.TABLES
    try:
        sheet = read_csv(raw, name)
    except Unreadable:
        return None
    titles = {plain(one) for one in sheet.row(sheet.rows[0]).values()} if sheet.rows else set()
    marks = len(titles & _GLPI), len(titles & _NETBOX)
    if titles & {"nom", "name"} and marks[0] != marks[1]:
        return FileKind.GLPI if marks[0] > marks[1] else FileKind.NETBOX
    return FileKind.TABLES if _has_ids(sheet) else None
