"""Any spreadsheet as sheets of cells."""

from breach_service.inventory_files.archives import Archive
from breach_service.inventory_files.faults import Unreadable
from breach_service.inventory_files.ods import read_ods
from breach_service.inventory_files.sheets import Sheet
from breach_service.inventory_files.words import FaultKind
from breach_service.inventory_files.xlsx import read_xlsx


def read_spreadsheet(raw: bytes) -> list[Sheet]:
    """The sheets of an ODS or XLSX file, told apart by what is inside. Raises Unreadable; no macro or link is followed.

    A formula stands for its last result; one without, or with an error, is a fault of its sheet.
    """
    archive = Archive(raw)
    if "xl/workbook.xml" in archive.names:
        return read_xlsx(archive)
    if "content.xml" in archive.names:
        return read_ods(archive)
    if "EncryptedPackage" in archive.names:
        raise Unreadable(FaultKind.ENCRYPTED)
    raise Unreadable(FaultKind.NOT_A_SPREADSHEET)
