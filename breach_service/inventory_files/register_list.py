"""The sheet « Liste des traitements » of the CNIL's register."""

from collections.abc import Mapping
from dataclasses import dataclass

from breach_service.inventory_files.faults import CellFault, fault_at
from breach_service.inventory_files.reading import plain
from breach_service.inventory_files.register_sheet import Cell
from breach_service.inventory_files.register_words import LIST_TITLES
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.values import day_of, said, yes_or_no
from breach_service.inventory_files.words import FaultKind


@dataclass(frozen=True)
class Listed:
    """One row of the list."""

    name: Cell
    reference: Cell
    special: Cell
    transfers: Cell

    @property
    def has_special(self) -> bool | None:
        """Whether it says that there are sensitive data; None where it does not say."""
        return yes_or_no(self.special.text)

    @property
    def has_transfers(self) -> bool | None:
        """Whether it says that data leave the European Union; None where it does not say."""
        return yes_or_no(self.transfers.text)


def listed_in(sheet: Sheet) -> tuple[list[Listed], list[CellFault]]:
    """The rows of the list and their faults; nothing of a sheet that is no list (a manual, a list of words)."""
    top = next((row for row in sheet.rows if {"name", "reference"} <= set(_columns(sheet, row).values())), None)
    if top is None:
        return [], []
    columns = _columns(sheet, top)
    for row in (top - 1, top + 1):  # « Données sensibles ? » stands above « Oui/non », or beside it
        columns = {**_columns(sheet, row), **columns} if not _is_entry(sheet, row, columns) else columns
    places = {name: at for at, name in reversed(columns.items())}
    found, faults = [], []
    for row in (one for one in sheet.rows if one > top):
        cells = {name: Cell((row, at), said(sheet.at(row, at))) for name, at in places.items()}
        if any(cells[one].text for one in ("name", "reference")) and _is_entry(sheet, row, columns):
            faults += _faults(sheet.name, cells)
            nothing = Cell((row, 1))
            found.append(
                Listed(
                    cells["name"], cells["reference"], cells.get("special", nothing), cells.get("transfers", nothing)
                )
            )
    return found, faults


def _columns(sheet: Sheet, row: int) -> dict[int, str]:
    known = {title: name for name, titles in LIST_TITLES.items() for title in titles}
    found: dict[int, str] = {}
    for at, text in sheet.row(row).items():
        name = known.get(plain(text).split(" (")[0].rstrip(" ?"))
        if name is not None and name not in found.values():
            found[at] = name
    return found


def _is_entry(sheet: Sheet, row: int, columns: Mapping[int, str]) -> bool:
    """False for a row of titles, for the empty one and for a note under the list, which stands alone in its row."""
    cells = sheet.row(row)
    is_title = bool(_columns(sheet, row)) or "oui/non" in {plain(one).replace(" ", "") for one in cells.values()}
    return not is_title and len(set(cells) & set(columns)) > 1


def _faults(sheet: str, cells: Mapping[str, Cell]) -> list[CellFault]:
    found = []
    for name, title in (("name", "Nom du traitement"), ("reference", "N° / RÉF")):
        if not cells[name].text:
            found.append(fault_at(sheet, *cells[name].place, FaultKind.MISSING_VALUE, "", title))
    for name in ("created", "updated"):
        cell = cells.get(name)
        if cell is not None and cell.text and day_of(cell.text) is None:
            found.append(fault_at(sheet, *cell.place, FaultKind.NOT_A_DATE, cell.text))
    for name in ("special", "transfers"):
        cell = cells.get(name)
        if cell is not None and cell.text and yes_or_no(cell.text) is None:
            found.append(fault_at(sheet, *cell.place, FaultKind.NOT_YES_OR_NO, cell.text))
    created, updated = (day_of(cells[one].text) if one in cells else None for one in ("created", "updated"))
    if created and updated and updated < created:
        kind = FaultKind.DATE_BEFORE_CREATION
        found.append(fault_at(sheet, *cells["updated"].place, kind, updated.isoformat(), created.isoformat()))
    return found
