"""The files themselves: a directory of content, and an operator's own directory laid over it."""

from dataclasses import replace
from pathlib import Path

from breach_service.catalog.catalogue import CatalogueReading, Recall, catalogue_from
from breach_service.catalog.faults import Fault
from breach_service.catalog.shelf import FOLDERS

IGNORED = frozenset({"README.md", "schemas"})
"""What people and their editors read."""


def read_catalogue(directory: Path, overlay: Path | None = None, recall: Recall = lambda _: None) -> CatalogueReading:
    """Read a directory of content; a file of the overlay replaces the shipped file of the same path, whole.

    Since a rule, a regime and a playbook is called after its id, this replaces them by id. A replaced rule that says
    `status: retired` is thereby switched off. Faults of the overlay's files carry the name of its directory.
    """
    documents, faults = read_documents(directory)
    own: dict[str, str] = {}
    if overlay is not None:
        own, found = read_documents(overlay)
        faults += [_beneath(overlay, fault) for fault in found]
    reading = catalogue_from({**documents, **own}, recall)
    unread = {fault.path for fault in faults}
    for fault in reading.faults:
        if fault.path not in unread:  # a file that could not be read is not missing as well
            faults.append(_beneath(overlay, fault) if overlay is not None and fault.path in own else fault)
    faults = sorted(set(faults))
    return CatalogueReading(None if faults else reading.catalogue, tuple(faults), reading.parsed)


def _beneath(overlay: Path, fault: Fault) -> Fault:
    return replace(fault, path=f"{overlay.name}/{fault.path}")


def read_documents(directory: Path) -> tuple[dict[str, str], list[Fault]]:
    """Every content file of a directory by relative path, and a fault for everything that is not one.

    Directories whose name starts with two dots are how Kubernetes swaps mounted volumes; they hold nothing else.
    """
    documents: dict[str, str] = {}
    faults: list[Fault] = []
    if not directory.is_dir():
        return documents, [Fault(str(directory), 1, 1, "there is no such directory: check the path")]
    for entry in sorted(directory.iterdir()):
        if entry.name.startswith("..") or entry.name in IGNORED:
            continue
        if not entry.is_dir():
            _read(entry, entry.name, documents, faults)
        elif entry.name in FOLDERS:
            for file in sorted(entry.iterdir()):
                _read(file, f"{entry.name}/{file.name}", documents, faults)
        else:
            faults.append(Fault(entry.name, 1, 1, f"content stands in {', '.join(FOLDERS)}: move this directory away"))
    return documents, faults


def _read(file: Path, path: str, documents: dict[str, str], faults: list[Fault]) -> None:
    if file.is_dir():
        faults.append(Fault(path, 1, 1, "a directory stands where a .yaml file is expected: move it away"))
        return
    if file.suffix != ".yaml":
        faults.append(Fault(path, 1, 1, "this is not a .yaml file: rename it, or move it away"))
        return
    content = file.read_bytes()
    try:
        documents[path] = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        faults.append(Fault(path, line, column, "this is not UTF-8 text: save the file again with the encoding UTF-8"))
