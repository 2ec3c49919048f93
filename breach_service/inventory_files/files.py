"""Any file of a kind that somebody names, as one reading."""

from enum import StrEnum

from breach_service.domain.inventory import Inventory
from breach_service.inventory_files.archives import Archive
from breach_service.inventory_files.machines import glpi_computers, netbox_machines
from breach_service.inventory_files.platforms import kubernetes_systems, prometheus_systems
from breach_service.inventory_files.reading import Reading
from breach_service.inventory_files.register import register_in
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.spreadsheets import read_spreadsheet
from breach_service.inventory_files.tables import entries_in, entries_of_sheets
from breach_service.inventory_files.texts import read_csv

_ZIP = b"PK"


class FileKind(StrEnum):
    """What a file is (YAML is read by `catalog.read_inventory`)."""

    CNIL_REGISTER = "cnil_register"
    """ODS or XLSX."""
    TABLES = "tables"
    """Our own: one CSV called after its part (`clients.csv`), a zip of them, or a spreadsheet of such sheets."""
    GLPI = "glpi"
    NETBOX = "netbox"
    KUBERNETES = "kubernetes"
    PROMETHEUS = "prometheus"


def read_inventory_file(raw: bytes, kind: FileKind, name: str, present: Inventory | None = None) -> Reading:
    """What a file proposes, or its faults. `name` is that of the file: CSV has no other name for its one sheet.

    References of our own tables may lead into the `present` inventory. Raises Unreadable.
    """
    match kind:
        case FileKind.CNIL_REGISTER:
            return register_in(read_spreadsheet(raw))
        case FileKind.TABLES if raw.startswith(_ZIP):
            tables = _csv_files_in(raw)
            return entries_in(tables, present) if tables else entries_of_sheets(read_spreadsheet(raw), present)
        case FileKind.TABLES:
            return entries_in({part_of(name): read_csv(raw, name)}, present)
        case FileKind.GLPI:
            return glpi_computers(read_csv(raw, name))
        case FileKind.NETBOX:
            return netbox_machines(read_csv(raw, name))
        case FileKind.KUBERNETES:
            return kubernetes_systems(raw)
        case FileKind.PROMETHEUS:
            return prometheus_systems(raw)


def part_of(name: str) -> str:
    """The part of the inventory that a file of ours is called after: `clients` for `export/clients.csv`."""
    return name.replace("\\", "/").rpartition("/")[2].partition(".")[0].strip().lower()


def _csv_files_in(raw: bytes) -> dict[str, Sheet]:
    """The CSV files of a zip by the part that each is called after; empty for what holds none."""
    archive = Archive(raw)
    names = sorted(one for one in archive.names if one.lower().endswith(".csv") and not _is_of_the_system(one))
    return {part_of(one): read_csv(b"".join(archive.chunks(one)), one.rpartition("/")[2]) for one in names}


def _is_of_the_system(name: str) -> bool:
    """True for what a computer packs beside what was meant (`__MACOSX/._clients.csv`)."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
