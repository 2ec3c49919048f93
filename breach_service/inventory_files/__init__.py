"""Files that an inventory is imported from and exported to: pure functions of bytes.

Every reader gives a `Reading`: what the file proposes, or every faulty cell by sheet, row and column. Nothing is
imported here: `domain.inventory.merged` lays a proposal over the inventory, `changes_between` shows what that changes.
"""

from breach_service.inventory_files.faults import CellFault, Unreadable
from breach_service.inventory_files.files import FileKind, read_inventory_file
from breach_service.inventory_files.machines import glpi_computers, netbox_machines
from breach_service.inventory_files.misfits import misfit_of
from breach_service.inventory_files.platforms import kubernetes_systems, prometheus_systems
from breach_service.inventory_files.reading import Reading, id_from
from breach_service.inventory_files.recognising import kind_of
from breach_service.inventory_files.register import register_in
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.soundness import unsound_entries, unsound_fields, unsound_value
from breach_service.inventory_files.spreadsheets import read_spreadsheet
from breach_service.inventory_files.table_columns import Column, Form, columns_of, way_of
from breach_service.inventory_files.tables import entries_in, entries_of_sheets, inventory_as_csv
from breach_service.inventory_files.texts import read_csv
from breach_service.inventory_files.words import FaultKind

__all__ = [
    "CellFault",
    "Column",
    "FaultKind",
    "FileKind",
    "Form",
    "Reading",
    "Sheet",
    "Unreadable",
    "columns_of",
    "entries_in",
    "entries_of_sheets",
    "glpi_computers",
    "id_from",
    "inventory_as_csv",
    "kind_of",
    "kubernetes_systems",
    "misfit_of",
    "netbox_machines",
    "prometheus_systems",
    "read_csv",
    "read_inventory_file",
    "read_spreadsheet",
    "register_in",
    "unsound_entries",
    "unsound_fields",
    "unsound_value",
    "way_of",
]
